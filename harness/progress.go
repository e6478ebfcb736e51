package harness

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/rounded"
)

const (
	// pause is what a client may wait before it tries again, where the plan
	// does not say.
	pause = 10 * time.Second
	// silent is the limit of a run whose plan does not say how long any task
	// takes.
	silent = 5 * time.Minute
	// announced is how long a wait under the real clock goes on before it is
	// announced.
	announced = 10 * time.Second
)

// limit returns how long a run may go on without the end of any task while
// some are under way: the deadline beyond the longest planned task, or, where
// the deadline is 0, a time that only a run which will never end can reach.
func (r *recorder) limit(deadline time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case deadline > 0:
		return deadline + r.longest
	case r.longest == 0:
		return silent
	}
	return time.Minute + 10*r.longest
}

// atMost returns how long a task takes by plan, with pauses.
func atMost(s *record.Sample) time.Duration {
	return s.PlannedService + time.Duration(s.Attempt-1)*pause
}

// limitNow returns the limit of the run by the tasks that there are so far.
func (r *run) limitNow() time.Duration { return r.recorder.limit(r.trial.Deadline) }

// A hang is why a run was given up: no task ended for the limit.
type hang struct {
	limit  time.Duration
	keys   []string // of the tasks that had not ended
	tasks  string   // that were under way, and for how long
	sooner string   // what would have ended it sooner
}

func (h hang) Error() string {
	return fmt.Sprintf("no task ended for %v%s: %s", rounded.Nearest(h.limit), h.sooner, h.tasks)
}

// sooner says what has a run given up sooner, unless that was said to the
// trial, or the time that passes is simulated.
func (r *run) sooner() string {
	if r.trial.Deadline > 0 || r.trial.Clock == record.Virtual {
		return ""
	}
	return " (sooner with a deadline, such as deadline: 10s)"
}

// watch gives the run up when no task has ended for the limit, and announces it
// when that is near, until ctx is done.
func (r *run) watch(ctx context.Context, giveUp context.CancelCauseFunc) {
	_, soon := r.limits()
	timer := time.NewTimer(soon)
	defer timer.Stop()
	told := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		limit, soon := r.limits()
		quiet := r.recorder.quiet()
		if quiet < soon {
			told = false
			timer.Reset(soon - quiet)
			continue
		}
		if !told && soon < limit { // also where this comes as late as the limit
			told = true
			r.trial.Hung(fmt.Sprintf("no task has ended for %v: %s; the run is given up after %v%s",
				quiet.Round(time.Second), r.recorder.underWay(), limit, r.sooner()))
		}
		if quiet >= limit {
			giveUp(hang{limit, r.recorder.unfinished(), r.recorder.underWay(), r.sooner()})
			return
		}
		timer.Reset(limit - quiet)
	}
}

// limits returns the limit of the run, and when a wait is announced, which is
// never under the virtual clock.
func (r *run) limits() (limit, soon time.Duration) {
	limit = r.limitNow()
	if r.trial.Clock == record.Virtual || r.trial.Hung == nil {
		return limit, limit
	}
	return limit, min(announced, limit/2)
}

// announce says after a while under the real clock what the run waits for,
// until the function is called that it returns.
func (r *run) announce(what string, limit time.Duration) (stop func()) {
	if r.trial.Clock == record.Virtual || r.trial.Hung == nil || limit <= announced {
		return func() {}
	}
	timer := time.AfterFunc(announced, func() {
		r.trial.Hung(fmt.Sprintf("%s for %v; the run is given up after %v%s", what, announced, limit, r.sooner()))
	})
	return func() { timer.Stop() }
}

// quiet returns for how long no task has ended while some were under way.
func (r *recorder) quiet() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.outstanding == 0 {
		return 0
	}
	return time.Since(r.start) - r.moved
}

// underWay describes the tasks that have been submitted and have not ended:
// which are running, and for how long, the longest first.
func (r *recorder) underWay() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.batch != nil {
		return r.said()
	}
	const most = 5
	now := time.Since(r.start)
	var running []string
	runs, waits, undelivered := 0, 0, 0
	for _, s := range r.submittedByStart() {
		switch {
		case s.Finished >= 0:
			undelivered++
		case s.Started < 0:
			waits++
		default:
			if runs++; runs <= most {
				running = append(running, fmt.Sprintf("%s for %v", s.Key, (now-s.Started).Round(time.Millisecond)))
			}
		}
	}
	if runs > most {
		running = append(running, fmt.Sprintf("%d more", runs-most))
	}
	if runs+waits+undelivered == 0 {
		return "the iteration has not ended"
	}
	text := fmt.Sprintf("%d running", runs)
	if runs > 0 {
		text += " (" + strings.Join(running, ", ") + ")"
	}
	if waits > 0 {
		text += fmt.Sprintf(", %d not started", waits)
	}
	if undelivered > 0 {
		text += fmt.Sprintf(", %d finished and not delivered", undelivered)
	}
	return text
}
