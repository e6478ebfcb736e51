package executor

import (
	"context"
	"iter"

	"github.com/teapot-go/teapot/executor/internal/gate"
)

// Map calls the function for every input of in, as tasks of ex, under the rules
// of the function [Map].
//
// Without a bound and a size of chunks, an executor with a method
// Spread(Remote) error gets all inputs as one task, which it splits as its
// processes become free: so the chunks are as long as the inputs prove to be
// short.
func (d *Defined[In, Out]) Map(ctx context.Context, ex Executor, in iter.Seq[In], how ...Mapping) iter.Seq2[Out, error] {
	h := only(how)
	m := newMapping[In, Out](ctx, h)
	m.f, m.def = d.f, d
	if h.Ahead > 0 {
		return m.reading(in, h.Ahead, ex.Execute)
	}
	switch ex := ex.(type) {
	case pool:
		if m.size == 1 && m.together(ex, in) {
			return m.results
		}
	case interface{ Spread(t Remote) error }:
		if h.Chunk == 0 {
			all := m.collect(in)
			if err := ex.Spread((*remote[In, Out])(&all)); err != nil {
				all.refuse(err)
			}
			return m.results
		}
	}
	m.submit(in, ex.Execute)
	return m.results
}

// A remote is a part of a defined mapping: the same memory, so that one which
// is not defined can't get elsewhere.
type remote[In, Out any] part[In, Out]

var (
	_ Remote       = (*remote[int, bool])(nil)
	_ gate.Awaited = (*remote[int, bool])(nil)
)

func (r *remote[In, Out]) part() *part[In, Out] { return (*part[In, Out])(r) }

func (r *remote[In, Out]) Run(ctx context.Context)     { r.part().Run(ctx) }
func (r *remote[In, Out]) Context() context.Context    { return r.ctx }
func (r *remote[In, Out]) Adopt(g *gate.Gate)          { r.home = g }
func (r *remote[In, Out]) Settled() bool               { return r.part().Settled() }
func (r *remote[In, Out]) PendingIn(g *gate.Gate) bool { return r.part().PendingIn(g) }

func (r *remote[In, Out]) Definition() Definition { return r.def }
func (r *remote[In, Out]) Len() int               { return r.to - r.from }

func (r *remote[In, Out]) Input(i int) any {
	s, _, at := r.part().find(r.from + i)
	return &s.in[at]
}

func (r *remote[In, Out]) Output(i int) any {
	s, _, at := r.part().find(r.from + i)
	return &s.out[at]
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
	s, c, at := r.part().find(i)
	if !c.running() {
		return
	}
	var forgotten In
	s.in[at] = forgotten
	if err != nil {
		r.fail(c, i, err)
	}
	if first := i / r.size * r.size; int(c.ended.Add(1)) == min(r.size, r.to-first) {
		r.end(c)
	}
}

// Split implements [Remote].
func (r *remote[In, Out]) Split(n int) (head, rest Remote) {
	return &remote[In, Out]{mapping: r.mapping, on: r.on, from: r.from, to: r.from + n},
		&remote[In, Out]{mapping: r.mapping, on: r.on, from: r.from + n, to: r.to}
}
