package executor

import (
	"context"
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

// together makes all the inputs that were collected one task of a pool, or reports false and does nothing if tasks count there.
func (m *mapping[In, Out]) together(p *pool) bool {
	b := &batch{gate: &p.gate, parts: int64((m.read + m.size - 1) / m.size), ctx: m.ctx}
	all := m.whole()
	rest := func() *part[In, Out] {
		return &part[In, Out]{mapping: m, from: min(b.cut()*m.size, m.read), to: m.read}
	}
	b.work = func(ctx context.Context) {
		if ctx.Err() != nil {
			rest().Run(ctx)
			return
		}
		w := walk[In, Out]{mapping: m, party: m.party(ctx)}
		for n, ok := b.begin(); ok; n, ok = b.begin() {
			from := n * m.size
			s := all.shelf(from)
			c, _ := m.find(s, from)
			w.along(s, c, from, min(from+m.size, m.read))
		}
	}
	counts, err := p.executeAll(b)
	if counts {
		return false
	}
	m.crowd = b
	if err != nil {
		rest().refuse(err)
	}
	return true
}
