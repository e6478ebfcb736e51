// Package gate decides which task runs when: it keeps the queue and the places
// of an executor, and has three ways of running what has got one. It knows
// nothing of what tasks return; package executor has the futures, and shows the
// executors to users.
package gate

import (
	"context"
	"errors"
	"runtime/pprof"
	"sync"
	"sync/atomic"

	"github.com/teapot-go/teapot/executor/internal/contain"
)

// A Gate is what the executors here have in common: it admits tasks until it is
// shut, keeps those that wait, hands out as many places as there are tasks that
// may run at once, and knows when the last task has run.
//
// A goroutine that runs a task holds a place for it. When the task ends, or
// while it waits for something, the place goes to whoever is next: first a task
// whose wait is over, then the oldest one that waits to start. While tasks
// wait, no place is free unless a goroutine is on its way to take it.
type Gate struct {
	mu        sync.Mutex        // let go by unlock
	calm      atomic.Bool       // nobody else has a claim on the place of a goroutine that has ended a task
	quick     atomic.Bool       // calm, and it may take the next task of the queue without mu
	limit     int               // of places; 0 for none
	running   int               // places held; beyond the limit only after Tune, Caller or a wait that ended by its context
	present   int               // goroutines, whether they run a task, wait or are idle
	waiting   queue[Task]       // accepted and not started
	batches   *Batch            // ahead of those: begun, and not all of it
	returning queue[*applicant] // tasks whose wait is over
	entering  queue[*applicant] // submits that wait for room
	shut      bool              // no task is admitted
	empty     chan struct{}     // closed when the gate is shut and nobody is present
	bound     int               // of waiting; 0 for none
	full      Full              // what is done with a task for which there is no room
	coming    int               // 1 while a goroutine with a place is on its way to the queue
	labels    context.Context   // of new goroutines, or nil
	host      context.Context   // what tasks are run with
	crew      crew
}

// A Task is what goes through a gate.
type Task interface{ Run(ctx context.Context) }

// ErrShutdown is the refusal of a gate that is shut.
var ErrShutdown = errors.New("executor: shut down")

// adopt tells a task which gate has it, before anybody else can know.
func adopt(t Task, g *Gate) {
	if t, ok := t.(interface{ Adopt(g *Gate) }); ok {
		t.Adopt(g)
	}
}

func contextOf(t Task) context.Context {
	if t, ok := t.(interface{ Context() context.Context }); ok {
		return t.Context()
	}
	return context.Background()
}

// A crew starts or wakes a goroutine that runs an errand in a place that is
// already counted. The caller holds the gate's mu.
type crew interface{ begin(e errand) }

// An errand is a task to begin with, or the queue's oldest if there is none.
type errand struct {
	task  Task
	owner *Place  // whose place it is: of the task that waits for this one
	claim Awaited // the task that owner waits for
}

// nothing stands for a task that has ended its goroutine.
type nothing struct{}

func (nothing) Run(context.Context) {}

// An applicant waits for a place, or for room in the queue.
type applicant struct {
	task    Task
	granted chan struct{} // closed by whoever grants it or sets err
	err     error
	gone    bool // it has stopped waiting
}

// pick removes the first that still waits, or returns nil. The caller holds mu.
func pick(q *queue[*applicant]) *applicant {
	for a, ok := q.take(); ok; a, ok = q.take() {
		if !a.gone {
			return a
		}
	}
	return nil
}

// A host is the context of a gate's tasks: one that is never done.
type host struct {
	context.Context
	gate *Gate
}

type hostKey struct{}

// Of returns the gate that has given a task the context it is run with, or nil.
func Of(ctx context.Context) *Gate {
	g, _ := ctx.Value(hostKey{}).(*Gate)
	return g
}

func (h *host) Value(key any) any {
	if key == (hostKey{}) {
		return h.gate
	}
	return nil
}

func (g *Gate) init(c crew) {
	g.crew = c
	g.empty = make(chan struct{})
	g.host = &host{context.Background(), g}
}

// unlock lets mu go.
func (g *Gate) unlock() {
	calm := (g.limit == 0 || g.running <= g.limit) && g.returning.size() == 0
	if calm != g.calm.Load() {
		g.calm.Store(calm)
	}
	if quick := calm && g.bound == 0 && g.batches == nil; quick != g.quick.Load() {
		g.quick.Store(quick)
	}
	g.mu.Unlock()
}

