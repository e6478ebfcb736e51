package sched

import (
	"context"
	"errors"
	"runtime/pprof"
	"time"
)

// Settings are what can be changed while tasks run.
type Settings struct {
	Limit int           // of tasks that run at once; 0 for no limit
	Queue int           // how many tasks may wait for a slot; 0 for no limit
	Full  Full          // what Execute does with a task for which there is no room
	Idle  time.Duration // how long a worker of a pool waits for a task before it ends; 0 for no end
	Name  string        // a label of the goroutines, or ""
}

// Full tells Execute what to do with a task for which the queue has no room.
type Full int

// Block waits for room, Reject refuses the task, and Caller starts the task
// beyond the limit and waits until it has run.
const (
	Block Full = iota
	Reject
	Caller
)

// ErrFull is the error of Execute when the queue is full and tasks are
// rejected.
var ErrFull = errors.New("executor: queue full")

// set replaces the settings that all schedulers have. The caller holds mu.
func (s *Scheduler) set(to Settings) {
	s.limit, s.queueLimit, s.whenFull = to.Limit, to.Queue, to.Full
	s.labels = nil
	if to.Name != "" {
		s.labels = pprof.WithLabels(context.Background(), pprof.Labels("executor", to.Name))
	}
	for s.hasFreeSlot() {
		w := firstWaiter(&s.resuming)
		if w == nil {
			break
		}
		s.running++
		close(w.granted)
	}
	s.unblock()
	s.wakeOne()
}

// full reports whether the queue is full: the tasks that are queued or running
// are as many as there are slots and room in the queue. The caller holds mu.
func (s *Scheduler) full() bool {
	return s.queueLimit > 0 && s.limit > 0 && s.queue.Len()+s.running-s.waking >= s.limit+s.queueLimit
}

// unblock accepts tasks whose Execute waits for room, in their order. The
// caller holds mu.
func (s *Scheduler) unblock() {
	for s.blocked.Len() > 0 && !s.full() {
		if w := firstWaiter(&s.blocked); w != nil {
			setScheduler(w.task, s)
			s.queue.Push(w.task)
			close(w.granted)
		}
	}
}

// executeFull is Execute when there is no room. The caller holds mu, and holds
// it again when executeFull returns.
func (s *Scheduler) executeFull(t Task) error {
	switch {
	case s.shut:
		return ErrShutdown
	case s.whenFull == Reject:
		return ErrFull
	case s.whenFull == Caller:
		done := make(chan struct{})
		setScheduler(t, s)
		s.running++ // beyond the limit, so that no other task starts in this slot
		s.starter.start(assignment{task: notifier{t, done}})
		s.unlock()
		defer s.mu.Lock()
		Receive(contextOf(t), done, nil)
		return nil
	}
	w := &waiter{task: t, granted: make(chan struct{})}
	s.blocked.Push(w)
	s.unlock()
	ctx := contextOf(t)
	_, _ = Receive(ctx, w.granted, nil)
	s.mu.Lock()
	select {
	case <-w.granted:
		return w.err
	default:
	}
	w.canceled = true
	s.unlock()
	defer s.mu.Lock()
	t.Run(ctx) // which cancels it, as ctx is done
	return nil
}

// A notifier closes a channel when its task has run.
type notifier struct {
	Task
	done chan<- struct{}
}

func (n notifier) Run(ctx context.Context) {
	defer close(n.done)
	n.Task.Run(ctx)
}
