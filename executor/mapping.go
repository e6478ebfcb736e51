package executor

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	"github.com/teapot-go/teapot/executor/internal/gate"
)

// A mapping is one Map under way: its inputs, and what has become of them. A
// future for each would cost several times as much as a small task.
type mapping[In, Out any] struct {
	ctx   context.Context
	f     func(context.Context, In) (Out, error)
	def   *Defined[In, Out] // whose function f is, if it is defined
	size  int               // of a chunk
	shift int               // a shelf has room for 1<<shift chunks

	// Of whoever reads the inputs, and then of the iterator.
	first, last *shelf[In, Out]
	filled      []In // the inputs of the last shelf
	due         int  // how many those are when the next chunk is complete
	used        bool

	shelves []*shelf[In, Out] // all of them, where one task is about inputs of many

	crowd   *gate.Batch // the one task of all inputs, if it is one
	stopped atomic.Bool // no input is to start any more

	awaited atomic.Pointer[chunk] // which the iterator waits for, or nil
	arrived chan struct{}         // that it is there

	mu   sync.Mutex
	errs map[int]error
}

// A shelf is some of a mapping's inputs, one after another, and where their
// results go.
type shelf[In, Out any] struct {
	base   int // the first input
	in     []In
	out    []Out
	chunks []chunk
	parts  []part[In, Out] // a chunk each, where every chunk is a task
	next   *shelf[In, Out]
}

// A chunk is what has become of some inputs, which start together. Its state is
// a [State], failing or failed.
type chunk struct {
	state atomic.Uint32
	ended atomic.Int32 // how many have ended, where they do so one by one
}

// failing is Running and failed is Finished, with an error of an input.
const (
	failing = cancelling + 1 + iota
	failed
)

// shelfLen is about how many short chunks share a shelf: enough to be cheap,
// and few enough to be let go one after another.
const shelfLen = 64

func newMapping[In, Out any](ctx context.Context, h Mapping) *mapping[In, Out] {
	if ctx == nil {
		panic("executor: Map with a nil context")
	}
	m := &mapping[In, Out]{ctx: ctx, size: max(h.Chunk, 1), errs: map[int]error{}, arrived: make(chan struct{}, 1)}
	if h.Ahead > 0 {
		m.size = min(m.size, h.Ahead)
	}
	for m.size<<m.shift < shelfLen {
		m.shift++
	}
	return m
}

// read is how many inputs have been read.
func (m *mapping[In, Out]) read() int {
	if m.last == nil {
		return 0
	}
	return m.last.base + len(m.filled)
}

// add puts an input on a shelf, and reports whether a chunk is complete with
// it.
func (m *mapping[In, Out]) add(in In) (complete bool) {
	if m.last == nil || len(m.filled) == m.size<<m.shift {
		m.addShelf()
	}
	m.filled = append(m.filled, in)
	return len(m.filled) == m.due
}

func (m *mapping[In, Out]) addShelf() {
	s := &shelf[In, Out]{base: m.read(), chunks: make([]chunk, 1<<m.shift)}
	if m.shift > 0 { // tasks will look at the shelf while others are put there
		s.in, s.out = make([]In, m.size<<m.shift), make([]Out, m.size<<m.shift)
		m.filled = s.in[:0]
	} else {
		m.filled = make([]In, 0, min(m.size, 64*shelfLen))
	}
	m.due = m.size
	if m.last == nil {
		m.first = s
	} else {
		m.last.next = s
	}
	m.last = s
}

// submitLast makes the last chunk a task. If it is refused its inputs fail.
func (m *mapping[In, Out]) submitLast(execute func(Task) error) {
	s := m.last
	if m.shift == 0 {
		s.in, s.out = m.filled, make([]Out, len(m.filled))
	}
	if s.parts == nil {
		s.parts = make([]part[In, Out], 0, 1<<m.shift)
	}
	s.parts = append(s.parts, part[In, Out]{mapping: m, on: s, from: s.base + m.due - m.size, to: m.read()})
	m.due += m.size
	p := &s.parts[len(s.parts)-1]
	if err := execute(p.task()); err != nil {
		p.refuse(err)
	}
}

// submit reads all inputs and makes every chunk of them a task.
func (m *mapping[In, Out]) submit(in iter.Seq[In], execute func(Task) error) {
	for key := range in {
		if m.add(key) {
			m.submitLast(execute)
		}
	}
	m.submitRest(execute)
}

// submitRest makes a chunk of what the end of the inputs has left.
func (m *mapping[In, Out]) submitRest(execute func(Task) error) {
	if m.last != nil && len(m.filled) > m.due-m.size {
		m.submitLast(execute)
	}
}

// collect reads all inputs, in chunks of one, and makes a part of them that is
// on no shelf.
func (m *mapping[In, Out]) collect(in iter.Seq[In]) part[In, Out] {
	for key := range in {
		m.add(key)
	}
	for s := m.first; s != nil; s = s.next {
		m.shelves = append(m.shelves, s)
	}
	return part[In, Out]{mapping: m, to: m.read()}
}

