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
	s.init(1, s)
	return s
}

// Execute implements [Executor].
func (s *sequential) Execute(t Task) error {
	s.mu.Lock()
	if s.shut {
		s.unlock()
		return ErrShutdown
	}
	adopt(t, &s.gate)
	s.waiting.push(t)
	if !s.free() {
		s.unlock()
		return nil
	}
	s.running++
	drained := make(chan struct{})
	s.spawn(func() { s.drain(errand{}, drained) })
	s.unlock()

	// The caller may be a task of another executor, which has to go on if the task waits for it. The context does not end
	// this wait: what is running goes on, and what is not is cancelled when its turn comes.
	if ctx := contextOf(t); placeOf(ctx) != nil {
		receive(context.WithoutCancel(ctx), drained, nil)
	} else {
		<-drained
	}
	return nil
}

func (s *sequential) begin(e errand) { s.spawn(func() { s.drain(e, nil) }) }

// drain runs tasks until none waits. A task that ends the goroutine is followed by a fresh one.
func (s *sequential) drain(e errand, drained chan<- struct{}) {
	over := false
	defer func() {
		if !over {
			e.task = nothing{}
			go s.drain(e, drained)
		} else if drained != nil {
			close(drained)
		}
	}()
	s.mu.Lock()
	if e.task == nil {
		e.task = s.next()
	}
	for e.task != nil {
		s.unlock()
		e.task.Run(s.host)
		s.mu.Lock()
		e = errand{task: s.after(e)}
	}
	over = true
	s.leave()
	s.unlock()
}
