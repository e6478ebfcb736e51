package executor

import (
	"context"
	"iter"
	"sync/atomic"
)

// A batch is one task of many parts, in which every worker of a pool that is free takes part. The parts are begun in their order: it
// is as if each were a task of its own, without what queueing that many costs.
type batch struct {
	gate   *gate
	parts  int64
	begun  atomic.Int64
	work   func(ctx context.Context) // begins one part after another as long as it gets one
	ctx    context.Context           // of the tasks
	behind *batch
}

var _ claimable = (*batch)(nil)

func (b *batch) Run(ctx context.Context) { b.work(ctx) }

// Context is the tasks' context.
func (b *batch) Context() context.Context { return b.ctx }

// more reports whether there are parts that have not begun.
func (b *batch) more() bool { return b != nil && b.begun.Load() < b.parts }

// begin returns the next part, if there is one and nobody else has a claim on the worker's place.
func (b *batch) begin() (part int, ok bool) {
	if !b.gate.calm.Load() {
		return 0, false
	}
	n := b.begun.Add(1)
	return int(n) - 1, n <= b.parts
}

// cut keeps parts from beginning, and returns the first that has not.
func (b *batch) cut() (part int) { return int(min(b.begun.Swap(b.parts), b.parts)) }

func (b *batch) settled() bool { return !b.more() }

func (b *batch) pendingIn(g *gate) bool { return b.gate == g && b.more() }

// together makes all inputs one task of a pool, or reports false and reads none if tasks count there. They are in chunks of one.
func (m *mapping[In, Out]) together(p *pool, in iter.Seq[In]) bool {
	if p.counts() {
		return false
	}
	all := m.collect(in)
	b := &batch{gate: &p.gate, parts: int64(all.to), ctx: m.ctx}
	b.work = func(ctx context.Context) {
		if ctx.Err() != nil {
			(&part[In, Out]{mapping: m, from: b.cut(), to: all.to}).Run(ctx)
			return
		}
		w := walk[In, Out]{mapping: m, party: m.party(ctx)}
		for i, ok := b.begin(); ok; i, ok = b.begin() {
			s := m.shelves[i>>m.shift]
			w.along(s, &s.chunks[i-s.base], i, i+1)
		}
	}
	m.crowd = b
	if err := p.Execute(b); err != nil {
		all.refuse(err)
	}
	return true
}