// free reports whether another place may be handed out.
func (g *Gate) free() bool { return g.limit == 0 || g.running < g.limit }

// next gives up the caller's place for the task that is to run in it now. It
// returns nil when the place is no longer the caller's. The caller holds mu.
func (g *Gate) next() Task {
	if g.limit > 0 && g.running > g.limit {
		g.running--
		return nil
	}
	if a := pick(&g.returning); a != nil {
		close(a.granted)
		return nil
	}
	for g.batches != nil {
		if g.batches.more() {
			return g.batches
		}
		g.batches = g.batches.behind
	}
	t, ok := g.waiting.take()
	if !ok {
		if g.admit(); g.bound > 0 {
			t, ok = g.waiting.take()
		}
	}
	if !ok {
		g.running--
		return nil
	}
	g.admit()
	if b, ok := t.(*Batch); ok {
		g.open(b)
	}
	return t
}

// open lets others take part in a batch that the caller has taken from the
// queue. The caller holds mu.
func (g *Gate) open(b *Batch) {
	last := &g.batches
	for *last != nil {
		last = &(*last).behind
	}
	*last = b
	g.summon()
}

// backlog reports whether there is anything to do for a goroutine. The caller
// holds mu.
func (g *Gate) backlog() bool { return g.waiting.size() > 0 || g.batches.more() }

// after is next for a goroutine that has run an errand: the place of a task
// that waits for that very errand goes back to it.
func (g *Gate) after(e errand) Task {
	if a, part := e.claim.(*awaitedPart); part && !a.batch.more() {
		g.waiting.unpush(a.batch)
	}
	if o := e.owner; o != nil && o.claim == e.claim && o.lent && !o.over && e.claim.Settled() {
		o.lent = false
		return nil
	}
	return g.next()
}

// pass gives a place away that the caller does not use. The caller holds mu.
func (g *Gate) pass() {
	if t := g.next(); t != nil {
		g.crew.begin(errand{task: t})
	}
}

// summon sends somebody to the queue if there is a place. One goroutine at a
// time is on its way, and sends the next one when it has arrived: a burst of
// submits does not wake everybody for what the first one could have done. The
// caller holds mu.
func (g *Gate) summon() {
	if g.coming == 0 && g.backlog() && g.free() {
		g.coming = 1
		g.running++
		g.crew.begin(errand{})
	}
}

// arrive is next for a goroutine that was summoned. The caller holds mu.
func (g *Gate) arrive() Task {
	g.coming = 0
	t := g.next()
	g.summon()
	return t
}

// leave takes a goroutine out of the count. The caller holds mu.
func (g *Gate) leave() {
	g.present--
	if g.shut && g.present == 0 {
		close(g.empty)
	}
}

// spawn counts a new goroutine and starts it. The caller holds mu.
func (g *Gate) spawn(do func()) {
	g.present++
	if labels := g.labels; labels != nil {
		go func() {
			pprof.SetGoroutineLabels(labels)
			do()
		}()
		return
	}
	go do()
}

// close shuts the gate. The caller holds mu.
func (g *Gate) close() {
	if g.shut {
		return
	}
	g.shut = true
	for a := pick(&g.entering); a != nil; a = pick(&g.entering) {
		a.err = ErrShutdown
		close(a.granted)
	}
	if g.present == 0 {
		close(g.empty)
	}
}

// Shutdown is that of an executor.
func (g *Gate) Shutdown(ctx context.Context) error {
	g.mu.Lock()
	g.close()
	g.unlock()
	return g.wait(ctx)
}

// wait returns when the last task has run and its goroutine is done. When ctx
// is done first, the waiting tasks are run with it here, which cancels them.
func (g *Gate) wait(ctx context.Context) error {
	if _, over := Receive(ctx, g.empty, nil); over {
		return nil
	}
	g.mu.Lock()
	given := make([]Task, 0, g.waiting.size()+1)
	for ; g.batches != nil; g.batches = g.batches.behind {
		given = append(given, g.batches)
	}
	for t, ok := g.waiting.take(); ok; t, ok = g.waiting.take() {
		given = append(given, t)
	}
	g.unlock()
	contain.Each(given, func(t Task) { t.Run(ctx) })
	return context.Cause(ctx)
}
