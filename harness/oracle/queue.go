package oracle

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/limits"
)

// A Queue is a server of limited capacity, and clients of which each sends one
// request. What a request meets there depends on all others, and follows from
// when each comes and how long it takes to be served: so many are served at
// once, so many more wait, first come, first served, and the rest are refused.
// In Kendall's notation a Poisson workload on it is M/G/c/K, with c of
// Concurrent and K of that and Queue.
type Queue struct {
	Capacity limits.Capacity
	Timeout  time.Duration // of the client, 0 for forever; the wait counts against it
}

// A Visit is one task's request to a [Queue].
type Visit struct {
	Due  time.Duration // of the task
	Rank uint64        // orders requests that come at one instant, the lowest first
	Fate servers.Fate  // what it meets when it is let in
}

// Ideal computes what an ideal executor makes of tasks in this order: each
// starts on the first of so many workers (0 for as many as there are tasks)
// that is free, no earlier than it is due and than the one before it, and sends
// its request at once. It takes O(n log n) time.
func (q Queue) Ideal(visits []Visit, workers int, delivery record.Delivery) *record.Ideal {
	d := &day{
		queue: q, visits: visits, idle: workers, places: q.Capacity.Concurrent,
		came: make([]time.Duration, len(visits)), waits: make([]bool, len(visits)),
		ideal: &record.Ideal{
			Tasks:    make([]record.IdealTask, len(visits)),
			Classes:  map[record.Class]int{},
			Outcomes: map[record.Outcome]int{},
		},
	}
	if workers <= 0 {
		d.idle = len(visits)
	}
	for d.next < len(visits) || len(d.ends) > 0 {
		d.step()
	}
	d.deliver(delivery)
	return d.ideal
}

// Foresee returns what an ideal executor makes of these tasks at the queue of
// the server. ok is false if there is none, or if the journal has more requests
// than one for each task: those of clients that try again, say, are not
// foreseen, nor are the executors of several load generators, where they have a
// limit.
func (o Oracle) Foresee(rec *record.Recording, journal []servers.Entry) (ideal *record.Ideal, ok bool) {
	if len(rec.Generators) > 1 && rec.Workers > 0 {
		return nil, false
	}
	if o.Queue == nil || len(journal) > len(rec.Samples) || slices.ContainsFunc(journal, further) {
		return nil, false
	}
	visits := make([]Visit, len(rec.Samples))
	for i, s := range rec.Samples {
		visits[i] = o.Visit(s.Key, max(s.Occurrence, 1))
		visits[i].Due = s.Due
	}
	return o.Queue.Ideal(visits, rec.Workers, rec.Delivery), true
}

// further reports whether a request is not the first of its task.
func further(e servers.Entry) bool { return e.Attempt > 1 || e.Hop > 0 || e.Resent }

// settling is how long a server under the virtual clock takes to tell who came
// first of those who came at one instant: see [limits.NewGate].
const settling = time.Nanosecond

// A day is what goes on at a queue. Time goes from event to event: at each
// instant those who end make room before others come.
type day struct {
	queue   Queue
	visits  []Visit
	ideal   *record.Ideal
	now     time.Duration
	next    int // the first task that has not started
	idle    int // workers
	places  int // that are free
	came    []time.Duration
	waits   []bool // for a place
	waiting []int  // those, first come, first served, and some that have gone
	queued  int    // how many of them have not gone
	ends    endings
}

// step goes to the next instant.
func (d *day) step() {
	at := never
	if len(d.ends) > 0 {
		at = d.ends[0].at
	}
	if d.next < len(d.visits) && d.idle > 0 {
		at = min(at, d.visits[d.next].Due)
	}
	for d.now = max(d.now, at); len(d.ends) > 0 && d.ends[0].at <= d.now; {
		d.end(heap.Pop(&d.ends).(ending))
	}
	var come []int
	for ; d.next < len(d.visits) && d.idle > 0 && d.visits[d.next].Due <= d.now; d.next++ {
		t, fate := &d.ideal.Tasks[d.next], d.visits[d.next].Fate
		if t.Started = d.now; fate.Fault.BeforeRequest() {
			t.Finished, t.Class = d.now, Truth(fate, d.queue.Timeout).PlannedClass
			continue // its worker is free at once
		}
		d.idle--
		come = append(come, d.next)
	}
	slices.SortStableFunc(come, func(a, b int) int { return cmp.Compare(d.visits[a].Rank, d.visits[b].Rank) })
	for _, i := range come {
		d.come(i)
	}
}

// come has a request come to the server.
func (d *day) come(i int) {
	d.came[i] = d.now
	c := d.queue.Capacity
	switch {
	case d.places > 0:
		d.serve(i)
	case c.Policy != limits.Wait && (c.Policy != "" || c.Queue > 0) && d.queued >= c.Queue:
		heap.Push(&d.ends, ending{d.now + settling, i, turned, refusal(c.Policy)})
	default:
		d.waits[i] = true
		d.queued++
		d.waiting = append(d.waiting, i)
		if d.queue.Timeout > 0 {
			heap.Push(&d.ends, ending{d.now + d.queue.Timeout, i, left, record.Timeout})
		}
	}
}

// refusal is what a client reports that a full server turns away.
func refusal(p limits.Policy) record.Class {
	if p == limits.Refuse {
		return record.Reset
	}
	return record.Status
}

// serve lets a request in.
func (d *day) serve(i int) {
	d.places--
	p := queued(d.now-d.came[i], d.visits[i].Fate, d.queue.Timeout)
	at := d.now + p.PlannedService
	if p.PlannedClass == record.Timeout {
		at = d.came[i] + d.queue.Timeout
	}
	heap.Push(&d.ends, ending{at, i, served, p.PlannedClass})
}

// end has a request end, and lets others in if it had a place.
func (d *day) end(e ending) {
	if e.how == left {
		if !d.waits[e.task] {
			return // it was let in
		}
		d.waits[e.task] = false
		d.queued--
	}
	t := &d.ideal.Tasks[e.task]
	t.Finished, t.Class = e.at, e.class
	if d.idle++; e.how == served {
		d.places++
	}
	for len(d.waiting) > 0 && d.places > 0 {
		i := d.waiting[0]
		if d.waiting = d.waiting[1:]; d.waits[i] {
			d.waits[i] = false
			d.queued--
			d.serve(i)
		}
	}
}

// deliver sets when each result is delivered, and the totals.
func (d *day) deliver(delivery record.Delivery) {
	inOrder := time.Duration(0)
	for i := range d.ideal.Tasks {
		t := &d.ideal.Tasks[i]
		inOrder = max(inOrder, t.Finished)
		if t.Delivered = t.Finished; delivery == record.InOrder {
			t.Delivered = inOrder
		}
		d.ideal.Makespan = max(d.ideal.Makespan, t.Finished)
		d.ideal.Classes[t.Class]++
		d.ideal.Outcomes[t.Class.Outcome()]++
	}
}

// An ending is the end of a request.
type ending struct {
	at    time.Duration
	task  int
	how   int
	class record.Class
}

// How a request ends.
const (
	served = iota // which frees a place
	turned        // away
	left          // while it waited
)

// endings are a heap with the first on top.
type endings []ending

var _ heap.Interface = new(endings)

// Len implements [heap.Interface].
func (e endings) Len() int { return len(e) }

// Less implements [heap.Interface].
func (e endings) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].task < e[j].task
}

// Swap implements [heap.Interface].
func (e endings) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push implements [heap.Interface].
func (e *endings) Push(x any) { *e = append(*e, x.(ending)) }

// Pop implements [heap.Interface].
func (e *endings) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
