package gate

import (
	"context"
	"sync/atomic"
)

// A Batch is one task of many parts, in which every worker of a pool that is free takes part. The parts are begun in their order: it
// is as if each were a task of its own, without what queueing that many costs.
type Batch struct {
	Parts int64
	Work  func(ctx context.Context) // begins one part after another as long as it gets one

	gate   *Gate
	begun  atomic.Int64
	behind *Batch
}

var _ Awaited = (*Batch)(nil)

// Run takes part.
func (b *Batch) Run(ctx context.Context) { b.Work(ctx) }

// more reports whether there are parts that have not begun.
func (b *Batch) more() bool { return b != nil && b.begun.Load() < b.Parts }

// Begin returns the next part, if there is one and nobody else has a claim on the worker's place.
func (b *Batch) Begin() (part int, ok bool) {
	if !b.gate.calm.Load() {
		return 0, false
	}
	n := b.begun.Add(1)
	return int(n) - 1, n <= b.Parts
}

// Cut keeps parts from beginning, and returns the first that has not.
func (b *Batch) Cut() (part int) { return int(min(b.begun.Swap(b.Parts), b.Parts)) }

// Settled implements [Awaited].
func (b *Batch) Settled() bool { return !b.more() }

// PendingIn implements [Awaited].
func (b *Batch) PendingIn(g *Gate) bool { return b.gate == g && b.more() }