// reading returns an iterator that reads the inputs as it goes.
func (m *mapping[In, Out]) reading(in iter.Seq[In], ahead int, execute func(Task) error) iter.Seq2[Out, error] {
	return func(yield func(Out, error) bool) {
		if m.used {
			return
		}
		m.used = true
		defer m.stop()
		var c cursor[In, Out]
		for key := range in {
			if m.add(key) {
				m.submitLast(execute)
			}
			if m.read()-c.given == ahead && !yield(c.next(m)) {
				return
			}
			if m.ctx.Err() != nil {
				break
			}
		}
		m.submitRest(execute)
		for c.given < m.read() {
			if !yield(c.next(m)) {
				return
			}
		}
	}
}

// results is the iterator over the results of inputs that were collected.
func (m *mapping[In, Out]) results(yield func(Out, error) bool) {
	if m.used {
		return
	}
	m.used = true
	defer m.stop()
	var c cursor[In, Out]
	for all := m.read(); c.given < all; {
		if !yield(c.next(m)) {
			return
		}
	}
}

// A cursor gives one result after another. It walks along the shelves, which
// are let go behind it.
type cursor[In, Out any] struct {
	on     *shelf[In, Out]
	chunk  int  // the next one of the shelf
	given  int  // how many results
	ready  int  // how many can be given without a look at their chunk
	failed bool // there is an error among those that are ready
}

// next waits for the next result and forgets it.
func (c *cursor[In, Out]) next(m *mapping[In, Out]) (out Out, err error) {
	if c.given == c.ready {
		c.turn(m)
		if err := m.await(c.on, c.chunk); err != nil {
			c.given++
			c.ready = c.given
			return out, err
		}
		c.failed = State(c.on.chunks[c.chunk].state.Load()) == failed
		c.ready = min(c.on.base+(c.chunk+1)*m.size, m.read())
	}
	if c.failed {
		err = m.errorOf(c.given)
	}
	at := c.given - c.on.base
	c.given++
	out, c.on.out[at] = c.on.out[at], out
	return out, err
}

// turn goes on to the next chunk, unless some inputs of the last one are still
// to be given.
func (c *cursor[In, Out]) turn(m *mapping[In, Out]) {
	switch {
	case c.on == nil:
		c.on, m.first = m.first, nil
	case c.given < c.on.base+(c.chunk+1)*m.size:
	case c.chunk+1 < len(c.on.chunks):
		c.chunk++
	default:
		c.on, c.chunk = c.on.next, 0
	}
}

// stop keeps inputs from starting.
func (m *mapping[In, Out]) stop() {
	m.stopped.Store(true)
	if m.crowd != nil {
		m.crowd.Cut()
	}
}

// await waits until a chunk has ended. The error is that of inputs whose
// results do not come because the context is done.
func (m *mapping[In, Out]) await(s *shelf[In, Out], chunk int) error {
	c := &s.chunks[chunk]
	for !c.final() {
		if State(c.state.Load()) != Cancelled && m.hear(s, chunk) {
			continue
		}
		if c.state.CompareAndSwap(uint32(Pending), uint32(Cancelled)) {
			m.stop()
		}
		switch State(c.state.Load()) {
		case Cancelled:
			return cancelled(context.Cause(m.ctx))
		case Running, failing:
			return fmt.Errorf("%w: %w", ErrUnfinished, context.Cause(m.ctx))
		}
	}
	return nil
}

// hear waits until a chunk has ended or the context is done, and reports
// whether to look again.
func (m *mapping[In, Out]) hear(s *shelf[In, Out], chunk int) (again bool) {
	c := &s.chunks[chunk]
	m.awaited.Store(c)
	if !c.final() {
		var awaited gate.Awaited
		switch {
		case m.crowd != nil:
			awaited = m.crowd.Await(c.final)
		case s.parts != nil:
			awaited = s.parts[chunk].task()
		}
		if _, ended := gate.Receive(m.ctx, m.arrived, awaited); ended {
			return true
		}
	}
	if !m.awaited.CompareAndSwap(c, nil) {
		<-m.arrived // at once
	}
	return c.final()
}

// errorOf returns the error of an input and forgets it.
func (m *mapping[In, Out]) errorOf(i int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.errs[i]
	delete(m.errs, i)
	return err
}

// begin makes sure that a chunk may start now and nobody else starts it.
func (c *chunk) begin() bool { return c.state.CompareAndSwap(uint32(Pending), uint32(Running)) }

func (c *chunk) running() bool {
	s := State(c.state.Load())
	return s == Running || s == failing
}

func (c *chunk) final() bool {
	s := State(c.state.Load())
	return s == Finished || s == failed
}

// fail gives input i an error, whose chunk is running.
func (m *mapping[In, Out]) fail(c *chunk, i int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.errs[i] = err
	c.state.Store(uint32(failing))
}

// end makes the results of a chunk known, which is running.
func (m *mapping[In, Out]) end(c *chunk) {
	state := Finished
	if State(c.state.Load()) == failing {
		state = failed
	}
	c.state.Store(uint32(state))
	if m.awaited.Load() == c && m.awaited.CompareAndSwap(c, nil) {
		m.arrived <- struct{}{}
	}
}

func cancelled(cause error) error {
	if cause == nil {
		return ErrCancelled
	}
	return fmt.Errorf("%w: %w", ErrCancelled, cause)
}
