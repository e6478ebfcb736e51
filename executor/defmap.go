package executor

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
)

// Map calls the function for every input of in, as tasks of ex, under the rules of the function [Map].
//
// Without a bound and a size of chunks, an executor with a method Spread(Remote) error gets all inputs as one task, which it splits
// as its processes become free: so the chunks are as long as the inputs prove to be short. With a bound on reading ahead every
// input is a task of its own.
func (d *Defined[In, Out]) Map(ctx context.Context, ex Executor, in iter.Seq[In], how ...Mapping) iter.Seq2[Out, error] {
	m := only(how)
	s, spreads := ex.(interface{ Spread(t Remote) error })
	switch {
	case m.Ahead > 0 || !spreads && m.Chunk < 2:
		return mapEach(ctx, in, func(key In) *Future[Out] { return d.Submit(ctx, ex, key) }, m.Ahead)
	case m.Chunk == 0:
		all, whole := d.mapping(ctx, in)
		all.submit(s.Spread, whole, len(all.in))
		return all.results
	default:
		all, whole := d.mapping(ctx, in)
		all.submit(func(t Remote) error { return ex.Execute(t) }, whole, m.Chunk)
		return all.results
	}
}

// A mapping is what the tasks of one Map have in common. Futures would cost several times as much as a small task.
type mapping[In, Out any] struct {
	def *Defined[In, Out]
	ctx context.Context
	in  []In
	out []Out

	mu      sync.Mutex
	states  []uint8 // [State]s, small
	errs    map[int]error
	used    bool          // the iterator's own
	stopped bool          // nothing is to start any more
	awaited int           // the input whose result the iterator waits for, or -1
	arrived chan struct{} // that it is there
}

func (d *Defined[In, Out]) mapping(ctx context.Context, in iter.Seq[In]) (*mapping[In, Out], part[In, Out]) {
	if ctx == nil {
		panic("executor: Map with a nil context")
	}
	m := &mapping[In, Out]{def: d, ctx: ctx, in: slices.Collect(in), errs: map[int]error{}, awaited: -1, arrived: make(chan struct{}, 1)}
	m.out = make([]Out, len(m.in))
	m.states = make([]uint8, len(m.in))
	return m, part[In, Out]{m, 0, len(m.in)}
}

func (m *mapping[In, Out]) submit(execute func(Remote) error, rest part[In, Out], size int) {
	for rest.Len() > 0 {
		p := part[In, Out]{m, rest.from, min(rest.from+size, rest.to)}
		rest.from = p.to
		if err := execute(&p); err != nil {
			for i := range p.Len() {
				p.End(i, err)
			}
		}
	}
}

// begin moves inputs away from Pending, if they may start, and returns how many. Either all may or none: a Map stops as a whole.
func (m *mapping[In, Out]) begin(from, to int, cause error) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := from; i < to; i++ {
		switch {
		case m.states[i] != uint8(Pending):
		case cause != nil || m.stopped:
			m.end(i, cancelled(cause))
		default:
			m.states[i] = uint8(Running)
			n++
		}
	}
	return n
}

// end makes a result known. The caller holds mu.
func (m *mapping[In, Out]) end(i int, err error) {
	if m.states[i] == uint8(Finished) {
		return
	}
	m.states[i] = uint8(Finished)
	var zero In
	m.in[i] = zero
	if err != nil {
		m.errs[i] = err
	}
	if m.awaited == i {
		m.awaited = -1
		m.arrived <- struct{}{}
	}
}

func (m *mapping[In, Out]) results(yield func(Out, error) bool) {
	if m.used {
		return
	}
	m.used = true
	defer func() {
		m.mu.Lock()
		m.stopped = true
		m.mu.Unlock()
	}()
	for i := range m.states {
		if !yield(m.result(i)) {
			return
		}
	}
}

// result waits for one input and forgets its result.
func (m *mapping[In, Out]) result(i int) (out Out, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.states[i] != uint8(Finished) {
		m.awaited = i
		m.mu.Unlock()
		select {
		case <-m.arrived:
		case <-m.ctx.Done():
		}
		m.mu.Lock()
		switch m.awaited = -1; State(m.states[i]) {
		case Pending:
			m.stopped = true
			m.end(i, cancelled(context.Cause(m.ctx)))
		case Running:
			return out, fmt.Errorf("%w: %w", ErrUnfinished, context.Cause(m.ctx))
		}
		select { // both may have been ready
		case <-m.arrived:
		default:
		}
	}
	err = m.errs[i]
	delete(m.errs, i)
	out, m.out[i] = m.out[i], out
	return out, err
}

func cancelled(cause error) error {
	if cause == nil {
		return ErrCancelled
	}
	return fmt.Errorf("%w: %w", ErrCancelled, cause)
}

// A part is a task with the inputs [from, to) of a mapping.
type part[In, Out any] struct {
	*mapping[In, Out]
	from, to int
}

var _ Remote = (*part[int, bool])(nil)

func (p *part[In, Out]) Definition() Definition { return p.def }
func (p *part[In, Out]) Len() int               { return p.to - p.from }
func (p *part[In, Out]) Input(i int) any        { return &p.in[p.from+i] }
func (p *part[In, Out]) Output(i int) any       { return &p.out[p.from+i] }
func (p *part[In, Out]) Split(n int) (head, rest Remote) {
	return &part[In, Out]{p.mapping, p.from, p.from + n}, &part[In, Out]{p.mapping, p.from + n, p.to}
}

func (p *part[In, Out]) End(i int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end(p.from+i, err)
}

// Begin implements [Remote].
func (p *part[In, Out]) Begin() (context.Context, bool) {
	return p.ctx, p.begin(p.from, p.to, context.Cause(p.ctx)) > 0
}

// Run runs the inputs here, one after another, also when one of them ends the goroutine.
func (p *part[In, Out]) Run(ctx context.Context) {
	next := p.from
	defer func() {
		if next < p.to {
			(&part[In, Out]{p.mapping, next, p.to}).Run(ctx)
		}
	}()
	for next < p.to {
		i := next
		next++
		cause := context.Cause(p.ctx)
		if cause == nil {
			cause = context.Cause(ctx)
		}
		if p.begin(i, next, cause) > 0 {
			p.here(i)
		}
	}
}

// here runs one input in place.
func (m *mapping[In, Out]) here(i int) {
	err := ErrGoexit
	defer func() {
		if err == ErrGoexit {
			if v := recover(); v != nil {
				err = newPanicError(v)
			}
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.end(i, err)
	}()
	m.out[i], err = m.def.f(m.ctx, m.in[i])
}
