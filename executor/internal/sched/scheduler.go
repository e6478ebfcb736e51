// Package sched decides which task runs when. It keeps the queue and the slots
// of an executor, and starts tasks in one of three ways: on a pool of workers,
// in a goroutine for each task, or one after another. It knows nothing of what
// tasks return: package executor has the futures.
package sched

import (
	"context"
	"errors"
	"runtime/pprof"
	"sync"
	"sync/atomic"

	"github.com/teapot-go/teapot/executor/internal/contain"
	"github.com/teapot-go/teapot/executor/internal/fifo"
)

// A Scheduler is what [Pool], [Async] and [Sequential] have in common. It has a
// number of slots. A goroutine that runs a task holds a slot for it, and passes
// the slot on when the task ends or waits.
//
// The states of a task, and what is true in each:
//
//	state     invariant
//	blocked   the queue is full, and Execute waits; the task is not accepted
//	queued    accepted, without a slot; no slot is free, or a goroutine is
//	          on its way to take the task
//	running   counted in running
//	waiting   it waits with its context; its slot is lent, and it is not
//	          counted in running
//	resuming  its wait is over, no slot is free; it comes before queued tasks
//	ended     its slot has been passed on; no goroutine knows the task
//
// The transitions:
//
//	from      event                           to
//	new       Execute, there is room          queued
//	new       Execute, full, Block            blocked
//	new       Execute, full, Caller           running, beyond the limit
//	new       Execute, full, Reject           not accepted: ErrFull
//	new       Execute after Shutdown          not accepted: ErrShutdown
//	blocked   there is room, first come       queued
//	blocked   its context is done             ended: run with that context
//	blocked   Shutdown                        not accepted: ErrShutdown
//	queued    a slot is free, oldest first    running
//	queued    a task waits for this one       running, in that task's slot
//	queued    Shutdown's context is done      ended: run with that context
//	running   waits with its own context      waiting
//	running   returns, panics or Goexit       ended
//	waiting   the wait is over, a free slot   running
//	waiting   the wait is over, none          resuming
//	resuming  a slot is free, first come      running
//	resuming  its context is done             running, beyond the limit
//
// A scheduler is open until Shutdown, then shut, and drained when it is shut
// and no goroutine is left. No event leads back.
type Scheduler struct {
	mu          sync.Mutex          // released by unlock
	uncontested atomic.Bool         // a goroutine that has ended a task may keep its slot
	fast        atomic.Bool         // uncontested, and it may take the next queued task without mu
	limit       int                 // number of slots; 0 for no limit
	running     int                 // slots held; beyond limit only after Set, Caller or a wait that its context ended
	goroutines  int                 // that run a task, wait or are idle
	queue       fifo.Queue[Task]    // accepted and not started
	batches     *Batch              // before the queue: started, and not all of it
	resuming    fifo.Queue[*waiter] // tasks whose wait is over
	blocked     fifo.Queue[*waiter] // calls of Execute that wait for room
	shut        bool                // no task is accepted
	drained     chan struct{}       // closed when the scheduler is shut and goroutines is 0
	queueLimit  int                 // of tasks; 0 for no limit
	whenFull    Full
	waking      int             // 1 while a goroutine with a slot is on its way to the queue
	labels      context.Context // of new goroutines, or nil
	ctx         context.Context // what tasks are run with
	starter     starter
	yield       func() // nil, or lets other goroutines go on first
}

// A Task is what a scheduler runs.
type Task interface{ Run(ctx context.Context) }

// ErrShutdown is the error of Execute after Shutdown.
var ErrShutdown = errors.New("executor: shut down")

// setScheduler tells a task which scheduler has it, before any other goroutine
// can see the task.
func setScheduler(t Task, s *Scheduler) {
	if t, ok := t.(interface{ SetScheduler(s *Scheduler) }); ok {
		t.SetScheduler(s)
	}
}

func contextOf(t Task) context.Context {
	if t, ok := t.(interface{ Context() context.Context }); ok {
		return t.Context()
	}
	return context.Background()
}

// A starter starts or wakes a goroutine for an assignment, whose slot is
// already counted. The caller holds the scheduler's mu.
type starter interface{ start(a assignment) }

// An assignment is what a goroutine begins with.
type assignment struct {
	task    Task    // nil for the oldest one in the queue
	lender  *Slot   // the slot of the task that waits for this one, or nil
	awaited Awaited // what the task of lender waits for
}

// noTask takes the place of a task that has ended its goroutine.
type noTask struct{}

func (noTask) Run(context.Context) {}

// A waiter waits for a slot, or for room in the queue.
type waiter struct {
	task     Task
	granted  chan struct{} // closed once the wait is granted, or err is set
	err      error
	canceled bool // it has stopped waiting
}

// firstWaiter removes the first one that still waits, or returns nil. The
// caller holds mu.
func firstWaiter(q *fifo.Queue[*waiter]) *waiter {
	for w, ok := q.Take(); ok; w, ok = q.Take() {
		if !w.canceled {
			return w
		}
	}
	return nil
}

// A runContext is the context that a scheduler runs tasks with. It is never
// done.
type runContext struct {
	context.Context
	scheduler *Scheduler
}

type schedulerKey struct{}

// FromContext returns the scheduler that runs a task with ctx, or nil.
func FromContext(ctx context.Context) *Scheduler {
	s, _ := ctx.Value(schedulerKey{}).(*Scheduler)
	return s
}

func (c *runContext) Value(key any) any {
	if key == (schedulerKey{}) {
		return c.scheduler
	}
	return nil
}

