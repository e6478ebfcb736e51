package executor

import "sync/atomic"

// A chunk holds the state of some inputs of a mapping, which start together.
//
//	from     event                                to
//	Pending  a worker begins the first input      Running
//	Pending  the executor refuses the task        Running, and at once failing
//	Pending  the iterator's context is done       Cancelled
//	Running  an input has an error                failing
//	Running  the last input has ended             Finished
//	failing  the last input has ended             failed
//
// Only the goroutine that made the chunk Running changes it from then on, or
// the process executor with its own lock. In Cancelled, no input ever starts.
// In Finished and failed, the results may be read without a lock.
type chunk struct {
	state atomic.Uint32 // a [State], failing or failed
	ended atomic.Int32  // number of inputs that have ended, if they end in any order
}

// failing is Running, and failed is Finished, with an error of an input.
const (
	failing = cancelling + 1 + iota
	failed
)

// begin makes the chunk Running. It reports false if the chunk was not Pending.
func (c *chunk) begin() bool { return c.state.CompareAndSwap(uint32(Pending), uint32(Running)) }

func (c *chunk) running() bool {
	s := State(c.state.Load())
	return s == Running || s == failing
}

func (c *chunk) final() bool {
	s := State(c.state.Load())
	return s == Finished || s == failed
}

// fail sets the error of input i. Its chunk must be running.
func (m *mapping[In, Out]) fail(c *chunk, i int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.errs[i] = err
	c.state.Store(uint32(failing))
}

// end makes the results of a chunk known. The chunk must be running.
func (m *mapping[In, Out]) end(c *chunk) {
	state := Finished
	if State(c.state.Load()) == failing {
		state = failed
	}
	c.state.Store(uint32(state))
	if m.awaited.Load() == c && m.awaited.CompareAndSwap(c, nil) {
		m.wake <- struct{}{}
	}
}
