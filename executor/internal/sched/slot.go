package sched

import "context"

// A Slot is the right of one task to run: the task counts as one of as many as
// the scheduler's limit allows. It exists from the first time that the task
// waits with its own context.
//
//	state  invariant
//	held   the task runs, and is counted in the scheduler's running
//	lent   every goroutine of the task that has its context waits; another
//	       task may be counted in place of this one
//	ended  the task has ended; the slot is never lent again
//
//	from  event                                      to
//	held  a goroutine of the task waits              lent
//	lent  the last wait is over, and a slot is free  held
//	lent  the awaited task has run in this slot      held
//	lent  the last wait is over, its context done    held, beyond the limit
//	held  the last wait is over, others have begun   lent
//	any   End                                        ended
//
// All fields but scheduler are guarded by the scheduler's mu.
type Slot struct {
	scheduler *Scheduler
	state     slotState
	waits     int     // goroutines of the task that wait with its context
	lentTo    Awaited // while lent: the task that gives the slot back, or nil
}

type slotState uint8

const (
	held slotState = iota
	lent
	ended
)

// A SlotKey is the key under which a task's context has its slot.
type SlotKey struct{}

// NewSlot returns the slot of a task that the scheduler runs.
func (s *Scheduler) NewSlot() *Slot { return &Slot{scheduler: s} }

// SlotOf returns the slot of the task that ctx belongs to, or nil.
func SlotOf(ctx context.Context) *Slot {
	p, _ := ctx.Value(SlotKey{}).(*Slot)
	return p
}

// An Awaited is a task that another one can wait for.
type Awaited interface {
	Task
	Settled() bool                   // reports whether the task has ended
	QueuedIn(s *Scheduler) (ok bool) // reports whether s has the task, and has not started it
}

// Receive waits until a value arrives from ch or ctx is done, and reports
// whether a value arrived. Every wait of package executor that a task may be in
// comes here or to [LendSlot]. While it waits, the slot of the task that ctx
// belongs to is lent. The slot goes to awaited if that is a task of the same
// scheduler that has not started: it runs before those submitted earlier. So a
// queue full of tasks that wait for others costs one stack for each task that
// has begun, and not for all.
//
// Running awaited here, on the stack of the task that waits, would save two
// switches of goroutines. But a call of runtime.Goexit in it would end both
// tasks, and the wait could not end before awaited does. A coroutine, as
// iter.Pull has it, would contain Goexit, but the runtime throws when a task in
// it locks its thread.
func Receive[E any](ctx context.Context, ch <-chan E, awaited Awaited) (e E, ok bool) {
	select {
	case e = <-ch:
		return e, true
	default:
	}
	LendSlot(ctx, awaited, func() {
		select {
		case e = <-ch:
			ok = true
		case <-ctx.Done():
			select { // both may have been ready
			case e = <-ch:
				ok = true
			default:
			}
		}
	})
	return e, ok
}

// LendSlot calls wait, and lends the slot of the task that ctx belongs to until
// wait returns.
func LendSlot(ctx context.Context, awaited Awaited, wait func()) {
	p := SlotOf(ctx)
	if p == nil {
		wait()
		return
	}
	toAwaited := p.lend(awaited)
	wait()
	p.takeBack(ctx, toAwaited)
}

// lend gives the slot away until no goroutine of the task waits, and reports
// whether it went to awaited.
func (p *Slot) lend(awaited Awaited) (toAwaited bool) {
	s := p.scheduler
	s.mu.Lock()
	defer s.unlock()
	p.waits++
	if p.state != held {
		return false
	}
	p.state = lent
	if awaited == nil || !awaited.QueuedIn(s) {
		s.passOn()
		return false
	}
	p.lentTo = awaited
	if _, ok := awaited.(*awaitedPart); !ok { // others work on the batch of a part
		s.queue.Unpush(awaited)
	}
	s.starter.start(assignment{task: awaited, lender: p, awaited: awaited})
	return true
}

// takeBack ends a wait: it returns when the task has a slot again. A task whose
// context is done does not wait for one, as its wait must end, and it is about
// to clean up. Until a slot is given back there is one more than the limit, and
// no task starts.
func (p *Slot) takeBack(ctx context.Context, fromAwaited bool) {
	s := p.scheduler
	s.mu.Lock()
	defer s.unlock()
	p.waits--
	if fromAwaited {
		p.lentTo = nil
	}
	if p.state != lent || p.waits > 0 {
		p.lendAgain()
		return
	}
	if s.hasFreeSlot() {
		s.running++
	} else {
		w := &waiter{granted: make(chan struct{})}
		s.resuming.Push(w)
		s.unlock()
		select {
		case <-w.granted:
		case <-ctx.Done():
		}
		s.mu.Lock()
		select {
		case <-w.granted:
		default:
			w.canceled = true
			s.running++
		}
		if p.state != lent {
			s.passOn() // the task has ended, or another of its goroutines has a slot
			return
		}
	}
	p.state = held
	p.lendAgain()
}

// lendAgain lends a slot that is held if other goroutines of the task still
// wait. The caller holds mu.
func (p *Slot) lendAgain() {
	if p.state == held && p.waits > 0 {
		p.state = lent
		p.scheduler.passOn()
	}
}

// End is called when the task has ended. The goroutine that ran it gets a slot,
// to pass on.
func (p *Slot) End() {
	s := p.scheduler
	s.mu.Lock()
	defer s.unlock()
	if p.state == lent {
		s.running++
	}
	p.state = ended
}
