package executor

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	"github.com/teapot-go/teapot/executor/internal/sched"
)

// A mapping holds the inputs and the results of one call of Map. A future for
// each input would cost several times as much as a small task.
type mapping[In, Out any] struct {
	ctx   context.Context
	f     func(context.Context, In) (Out, error)
	def   *Defined[In, Out] // the definition of f, or nil
	size  int               // inputs of a chunk
	shift int               // a block has room for 1<<shift chunks

	// Used by the goroutine that reads the inputs, and then by the iterator.
	first, last *block[In, Out]
	filled      []In // the inputs of the last block
	chunkEnd    int  // len(filled) when the next chunk is complete
	used        bool // the iterator has been used

	blocks []*block[In, Out] // all blocks, if one task has the inputs of several

	batch   *sched.Batch // the one task of all inputs, or nil
	stopped atomic.Bool  // no input may start any more

	awaited atomic.Pointer[chunk] // the chunk that the iterator waits for, or nil
	wake    chan struct{}         // receives when the awaited chunk has ended

	mu   sync.Mutex
	errs map[int]error // by input
}

// A block holds consecutive inputs of a mapping, and their results.
type block[In, Out any] struct {
	base   int // number of the first input
	in     []In
	out    []Out
	chunks []chunk
	parts  []part[In, Out] // one for each chunk, if each chunk is a task
	next   *block[In, Out]
}

// blockChunks is about how many short chunks share a block: enough to be cheap,
// and few enough that the memory of a long sequence is freed step by step.
const blockChunks = 64

func newMapping[In, Out any](ctx context.Context, h MapOptions) *mapping[In, Out] {
	if ctx == nil {
		panic("executor: Map with a nil context")
	}
	m := &mapping[In, Out]{ctx: ctx, size: max(h.Chunk, 1), errs: map[int]error{}, wake: make(chan struct{}, 1)}
	if h.Ahead > 0 {
		m.size = min(m.size, h.Ahead)
	}
	for m.size<<m.shift < blockChunks {
		m.shift++
	}
	return m
}

// read returns the number of inputs that have been read.
func (m *mapping[In, Out]) read() int {
	if m.last == nil {
		return 0
	}
	return m.last.base + len(m.filled)
}

// add puts an input in the last block, and reports whether it completes a
// chunk.
func (m *mapping[In, Out]) add(in In) (complete bool) {
	if m.last == nil || len(m.filled) == m.size<<m.shift {
		m.addBlock()
	}
	m.filled = append(m.filled, in)
	return len(m.filled) == m.chunkEnd
}

func (m *mapping[In, Out]) addBlock() {
	b := &block[In, Out]{base: m.read(), chunks: make([]chunk, 1<<m.shift)}
	if m.shift > 0 { // tasks read the block while inputs are added
		b.in, b.out = make([]In, m.size<<m.shift), make([]Out, m.size<<m.shift)
		m.filled = b.in[:0]
	} else {
		m.filled = make([]In, 0, min(m.size, 64*blockChunks))
	}
	m.chunkEnd = m.size
	if m.last == nil {
		m.first = b
	} else {
		m.last.next = b
	}
	m.last = b
}

// submitLast makes the last chunk a task. If the executor refuses the task, its
// inputs fail.
func (m *mapping[In, Out]) submitLast(execute func(Task) error) {
	b := m.last
	if m.shift == 0 {
		b.in, b.out = m.filled, make([]Out, len(m.filled))
	}
	if b.parts == nil {
		b.parts = make([]part[In, Out], 0, 1<<m.shift)
	}
	b.parts = append(b.parts, part[In, Out]{m: m, block: b, from: b.base + m.chunkEnd - m.size, to: m.read()})
	m.chunkEnd += m.size
	p := &b.parts[len(b.parts)-1]
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

// submitRest makes the inputs after the last complete chunk a task.
func (m *mapping[In, Out]) submitRest(execute func(Task) error) {
	if m.last != nil && len(m.filled) > m.chunkEnd-m.size {
		m.submitLast(execute)
	}
}

// collect reads all inputs, in chunks of one, and returns a part with all of
// them.
func (m *mapping[In, Out]) collect(in iter.Seq[In]) part[In, Out] {
	for key := range in {
		m.add(key)
	}
	for b := m.first; b != nil; b = b.next {
		m.blocks = append(m.blocks, b)
	}
	return part[In, Out]{m: m, to: m.read()}
}

// readAhead returns an iterator that reads inputs as it gives results.
func (m *mapping[In, Out]) readAhead(in iter.Seq[In], ahead int, execute func(Task) error) iter.Seq2[Out, error] {
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

// results iterates over the results of inputs that have all been read.
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

// A cursor gives one result after another. It keeps no block that it has left
// behind, so that the block's memory can be freed.
type cursor[In, Out any] struct {
	block  *block[In, Out]
	chunk  int  // index in the block
	given  int  // number of results given
	ready  int  // number of results up to the end of the current chunk, if it has ended
	failed bool // an input of the current chunk has an error
}

// next waits for the next result, and returns the only copy of it.
func (c *cursor[In, Out]) next(m *mapping[In, Out]) (out Out, err error) {
	if c.given == c.ready {
		c.advance(m)
		if err := m.await(c.block, c.chunk); err != nil {
			c.given++
			c.ready = c.given
			return out, err
		}
		c.failed = State(c.block.chunks[c.chunk].state.Load()) == failed
		c.ready = min(c.block.base+(c.chunk+1)*m.size, m.read())
	}
	if c.failed {
		err = m.errorOf(c.given)
	}
	at := c.given - c.block.base
	c.given++
	out, c.block.out[at] = c.block.out[at], out
	return out, err
}

// advance goes to the next chunk, unless results of the current one are left.
func (c *cursor[In, Out]) advance(m *mapping[In, Out]) {
	switch {
	case c.block == nil:
		c.block, m.first = m.first, nil
	case c.given < c.block.base+(c.chunk+1)*m.size:
	case c.chunk+1 < len(c.block.chunks):
		c.chunk++
	default:
		c.block, c.chunk = c.block.next, 0
	}
}

// stop keeps inputs from starting.
func (m *mapping[In, Out]) stop() {
	m.stopped.Store(true)
	if m.batch != nil {
		m.batch.Stop()
	}
}

// await waits until a chunk has ended, or returns the error of its inputs if
// the context is done first.
func (m *mapping[In, Out]) await(b *block[In, Out], chunk int) error {
	c := &b.chunks[chunk]
	for !c.final() {
		if State(c.state.Load()) != Cancelled && m.waitFor(b, chunk) {
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

// waitFor waits until a chunk may have ended or the context is done. It reports
// false if the context was done first.
func (m *mapping[In, Out]) waitFor(b *block[In, Out], chunk int) (again bool) {
	c := &b.chunks[chunk]
	m.awaited.Store(c)
	if !c.final() {
		var awaited sched.Awaited
		switch {
		case m.batch != nil:
			awaited = m.batch.Await(c.final)
		case b.parts != nil:
			awaited = b.parts[chunk].task()
		}
		if _, ended := sched.Receive(m.ctx, m.wake, awaited); ended {
			return true
		}
	}
	if !m.awaited.CompareAndSwap(c, nil) {
		<-m.wake // does not wait: the chunk has ended
	}
	return c.final()
}

// errorOf removes and returns the error of an input.
func (m *mapping[In, Out]) errorOf(i int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.errs[i]
	delete(m.errs, i)
	return err
}

func cancelled(cause error) error {
	if cause == nil {
		return ErrCancelled
	}
	return fmt.Errorf("%w: %w", ErrCancelled, cause)
}
