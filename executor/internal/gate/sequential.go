package gate

import "context"

// A Sequential runs tasks one after another.
type Sequential struct{ Gate }

// NewSequential returns a Sequential.
func NewSequential() *Sequential {
	s := &Sequential{}
	s.init(s)
	s.limit = 1
	return s
}

// Execute is that of an executor.
func (s *Sequential) Execute(t Task) error {
	s.mu.Lock()
	if s.shut {
		s.unlock()
		return ErrShutdown
	}
	adopt(t, &s.Gate)
	s.waiting.push(t)
	if !s.free() {
		s.unlock()
		return nil
	}
	s.running++
	drained := make(chan struct{})
	s.spawn(func() { s.drain(errand{}, drained) })
	s.unlock()

	// The caller may be a task of another executor, which has to go on if the
	// task waits for it. The context does not end this wait: what is running
	// goes on, and what is not is cancelled when its turn comes.
	if ctx := contextOf(t); PlaceOf(ctx) != nil {
		Receive(context.WithoutCancel(ctx), drained, nil)
	} else {
		<-drained
	}
	return nil
}

func (s *Sequential) begin(e errand) { s.spawn(func() { s.drain(e, nil) }) }

// drain runs tasks until none waits. A task that ends the goroutine is followed
// by a fresh one.
func (s *Sequential) drain(e errand, drained chan<- struct{}) {
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
