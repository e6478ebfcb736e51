package executor

import (
	"context"
	"iter"

	"github.com/teapot-go/teapot/executor/internal/sched"
)

// Map calls the function for every input of in, as tasks of ex, under the rules
// of the function [Map].
//
// If how sets neither field, an executor with a method
// ExecuteSplit(Remote) error gets all inputs as one task. It splits the task as
// its processes become free, into long chunks if the inputs take little time.
func (d *Defined[In, Out]) Map(ctx context.Context, ex Executor, in iter.Seq[In],
	how ...MapOptions,
) iter.Seq2[Out, error] {
	h := only(how)
	m := newMapping[In, Out](ctx, h)
	m.f, m.def = d.f, d
	if h.Ahead > 0 {
		return m.readAhead(in, h.Ahead, ex.Execute)
	}
	if p := poolOf(ex); p != nil {
		if m.size == 1 && m.submitBatch(p, in) {
			return m.results
		}
	} else if ex, ok := ex.(interface{ ExecuteSplit(t Remote) error }); ok && h.Chunk == 0 {
		all := m.collect(in)
		if err := ex.ExecuteSplit((*remote[In, Out])(&all)); err != nil {
			all.refuse(err)
		}
		return m.results
	}
	m.submit(in, ex.Execute)
	return m.results
}

// A remote is a part of a defined mapping: the same memory. Only this type is a
// [Remote], so that a part that is not defined cannot reach another process.
type remote[In, Out any] part[In, Out]

var (
	_ Remote        = (*remote[int, bool])(nil)
	_ sched.Awaited = (*remote[int, bool])(nil)
)

func (r *remote[In, Out]) part() *part[In, Out] { return (*part[In, Out])(r) }

func (r *remote[In, Out]) Run(ctx context.Context)          { r.part().Run(ctx) }
func (r *remote[In, Out]) Context() context.Context         { return r.m.ctx }
func (r *remote[In, Out]) SetScheduler(s *sched.Scheduler)  { r.scheduler = s }
func (r *remote[In, Out]) Settled() bool                    { return r.part().Settled() }
func (r *remote[In, Out]) QueuedIn(s *sched.Scheduler) bool { return r.part().QueuedIn(s) }

func (r *remote[In, Out]) Definition() Definition { return r.m.def }
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
	if cause := context.Cause(r.m.ctx); cause != nil {
		r.part().refuse(cancelled(cause))
	}
	n := 0
	r.part().all(func(_ *block[In, Out], c *chunk, from, to int) {
		if !r.m.stopped.Load() && c.begin() {
			n += to - from
		}
	})
	return r.m.ctx, n > 0
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
		r.m.fail(c, i, err)
	}
	if first := i / r.m.size * r.m.size; int(c.ended.Add(1)) == min(r.m.size, r.to-first) {
		r.m.end(c)
	}
}

// Split implements [Remote].
func (r *remote[In, Out]) Split(n int) (head, rest Remote) {
	return &remote[In, Out]{m: r.m, block: r.block, from: r.from, to: r.from + n},
		&remote[In, Out]{m: r.m, block: r.block, from: r.from + n, to: r.to}
}
