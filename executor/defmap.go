package executor

import (
	"context"
	"iter"
)

// Map calls the function for every input of in, as tasks of ex, under the rules of the function [Map].
//
// Without a bound and a size of chunks, an executor with a method Spread(Remote) error gets all inputs as one task, which it splits
// as its processes become free: so the chunks are as long as the inputs prove to be short.
func (d *Defined[In, Out]) Map(ctx context.Context, ex Executor, in iter.Seq[In], how ...Mapping) iter.Seq2[Out, error] {
	h := only(how)
	m := newMapping[In, Out](ctx, h)
	m.f, m.def = d.f, d
	if h.Ahead > 0 {
		return m.reading(in, h.Ahead, ex.Execute)
	}
	m.collect(in)
	switch ex := ex.(type) {
	case interface{ Spread(t Remote) error }:
		if h.Chunk > 0 {
			m.submit(ex.(Executor).Execute)
			break
		}
		all := m.whole()
		if err := ex.Spread((*remote[In, Out])(&all)); err != nil {
			all.refuse(err)
		}
	case *pool:
		if m.together(ex) {
			break
		}
		m.submit(ex.Execute)
	case Executor:
		m.submit(ex.Execute)
	}
	return m.results
}

// A remote is a part of a defined mapping: the same memory, so that one which is not defined can't get elsewhere.
type remote[In, Out any] part[In, Out]

var (
	_ Remote    = (*remote[int, bool])(nil)
	_ claimable = (*remote[int, bool])(nil)
)

func (r *remote[In, Out]) part() *part[In, Out] { return (*part[In, Out])(r) }

func (r *remote[In, Out]) Run(ctx context.Context)  { r.part().Run(ctx) }
func (r *remote[In, Out]) Context() context.Context { return r.ctx }
func (r *remote[In, Out]) adopt(g *gate)            { r.home = g }
func (r *remote[In, Out]) settled() bool            { return r.part().settled() }
func (r *remote[In, Out]) pendingIn(g *gate) bool   { return r.part().pendingIn(g) }

func (r *remote[In, Out]) Definition() Definition { return r.def }
func (r *remote[In, Out]) Len() int               { return r.to - r.from }

func (r *remote[In, Out]) Input(i int) any {
	s := r.part().shelf(r.from + i)
	return &s.in[r.from+i-s.base]
}

func (r *remote[In, Out]) Output(i int) any {
	s := r.part().shelf(r.from + i)
	return &s.out[r.from+i-s.base]
}

// Begin implements [Remote].
func (r *remote[In, Out]) Begin() (context.Context, bool) {
	if cause := context.Cause(r.ctx); cause != nil {
		r.part().refuse(cancelled(cause))
	}
	n := 0
	r.part().all(func(_ *shelf[In, Out], c *chunk, from, to int) {
		if !r.stopped.Load() && c.begin() {
			n += to - from
		}
	})
	return r.ctx, n > 0
}

// End implements [Remote].
func (r *remote[In, Out]) End(i int, err error) {
	i += r.from
	s := r.part().shelf(i)
	c, at := r.find(s, i)
	if State(c.state.Load()) != Running {
		return
	}
	var forgotten In
	s.in[at] = forgotten
	if err != nil {
		r.fail(c, i, err)
	}
	first := i / r.size * r.size
	if n := min(r.size, r.to-first); int(c.ended.Add(1)) == n {
		r.end(c)
	}
}

// Split implements [Remote].
func (r *remote[In, Out]) Split(n int) (head, rest Remote) {
	return &remote[In, Out]{mapping: r.mapping, on: r.on, from: r.from, to: r.from + n},
		&remote[In, Out]{mapping: r.mapping, on: r.on, from: r.from + n, to: r.to}
}
