package executor

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
)

// A mapping is one Map under way: its inputs, and what has become of them. A future for each would cost several times as much as a
// small task.
type mapping[In, Out any] struct {
	ctx   context.Context
	f     func(context.Context, In) (Out, error)
	def   *Defined[In, Out] // whose function f is, if it is defined
	size  int               // of a chunk
	shift int               // a shelf has room for 1<<shift chunks

	// Of whoever reads the inputs, and then of the iterator.
	first, last *shelf[In, Out]
	read        int // inputs
	lacking     int // how many the last chunk still needs
	used        bool

	shelves []*shelf[In, Out] // all of them, where one task is about inputs of many; constant then, as is read

	crowd   *batch      // the one task of all inputs, if it is one
	stopped atomic.Bool // no input is to start any more

	awaited atomic.Pointer[chunk] // which the iterator waits for, or nil
	arrived chan struct{}         // that it is there

	mu   sync.Mutex
	errs map[int]error
}

// A shelf is some of a mapping's inputs, one after another, and where their results go.
type shelf[In, Out any] struct {
	base   int // the first input
	n      int // how many there are; the reader's own
	in     []In
	out    []Out
	chunks []chunk
	parts  []part[In, Out] // a chunk each, where every chunk is a task
	next   *shelf[In, Out]
}

// A chunk is what has become of some inputs, which start together. Its state is a [State], or failed.
type chunk struct {
	state  atomic.Uint32
	failed bool         // there is an error of one of them; of whoever runs them
	ended  atomic.Int32 // how many have ended, where they do so one by one
}

// failed is Finished, with an error of an input.
const failed = cancelling + 1

// shelfLen is about how many short chunks share a shelf: enough to be cheap, and few enough to be let go one after another.
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
	m.lacking = m.size
	return m
}

// add puts an input on a shelf, and reports whether a chunk is complete with it.
func (m *mapping[In, Out]) add(in In) (complete bool) {
	s := m.last
	if s == nil || s.n == m.size<<m.shift {
		s = m.addShelf()
	}
	if m.shift > 0 {
		s.in[s.n] = in
	} else {
		s.in = append(s.in, in)
	}
	s.n++
	m.read++
	m.lacking--
	if m.lacking == 0 {
		m.lacking = m.size
	}
	return m.lacking == m.size
}

func (m *mapping[In, Out]) addShelf() *shelf[In, Out] {
	room := m.size << m.shift
	s := &shelf[In, Out]{base: m.read, chunks: make([]chunk, 1<<m.shift)}
	if m.shift > 0 { // tasks will look at the shelf while others are put there
		s.in, s.out = make([]In, room), make([]Out, room)
	} else {
		s.in = make([]In, 0, min(room, 64*shelfLen))
	}
	if m.last == nil {
		m.first = s
	} else {
		m.last.next = s
	}
	m.last = s
	return s
}

// complete makes the last chunk fit to be run.
func (m *mapping[In, Out]) complete() {
	if s := m.last; s != nil && s.out == nil {
		s.out = make([]Out, s.n)
	}
}

// whole makes a part of all inputs.
func (m *mapping[In, Out]) whole() part[In, Out] {
	for s := m.first; s != nil; s = s.next {
		m.shelves = append(m.shelves, s)
	}
	return part[In, Out]{mapping: m, to: m.read}
}

// collect reads all inputs.
func (m *mapping[In, Out]) collect(in iter.Seq[In]) {
	for key := range in {
		if m.add(key) {
			m.complete()
		}
	}
	m.complete()
}

// submit makes every chunk of the inputs that were collected a task.
func (m *mapping[In, Out]) submit(execute func(Task) error) {
	for s := m.first; s != nil; s = s.next {
		for from := 0; from < s.n; from += m.size {
			m.submitChunk(s, from, execute)
		}
	}
}

// submitChunk makes the chunk that begins at an input of a shelf a task. A refused one fails.
func (m *mapping[In, Out]) submitChunk(s *shelf[In, Out], from int, execute func(Task) error) {
	if s.parts == nil {
		s.parts = make([]part[In, Out], 0, 1<<m.shift)
	}
	s.parts = append(s.parts, part[In, Out]{mapping: m, on: s, from: s.base + from, to: s.base + min(from+m.size, s.n)})
	p := &s.parts[len(s.parts)-1]
	var t Task = p
	if m.def != nil {
		t = (*remote[In, Out])(p)
	}
	if err := execute(t); err != nil {
		p.refuse(err)
	}
}

