package executor

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/teapot-go/teapot/executor/internal/contain"
	"github.com/teapot-go/teapot/executor/internal/gate"
)

// A part is a task with the inputs [from, to) of a mapping, in whole chunks.
type part[In, Out any] struct {
	*mapping[In, Out]
	on       *shelf[In, Out] // on which all of them stand; nil if they are on several
	from, to int
	home     *gate.Gate
}

var _ gate.Awaited = (*part[int, bool])(nil)

// find returns where input i is.
func (p *part[In, Out]) find(i int) (s *shelf[In, Out], c *chunk, at int) {
	if s = p.on; s == nil {
		s = p.shelves[i/p.size>>p.shift]
	}
	at = i - s.base
	return s, &s.chunks[at/p.size], at
}

// all goes through the chunks, with the inputs [from, to) of each.
func (p *part[In, Out]) all(do func(s *shelf[In, Out], c *chunk, from, to int)) {
	for from := p.from; from < p.to; {
		s, c, _ := p.find(from)
		to := min(from+p.size, p.to)
		do(s, c, from, to)
		from = to
	}
}

// task is the part as its executor has it.
func (p *part[In, Out]) task() gate.Awaited {
	if p.def != nil {
		return (*remote[In, Out])(p)
	}
	return p
}

// Context is the task's context, for an executor that has to wait in Execute.
func (p *part[In, Out]) Context() context.Context { return p.ctx }

// Adopt is told which gate has the task.
func (p *part[In, Out]) Adopt(g *gate.Gate) { p.home = g }

// Settled and PendingIn implement [gate.Awaited].
func (p *part[In, Out]) Settled() bool {
	settled := true
	p.all(func(_ *shelf[In, Out], c *chunk, _, _ int) { settled = settled && c.final() })
	return settled
}

func (p *part[In, Out]) PendingIn(g *gate.Gate) bool {
	_, c, _ := p.find(p.from)
	return p.home == g && State(c.state.Load()) == Pending
}

// refuse ends every input that has not begun with an error.
func (p *part[In, Out]) refuse(err error) {
	p.all(func(_ *shelf[In, Out], c *chunk, from, to int) {
		if c.begin() {
			for i := from; i < to; i++ {
				p.fail(c, i, err)
			}
			p.end(c)
		}
	})
}

// Run runs the inputs one after another, or ends them when the executor has
// given up.
func (p *part[In, Out]) Run(ctx context.Context) {
	if ctx.Err() != nil {
		p.refuse(cancelled(context.Cause(ctx)))
		return
	}
	w := walk[In, Out]{mapping: p.mapping, party: p.party(ctx)}
	p.all(func(s *shelf[In, Out], c *chunk, from, to int) { w.along(s, c, from, to) })
}

// A walk runs chunks one after another in one goroutine.
type walk[In, Out any] struct {
	*mapping[In, Out]
	party *party
	seats []seat // not taken yet

	on       *shelf[In, Out]
	chunk    *chunk
	seat     *seat
	from, to int
	at       int // the current input
}

// along runs the inputs [from, to) of a chunk, whatever each does to the
// goroutine.
func (w *walk[In, Out]) along(s *shelf[In, Out], c *chunk, from, to int) {
	if w.stopped.Load() || !c.begin() {
		return
	}
	w.on, w.chunk, w.from, w.to, w.at = s, c, from, to, from
	w.takeSeat()
	for w.at < w.to {
		w.stretch()
	}
}

// stretch runs inputs until one of them panics, and all that are left if one
// ends the goroutine.
func (w *walk[In, Out]) stretch() {
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v != nil {
			w.ended(&PanicError{v, contain.Callers()})
			return
		}
		w.ended(ErrGoexit)
		for w.at < w.to {
			w.stretch()
		}
	}()
	done := w.ctx.Done()
	for w.at < w.to {
		if done != nil && w.ctx.Err() != nil {
			w.ended(cancelled(context.Cause(w.ctx)))
			continue
		}
		i := w.at - w.on.base
		out, err := w.f(w.seat, w.on.in[i])
		w.on.out[i] = out
		w.ended(err)
	}
	returned = true
}

// ended notes the end of the current input, and makes it known with the last
// one of the chunk.
func (w *walk[In, Out]) ended(err error) {
	if err != nil {
		w.fail(w.chunk, w.at, err)
	}
	if w.at++; w.at == w.to {
		clear(w.on.in[w.from-w.on.base : w.to-w.on.base])
		w.end(w.chunk)
		w.seat.leave()
	}
}

// A party is what the seats of one walk have in common.
type party struct {
	ctx  context.Context
	gate *gate.Gate
}

// party begins one in a goroutine that an executor has given a context.
func (m *mapping[In, Out]) party(ctx context.Context) *party {
	return &party{ctx: m.ctx, gate: gate.Of(ctx)}
}

// A seat is the context of one chunk's functions. Each is used once: a function
// may have left it to somebody who waits with it later.
type seat struct {
	*party
	place atomic.Pointer[gate.Place]
}

var _ context.Context = (*seat)(nil)

// left is the place of a chunk that has ended.
var left = new(gate.Place)

func (w *walk[In, Out]) takeSeat() {
	if len(w.seats) == 0 {
		n := 1
		if w.seat != nil { // and there will be more
			n = shelfLen
		}
		w.seats = make([]seat, n)
	}
	w.seat, w.seats = &w.seats[0], w.seats[1:]
	w.seat.party = w.party
}

// Deadline, Done, Err and Value implement [context.Context].
func (s *seat) Deadline() (time.Time, bool) { return s.ctx.Deadline() }
func (s *seat) Done() <-chan struct{}       { return s.ctx.Done() }
func (s *seat) Err() error                  { return s.ctx.Err() }

func (s *seat) Value(key any) any {
	if key != (gate.PlaceKey{}) {
		return s.ctx.Value(key)
	}
	if s.gate == nil {
		return nil // the executor knows nothing of places, and that of an outer task is not this one's to lend
	}
	if s.place.Load() == nil {
		s.place.CompareAndSwap(nil, s.gate.NewPlace())
	}
	if p := s.place.Load(); p != left {
		return p
	}
	return nil
}

// leave ends the chunk's dealings with its place.
func (s *seat) leave() {
	if p := s.place.Swap(left); p != nil {
		p.End()
	}
}
