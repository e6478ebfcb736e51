package gate

import (
	"context"
	"sync/atomic"
)

// A Batch is one task of many parts, in which every worker of a pool that is
// free takes part. The parts are begun in their order: it is as if each were a
// task of its own, without what queueing that many costs.
type Batch struct {
	Parts int64

	// Work begins one part after another as long as begin gives it one.
	Work func(ctx context.Context, begin func() (part int, ok bool))

	gate   *Gate
	begun  atomic.Int64
	behind *Batch
}

// Run takes part.
func (b *Batch) Run(ctx context.Context) { b.Work(ctx, b.begin) }

// more reports whether there are parts that have not begun.
func (b *Batch) more() bool { return b != nil && b.begun.Load() < b.Parts }

// begin returns the next part, if there is one and nobody else has a claim on
// the worker's place.
func (b *Batch) begin() (part int, ok bool) {
	if !b.gate.calm.Load() {
		return 0, false
	}
	n := b.begun.Add(1)
	return int(n) - 1, n <= b.Parts
}

// Cut keeps parts from beginning, and returns the first that has not.
func (b *Batch) Cut() (part int) { return int(min(b.begun.Swap(b.Parts), b.Parts)) }

// Await is the batch for somebody who waits for one part of it, until ended
// says that it has ended.
func (b *Batch) Await(ended func() bool) Awaited { return &awaitedPart{b, ended} }

// An awaitedPart takes part in its batch, in the place of who waits, until the
// part has ended: then the place goes back.
type awaitedPart struct {
	batch *Batch
	ended func() bool
}

var _ Awaited = (*awaitedPart)(nil)

func (a *awaitedPart) Run(ctx context.Context) {
	a.batch.Work(ctx, func() (part int, ok bool) {
		if a.ended() {
			return 0, false
		}
		return a.batch.begin()
	})
}

func (a *awaitedPart) Settled() bool { return a.ended() }

func (a *awaitedPart) PendingIn(g *Gate) bool { return a.batch.gate == g && a.batch.more() }
