package oracle

import (
	"slices"
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
	// Timeout is how long the client waits for each answer, 0 for forever. It
	// is in what Plan and Truth return already. If Whole is set, it is how long
	// a task may take, with all its attempts and the pauses between them.
	Timeout time.Duration
	Whole   bool
	// Coarse accepts the class of another error where the errors of HTTP
	// clients do not tell the two apart: see [record.Class].
	Coarse bool
	// Plain accepts any error for any other, for a client that reports no more
	// than that it failed. A 404 may be a failure, and a wrong Content-Type may
	// go unnoticed.
	Plain bool
	// Part is for a client that may read no more than the beginning of a body,
	// and take that for a success.
	Part bool
	// Means, if not nil, returns the classes that a report may stand for beside
	// its own, of a client that cannot say more, and why it is not known which
	// of them is meant, and after ": " what would tell; "" if each is right.
	Means func(record.Seen) (classes []record.Class, doubt string)
	// Success has the statuses beside 2xx that the client takes for a success,
	// such as 409 for what it has made before.
	Success []int
	// Unasked is why the client may end a task without a request for it.
	Unasked Unasked
	// Queue, if not nil, is the capacity of the server, whose tasks wait for
	// one another, and Visit what a task's only request meets when it is let
	// in.
	Queue *Queue
	Visit func(key string, occurrence int) Visit
	// Foreign reports whether the content is not the server's own: the answer
	// to a request may be another the next time.
	Foreign bool
	// Batch reports whether the tasks are those of a whole program that has a
	// pool of its own. When each starts and finishes is then not in its sample,
	// and Join adds it.
	Batch bool
	// Exact reports whether the journal's times are exact, as those of a
	// virtual clock are.
	Exact bool
	// Forgotten reports whether the journal lacks its oldest requests, as there
	// were more than a server keeps. Then nothing is said against a task that
	// may have had some of them.
	Forgotten bool
	// Late is how late the machine was at most, where the times are not exact.
	Late time.Duration
	// Skew is how far the times of samples may be off, either way, from those
	// of the journal: it is 0 unless they are of another machine's clock. What
	// tasks have within it is taken for what they may have had.
	Skew time.Duration
	// Epoch is the zero of the journal's times. The zero Epoch means that it is
	// not known, so that time does not tell which task a request belongs to.
	Epoch time.Time

	numbered bool   // the client says which attempts its requests are, by the journal
	rules    *rules // of all exchanges of a join
}

// Foretell returns what the plan alone says of a task: the attempt at which a
// correct client stops, and what the task comes to.
func (o Oracle) Foretell(key string, occurrence int) (attempt int, p record.Planned) {
	for attempt = 1; ; attempt++ {
		p = then(p, o.left(o.attempt(key, occurrence, attempt), p.PlannedService))
		if attempt >= o.Attempts || o.final(p) {
			return attempt, p
		}
		p.PlannedService += o.planned(attempt, p)
		if o.over(p.PlannedService) {
			p.PlannedService, p.PlannedClass = o.Timeout, record.Timeout
			return attempt, p
		}
	}
}

// attempt returns what the plan says of an attempt.
func (o Oracle) attempt(key string, occurrence, attempt int) record.Planned {
	return o.accepts(o.Plan(key, occurrence, attempt))
}

// accepts returns what is planned for a client that takes some statuses for a
// success.
func (o Oracle) accepts(p record.Planned) record.Planned {
	answer := p.PlannedClass == record.Status || p.PlannedClass == record.NotFound
	if answer && slices.Contains(o.Success, p.PlannedStatus) {
		p.PlannedClass = record.OK
	}
	return p
}

// final reports whether a correct client stops after an attempt that comes to
// what was planned.
func (o Oracle) final(p record.Planned) bool {
	return p.PlannedClass.Outcome() != record.OutcomeError || o.Whole && p.PlannedClass == record.Timeout ||
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
