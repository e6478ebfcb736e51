package executor

import "context"

// sequential runs tasks one after another.
type sequential struct{ gate }

var _ Executor = (*sequential)(nil)

// NewSequential returns an executor that runs tasks one after another in the order of submission.
//
// Execute, and so Submit, returns when the task has run, and with it those that were submitted meanwhile. While a task is
// running, be it another goroutine's or the one that calls Execute, Execute only puts the task in the queue and returns.
// Tasks run in a goroutine of their own, so that one which panics or calls [runtime.Goexit] does its caller no harm.
func NewSequential() Executor {
	s := &sequential{}
	s.init()
	return s
}

// Execute implements [Executor].
func (s *sequential) Execute(t Task) error {
	s.mu.Lock()
	if s.shut {
		s.mu.Unlock()
		return ErrShutdown
	}
	s.waiting.push(t)
	if s.active > 0 {
		s.mu.Unlock()
		return nil
	}
	s.active++
	s.mu.Unlock()

	drained := make(chan struct{})
	go s.drain(drained)
	<-drained
	return nil
}

// drain runs tasks until none waits. A task that ends the goroutine is followed by a fresh one.
func (s *sequential) drain(drained chan<- struct{}) {
	over := false
	defer func() {
		if over {
			close(drained)
		} else {
			go s.drain(drained)
		}
	}()
	for {
		s.mu.Lock()
		if s.waiting.size == 0 {
			s.leave()
			over = true
			s.mu.Unlock()
			return
		}
		t := s.waiting.pop()
		s.mu.Unlock()
		t.Run(context.Background())
	}
}
