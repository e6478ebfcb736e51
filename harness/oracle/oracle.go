package oracle

import (
	"cmp"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/limits"
)

// An Oracle knows what every task of a workload should meet and report. Its
// functions may be called by any number of goroutines.
type Oracle struct {
	// Plan returns what the given attempt at key should meet. It is a pure
	// function.
	Plan func(key string, attempt int) record.Planned
	// Truth, if not nil, returns what a task should meet and report whose
	// request the server's journal has. It is there for what a plan leaves
	// open: faults that depend on when a request arrives, and requests that are
	// turned away. Of everything else it returns what Plan returns.
	Truth func(servers.Entry) record.Planned
	// Attempts is how many attempts at a key a client may make, 0 for one. A
	// correct client stops at the first whose outcome is not an error. That
	// attempt, or the last, is what the task should come to.
	Attempts int
}

// Foretell returns what the plan alone says of a task: the attempt at which a
// correct client stops, and what the task comes to.
func (o Oracle) Foretell(key string) (attempt int, p record.Planned) {
	return o.deciding(func(attempt int) record.Planned { return o.Plan(key, attempt) })
}

// deciding returns the attempt at which a correct client stops, and what it
// does. The task takes as long as all attempts so far, one right behind the
// other.
func (o Oracle) deciding(plan func(attempt int) record.Planned) (attempt int, p record.Planned) {
	var latency, service time.Duration
	for attempt = 1; ; attempt++ {
		margin := p.PlannedMargin
		p = plan(attempt)
		if attempt > 1 {
			p.PlannedMargin = min(p.PlannedMargin, margin)
		}
		latency, service = latency+p.PlannedLatency, service+p.PlannedService
		if attempt >= o.Attempts || p.PlannedClass.Outcome() != record.OutcomeError {
			p.PlannedLatency, p.PlannedService = latency, service
			return attempt, p
		}
	}
}

// A request is an attempt at a key.
type request struct {
	key     string
	attempt int
}

// Join adds to each sample what the server's journal says that it did at the
// attempt that decides. Of several requests for one key and attempt the last
// counts, which is the one that the client saw the end of: the hops of a
// redirect, or what a transport sends again. A nil journal adds nothing.
func (o Oracle) Join(samples []record.Sample, journal []servers.Entry) {
	if journal == nil {
		return
	}
	latest := make(map[request]*servers.Entry, len(journal))
	for i, e := range journal {
		latest[request{e.Key, e.Attempt}] = &journal[i]
	}
	for i := range samples {
		s := &samples[i]
		s.Attempt, s.Planned = o.deciding(func(attempt int) record.Planned {
			if e, asked := latest[request{s.Key, attempt}]; asked && o.Truth != nil {
				return o.Truth(*e)
			}
			return o.Plan(s.Key, attempt)
		})
		if s.Did = record.ActionNoRequest; len(journal) >= servers.JournalLimit {
			s.Did = "" // it may have been forgotten
		}
		if e, asked := latest[request{s.Key, s.Attempt}]; asked {
			s.Served, s.Did = e.Status, action(e)
		}
	}
}

// action is what the server did to a request, as a sample's Did names it.
func action(e *servers.Entry) string {
	if e.TurnedAway != "" && e.TurnedAway != limits.ByClient {
		return record.ActionTurnedAway
	}
	return cmp.Or(string(e.Met), record.ActionClientLeft)
}
