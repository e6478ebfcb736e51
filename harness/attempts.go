package harness

import "time"

// last is the attempt at which a correct client stops that may make n of them:
// the first whose outcome is no error, or the nth. What the task comes to is
// what that attempt does; it takes as long as all attempts so far, one right
// behind the other.
func last(n int, plan func(attempt int) Planned) (attempt int, p Planned) {
	var latency, service time.Duration
	for attempt = 1; ; attempt++ {
		margin := p.PlannedMargin
		p = plan(attempt)
		if attempt > 1 {
			p.PlannedMargin = min(p.PlannedMargin, margin)
		}
		latency, service = latency+p.PlannedLatency, service+p.PlannedService
		if attempt >= n || p.PlannedClass.Outcome() != OutcomeError {
			p.PlannedLatency, p.PlannedService = latency, service
			return attempt, p
		}
	}
}

// foretell is what the plan alone says of a task.
func (w *Workload) foretell(key string) (attempt int, p Planned) {
	return last(w.Attempts, func(attempt int) Planned { return w.Plan(key, attempt) })
}