// reading returns an iterator that reads the inputs as it goes.
func (m *mapping[In, Out]) reading(in iter.Seq[In], ahead int, execute func(Task) error) iter.Seq2[Out, error] {
	submitLast := func() {
		m.complete()
		m.submitChunk(m.last, (m.last.n-1)/m.size*m.size, execute)
	}
	return func(yield func(Out, error) bool) {
		if m.used {
			return
		}
		m.used = true
		defer m.stop()
		var c cursor[In, Out]
		give := func() bool { return yield(c.next(m)) }
		for key := range in {
			if m.add(key) {
				submitLast()
			}
			if m.read-c.given == ahead && !give() {
				return
			}
			if m.ctx.Err() != nil {
				break
			}
		}
		if m.lacking < m.size {
			submitLast()
		}
		for c.given < m.read {
			if !give() {
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
	for c.given < m.read {
		if !yield(c.next(m)) {
			return
		}
	}
}

// A cursor gives one result after another. It walks along the shelves, which are let go behind it.
type cursor[In, Out any] struct {
	on     *shelf[In, Out]
	given  int  // how many results
	ready  int  // how many can be given without a look at their chunk
	failed bool // there is an error among those that are ready
}

// next waits for the next result and forgets it.
func (c *cursor[In, Out]) next(m *mapping[In, Out]) (out Out, err error) {
	i := c.given
	if i == c.ready {
		err = c.await(m)
	}
	c.given++
	if err != nil {
		c.ready = c.given
		return out, err
	}
	if c.failed {
		err = m.errorOf(i)
	}
	at := i - c.on.base
	out, c.on.out[at] = c.on.out[at], out
	return out, err
}

// await waits until the next chunk has ended. The error is that of inputs whose results do not come.
func (c *cursor[In, Out]) await(m *mapping[In, Out]) error {
	if c.on == nil {
		c.on, m.first = m.first, nil
	} else if c.given == c.on.base+c.on.n {
		c.on = c.on.next
	}
	chunk, at := m.find(c.on, c.given)
	for !chunk.final() {
		if m.await(c.on, chunk, at) {
			continue
		}
		if chunk.state.CompareAndSwap(uint32(Pending), uint32(Cancelled)) {
			m.stop()
		}
		switch State(chunk.state.Load()) {
		case Cancelled:
			return cancelled(context.Cause(m.ctx))
		case Running:
			return fmt.Errorf("%w: %w", ErrUnfinished, context.Cause(m.ctx))
		}
	}
	c.failed = State(chunk.state.Load()) == failed
	c.ready = min(c.on.base+(at/m.size+1)*m.size, m.read)
	return nil
}

// stop keeps inputs from starting.
func (m *mapping[In, Out]) stop() {
	m.stopped.Store(true)
	if m.crowd != nil {
		m.crowd.cut()
	}
}

// find returns where input i of a shelf is.
func (m *mapping[In, Out]) find(s *shelf[In, Out], i int) (c *chunk, at int) {
	at = i - s.base
	return &s.chunks[at/m.size], at
}

// await waits until a chunk has ended, at an input of it, or the context is done, and reports which.
func (m *mapping[In, Out]) await(s *shelf[In, Out], c *chunk, at int) (ended bool) {
	if State(c.state.Load()) == Cancelled {
		return false
	}
	m.awaited.Store(c)
	if !c.final() {
		var awaited claimable
		switch {
		case m.crowd != nil:
			awaited = m.crowd
		case s.parts != nil:
			awaited = s.parts[at/m.size].claimable()
		}
		if _, ended = receive(m.ctx, m.arrived, awaited); ended {
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

func (c *chunk) final() bool {
	s := State(c.state.Load())
	return s == Finished || s == failed
}

// fail gives input i an error, whose chunk is running.
func (m *mapping[In, Out]) fail(c *chunk, i int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.errs[i], c.failed = err, true
}

// end makes the results of a chunk known, which is running.
func (m *mapping[In, Out]) end(c *chunk) {
	state := Finished
	if c.failed {
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
