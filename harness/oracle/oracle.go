package oracle

import (
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// An Oracle knows what every task of a workload should meet and report. Its
// functions may be called by any number of goroutines.
type Oracle struct {
	// Plan returns what the given attempt of a task should meet. Several tasks
	// may have one key: occurrence tells them apart. Both count from 1. Plan is
	// a pure function.
	Plan func(key string, occurrence, attempt int) record.Planned
	// Truth, if not nil, returns what a task should meet and report whose
	// request the server's journal has. It is there for what a plan leaves
	// open: faults that depend on when a request arrives, and requests that are
	// turned away. Of everything else it returns what Plan returns.
	Truth func(servers.Entry) record.Planned
	// Attempts is how many attempts at a key a client may make, 0 for one. A
	// correct client stops at the first whose outcome is not an error. That
	// attempt, or the last, is what the task should come to.
	Attempts int
	// Retry, if not nil, is the policy of the client. Without one a correct
	// client tries again after any error, though it may take a status from 400
	// to 499 for final, and waits as it likes.
	Retry *Retry
	// Coarse accepts the class of another error where the errors of HTTP
	// clients do not tell the two apart: see [record.Class].
	Coarse bool
	// Exact reports whether the journal's times are exact, as those of a
	// virtual clock are.
	Exact bool
	// Epoch is the zero of the journal's times. The zero Epoch means that it is
	// not known, so that time does not tell which task a request belongs to.
	Epoch time.Time
}

// Foretell returns what the plan alone says of a task: the attempt at which a
// correct client stops, and what the task comes to.
func (o Oracle) Foretell(key string, occurrence int) (attempt int, p record.Planned) {
	for attempt = 1; ; attempt++ {
		p = then(p, o.Plan(key, occurrence, attempt))
		if attempt >= o.Attempts || o.final(p) {
			return attempt, p
		}
		p.PlannedService += o.planned(attempt, p)
	}
}

// final reports whether a correct client stops after an attempt that comes to
// what was planned.
func (o Oracle) final(p record.Planned) bool {
	return p.PlannedClass.Outcome() != record.OutcomeError ||
		o.Retry != nil && !o.Retry.On(p.PlannedClass, p.PlannedStatus)
}

// planned returns the shortest pause after an attempt.
func (o Oracle) planned(attempt int, p record.Planned) time.Duration {
	least, _ := o.Retry.pause(attempt, p.PlannedPause)
	if o.Retry == nil {
		least = p.PlannedPause
	}
	return least
}

// then returns what a task comes to that makes another attempt right after
// those before it.
func then(before, next record.Planned) record.Planned {
	if before != (record.Planned{}) {
		next.PlannedMargin = min(next.PlannedMargin, before.PlannedMargin)
		next.PlannedLatency += before.PlannedLatency
		next.PlannedService += before.PlannedService
	}
	return next
}
