package executor

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/teapot-go/teapot/executor/internal/contain"
	"github.com/teapot-go/teapot/executor/internal/sched"
)

// A part is a task with the inputs [from, to) of a mapping, in whole chunks.
type part[In, Out any] struct {
	m         *mapping[In, Out]
	block     *block[In, Out] // that holds all of them; nil if several do
	from, to  int
	scheduler *sched.Scheduler
}

var _ sched.Awaited = (*part[int, bool])(nil)

// find returns the block and the chunk of input i, and its index in the block.
func (p *part[In, Out]) find(i int) (b *block[In, Out], c *chunk, at int) {
	if b = p.block; b == nil {
		b = p.m.blocks[i/p.m.size>>p.m.shift]
	}
	at = i - b.base
	return b, &b.chunks[at/p.m.size], at
}

// all calls do for each chunk, with the inputs [from, to) of it.
func (p *part[In, Out]) all(do func(b *block[In, Out], c *chunk, from, to int)) {
	for from := p.from; from < p.to; {
		b, c, _ := p.find(from)
		to := min(from+p.m.size, p.to)
		do(b, c, from, to)
		from = to
	}
}

// task returns the part as the executor sees it.
func (p *part[In, Out]) task() sched.Awaited {
	if p.m.def != nil {
		return (*remote[In, Out])(p)
	}
	return p
}

// Context returns the task's context, which ends a wait in Execute.
func (p *part[In, Out]) Context() context.Context { return p.m.ctx }

// SetScheduler tells the task which scheduler has it.
func (p *part[In, Out]) SetScheduler(s *sched.Scheduler) { p.scheduler = s }

// Settled and QueuedIn implement [sched.Awaited].
func (p *part[In, Out]) Settled() bool {
	settled := true
	p.all(func(_ *block[In, Out], c *chunk, _, _ int) { settled = settled && c.final() })
	return settled
}

func (p *part[In, Out]) QueuedIn(s *sched.Scheduler) bool {
	_, c, _ := p.find(p.from)
	return p.scheduler == s && State(c.state.Load()) == Pending
}

// refuse ends every input that has not started with err.
func (p *part[In, Out]) refuse(err error) {
	p.all(func(_ *block[In, Out], c *chunk, from, to int) {
		if c.begin() {
			for i := from; i < to; i++ {
				p.m.fail(c, i, err)
			}
			p.m.end(c)
		}
	})
}

// Run runs the inputs one after another, or ends them all if the executor has
// given up on the task.
func (p *part[In, Out]) Run(ctx context.Context) {
	if ctx.Err() != nil {
		p.refuse(cancelled(context.Cause(ctx)))
		return
	}
	r := runner[In, Out]{m: p.m, run: p.m.newRun(ctx)}
	p.all(func(b *block[In, Out], c *chunk, from, to int) { r.runChunk(b, c, from, to) })
}

// A run is what all chunks share that one call of Run runs.
type run struct {
	ctx       context.Context // of Map
	scheduler *sched.Scheduler
}

// newRun returns the run of a task that an executor runs with ctx.
func (m *mapping[In, Out]) newRun(ctx context.Context) *run {
	return &run{ctx: m.ctx, scheduler: sched.FromContext(ctx)}
}

// A runner runs chunks one after another in one goroutine.
type runner[In, Out any] struct {
	m     *mapping[In, Out]
	run   *run
	spare []chunkContext // not used yet

	block    *block[In, Out]
	chunk    *chunk
	chunkCtx *chunkContext
	from, to int // the inputs of the chunk
	at       int // the current input
}

// runChunk runs the inputs [from, to) of a chunk, even if one of them ends the
// goroutine.
func (r *runner[In, Out]) runChunk(b *block[In, Out], c *chunk, from, to int) {
	if r.m.stopped.Load() || !c.begin() {
		return
	}
	r.block, r.chunk, r.from, r.to, r.at = b, c, from, to, from
	r.newContext()
	for r.at < r.to {
		r.runInputs()
	}
}

// runInputs runs inputs up to the first that panics. If one ends the goroutine,
// it runs all that are left before the goroutine ends.
func (r *runner[In, Out]) runInputs() {
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v != nil {
			r.inputEnded(&PanicError{v, contain.Callers()})
			return
		}
		r.inputEnded(ErrGoexit)
		for r.at < r.to {
			r.runInputs()
		}
	}()
	done := r.m.ctx.Done()
	for r.at < r.to {
		if done != nil && r.m.ctx.Err() != nil {
			r.inputEnded(cancelled(context.Cause(r.m.ctx)))
			continue
		}
		i := r.at - r.block.base
		out, err := r.m.f(r.chunkCtx, r.block.in[i])
		r.block.out[i] = out
		r.inputEnded(err)
	}
	returned = true
}

// inputEnded records the end of the current input. With the last input, it
// makes the results of the chunk known.
func (r *runner[In, Out]) inputEnded(err error) {
	if err != nil {
		r.m.fail(r.chunk, r.at, err)
	}
	if r.at++; r.at == r.to {
		clear(r.block.in[r.from-r.block.base : r.to-r.block.base])
		r.m.end(r.chunk)
		r.chunkCtx.endSlot()
	}
}

// A chunkContext is the context of the functions of one chunk. It is never used
// for another chunk, as a function may have given it to a goroutine that waits
// with it later.
type chunkContext struct {
	*run
	slot atomic.Pointer[sched.Slot]
}

var _ context.Context = (*chunkContext)(nil)

// noSlot is in place of the slot of a chunk that has ended.
var noSlot = new(sched.Slot)

func (r *runner[In, Out]) newContext() {
	if len(r.spare) == 0 {
		n := 1
		if r.chunkCtx != nil { // and there will be more
			n = blockChunks
		}
		r.spare = make([]chunkContext, n)
	}
	r.chunkCtx, r.spare = &r.spare[0], r.spare[1:]
	r.chunkCtx.run = r.run
}

// Deadline, Done, Err and Value implement [context.Context].
func (c *chunkContext) Deadline() (time.Time, bool) { return c.ctx.Deadline() }
func (c *chunkContext) Done() <-chan struct{}       { return c.ctx.Done() }
func (c *chunkContext) Err() error                  { return c.ctx.Err() }

func (c *chunkContext) Value(key any) any {
	if key != (sched.SlotKey{}) {
		return c.ctx.Value(key)
	}
	if c.scheduler == nil {
		return nil // the executor has no slots, and the slot of an outer task must not be lent
	}
	if c.slot.Load() == nil {
		c.slot.CompareAndSwap(nil, c.scheduler.NewSlot())
	}
	if s := c.slot.Load(); s != noSlot {
		return s
	}
	return nil
}

// endSlot ends the slot of the chunk, and keeps another one from being made.
func (c *chunkContext) endSlot() {
	if s := c.slot.Swap(noSlot); s != nil {
		s.End()
	}
}
