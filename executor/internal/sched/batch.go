package sched

import (
	"context"
	"sync/atomic"
)

// A Batch is one task of many parts. Every free worker of a pool works on it.
// The parts start in their order, as if each were a task, but without the cost
// of a queue entry for each.
type Batch struct {
	Parts int64

	// Work runs one part after another, until next reports false.
	Work func(ctx context.Context, next func() (part int, ok bool))

	scheduler *Scheduler
	started   atomic.Int64
	next      *Batch
}

// Run works on the batch until all parts have started.
func (b *Batch) Run(ctx context.Context) { b.Work(ctx, b.nextPart) }

// hasMore reports whether there are parts that have not started.
func (b *Batch) hasMore() bool { return b != nil && b.started.Load() < b.Parts }

// nextPart returns the next part to run. It reports false if there is none, or
// if the worker must give up its slot.
func (b *Batch) nextPart() (part int, ok bool) {
	if !b.scheduler.uncontested.Load() {
		return 0, false
	}
	n := b.started.Add(1)
	return int(n) - 1, n <= b.Parts
}

// Stop keeps parts from starting, and returns the first that has not started.
func (b *Batch) Stop() (part int) { return int(min(b.started.Swap(b.Parts), b.Parts)) }

// Await returns what to wait for in place of one part of the batch. The
// function reports whether that part has ended.
func (b *Batch) Await(settled func() bool) Awaited { return &awaitedPart{b, settled} }

// An awaitedPart works on its batch, in the slot of the task that waits, until
// the part has ended.
type awaitedPart struct {
	batch   *Batch
	settled func() bool
}

var _ Awaited = (*awaitedPart)(nil)

func (a *awaitedPart) Run(ctx context.Context) {
	a.batch.Work(ctx, func() (part int, ok bool) {
		if a.settled() {
			return 0, false
		}
		return a.batch.nextPart()
	})
}

func (a *awaitedPart) Settled() bool { return a.settled() }

func (a *awaitedPart) QueuedIn(s *Scheduler) bool { return a.batch.scheduler == s && a.batch.hasMore() }
