package sched

import "context"

// A Sequential runs tasks one after another.
type Sequential struct{ Scheduler }

// NewSequential returns a Sequential.
func NewSequential() *Sequential {
	s := &Sequential{}
	s.init(s)
	s.limit = 1
	return s
}

// Execute runs t once, or returns an error and never runs it. It returns when
// the queue is empty, or at once while another goroutine works through it.
func (s *Sequential) Execute(t Task) error {
	s.mu.Lock()
	if s.shut {
		s.unlock()
		return ErrShutdown
	}
	setScheduler(t, &s.Scheduler)
	s.queue.Push(t)
	if !s.hasFreeSlot() {
		s.unlock()
		return nil
	}
	s.running++
	emptied := make(chan struct{})
	s.spawn(func() { s.runAll(assignment{}, emptied) })
	s.unlock()

	// The caller may be a task of another executor, which lends its slot while
	// it waits here. The context does not end this wait: a running task goes
	// on, and a queued one is cancelled when its turn comes.
	if ctx := contextOf(t); SlotOf(ctx) != nil {
		Receive(context.WithoutCancel(ctx), emptied, nil)
	} else {
		<-emptied
	}
	return nil
}

func (s *Sequential) start(a assignment) { s.spawn(func() { s.runAll(a, nil) }) }

// runAll runs tasks until the queue is empty, and then closes emptied. If a
// task ends the goroutine, runAll goes on in a new one.
func (s *Sequential) runAll(a assignment, emptied chan<- struct{}) {
	returned := false
	defer func() {
		if !returned {
			a.task = noTask{}
			go s.runAll(a, emptied)
		} else if emptied != nil {
			close(emptied)
		}
	}()
	s.mu.Lock()
	if a.task == nil {
		a.task = s.next()
	}
	for a.task != nil {
		s.unlock()
		a.task.Run(s.ctx)
		s.mu.Lock()
		a = assignment{task: s.nextAfter(a)}
	}
	returned = true
	s.removeGoroutine()
	s.unlock()
}