func (s *Scheduler) init(st starter) {
	s.starter = st
	s.drained = make(chan struct{})
	s.ctx = &runContext{context.Background(), s}
}

// SetYield has a goroutine that was woken call yield before it takes a task. It
// must be called before the first task.
func (s *Scheduler) SetYield(yield func()) {
	s.mu.Lock()
	defer s.unlock()
	s.yield = yield
}

// stop calls yield, if there is one. The caller does not hold mu.
func (s *Scheduler) stop() {
	if s.yield != nil {
		s.yield()
	}
}

// unlock releases mu.
func (s *Scheduler) unlock() {
	uncontested := (s.limit == 0 || s.running <= s.limit) && s.resuming.Len() == 0
	if uncontested != s.uncontested.Load() {
		s.uncontested.Store(uncontested)
	}
	if fast := uncontested && s.queueLimit == 0 && s.batches == nil; fast != s.fast.Load() {
		s.fast.Store(fast)
	}
	s.mu.Unlock()
}

// hasFreeSlot reports whether another slot may be taken.
func (s *Scheduler) hasFreeSlot() bool { return s.limit == 0 || s.running < s.limit }

// next passes the caller's slot on. It returns the task that the caller is to
// run in it now, or nil when the slot is no longer the caller's. The caller
// holds mu.
func (s *Scheduler) next() Task {
	if s.limit > 0 && s.running > s.limit {
		s.running--
		return nil
	}
	if w := firstWaiter(&s.resuming); w != nil {
		close(w.granted)
		return nil
	}
	for s.batches != nil {
		if s.batches.hasMore() {
			return s.batches
		}
		s.batches = s.batches.next
	}
	t, ok := s.queue.Take()
	if !ok {
		if s.unblock(); s.queueLimit > 0 {
			t, ok = s.queue.Take()
		}
	}
	if !ok {
		s.running--
		return nil
	}
	s.unblock()
	if b, ok := t.(*Batch); ok {
		s.share(b)
	}
	return t
}

// share lets other goroutines work on a batch that the caller has taken from
// the queue. The caller holds mu.
func (s *Scheduler) share(b *Batch) {
	last := &s.batches
	for *last != nil {
		last = &(*last).next
	}
	*last = b
	s.wakeOne()
}

// hasWork reports whether there is work for another goroutine. The caller holds
// mu.
func (s *Scheduler) hasWork() bool { return s.queue.Len() > 0 || s.batches.hasMore() }

// nextAfter is next for a goroutine that has ended an assignment. If a task has
// lent its slot for that very assignment, the slot goes back to it.
func (s *Scheduler) nextAfter(a assignment) Task {
	if p, ok := a.awaited.(*awaitedPart); ok && !p.batch.hasMore() {
		s.queue.Unpush(p.batch)
	}
	if l := a.lender; l != nil && l.lentTo == a.awaited && l.state == lent && a.awaited.Settled() {
		l.state = held
		return nil
	}
	return s.next()
}

// passOn gives away a slot that the caller holds and does not use. The caller
// holds mu.
func (s *Scheduler) passOn() {
	if t := s.next(); t != nil {
		s.starter.start(assignment{task: t})
	}
}

// wakeOne sends a goroutine to the queue if there is a free slot. One at a time
// is on its way, and sends the next one when it arrives: so a burst of calls of
// Execute does not wake many for what the first could have done. The caller
// holds mu.
func (s *Scheduler) wakeOne() {
	if s.waking == 0 && s.hasWork() && s.hasFreeSlot() {
		s.waking = 1
		s.running++
		s.starter.start(assignment{})
	}
}

// nextWoken is next for a goroutine that wakeOne has sent. The caller holds mu.
func (s *Scheduler) nextWoken() Task {
	s.waking = 0
	t := s.next()
	s.wakeOne()
	return t
}

// removeGoroutine takes the calling goroutine out of the count. The caller
// holds mu.
func (s *Scheduler) removeGoroutine() {
	s.goroutines--
	if s.shut && s.goroutines == 0 {
		close(s.drained)
	}
}

// spawn counts a new goroutine and starts it. The caller holds mu.
func (s *Scheduler) spawn(do func()) {
	s.goroutines++
	if labels := s.labels; labels != nil {
		go func() {
			pprof.SetGoroutineLabels(labels)
			do()
		}()
		return
	}
	go do()
}

// close refuses tasks from now on. The caller holds mu.
func (s *Scheduler) close() {
	if s.shut {
		return
	}
	s.shut = true
	for w := firstWaiter(&s.blocked); w != nil; w = firstWaiter(&s.blocked) {
		w.err = ErrShutdown
		close(w.granted)
	}
	if s.goroutines == 0 {
		close(s.drained)
	}
}

// Shutdown refuses tasks from now on, and waits until the accepted ones have
// run. When ctx is done first, it cancels those that have not started.
func (s *Scheduler) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.close()
	s.unlock()
	return s.wait(ctx)
}

// wait waits until the last task has run and its goroutine has ended. When ctx
// is done first, it runs the queued tasks with ctx, which cancels them.
func (s *Scheduler) wait(ctx context.Context) error {
	if _, ok := Receive(ctx, s.drained, nil); ok {
		return nil
	}
	s.mu.Lock()
	rest := make([]Task, 0, s.queue.Len()+1)
	for ; s.batches != nil; s.batches = s.batches.next {
		rest = append(rest, s.batches)
	}
	for t, ok := s.queue.Take(); ok; t, ok = s.queue.Take() {
		rest = append(rest, t)
	}
	s.unlock()
	contain.Each(rest, func(t Task) { t.Run(ctx) })
	return context.Cause(ctx)
}
