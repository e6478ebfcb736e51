// Package fifo has the queue of executors.
package fifo

import "sync/atomic"

// blockLen is a compromise: a block of tasks takes 1 KB, and allocating one
// costs next to nothing per task.
const blockLen = 64

// A Queue is first in, first out, without a limit, so that Submit never blocks.
// It grows by blocks, so that the memory of a backlog is freed while the
// backlog is worked off. The zero value is empty.
//
// A lock of the caller guards Push, Unpush and Len. Take needs no lock: a
// worker that has ended one task takes the next without making those who submit
// wait.
type Queue[E any] struct {
	head atomic.Pointer[block[E]] // holds the oldest item, or comes before the block that does
	tail *block[E]
}

type block[E any] struct {
	span  atomic.Uint64 // from<<32 | to: items[from:to] are in the queue
	items [blockLen]E   // outside the span, an item belongs to the goroutine that pushes or has taken it
	next  atomic.Pointer[block[E]]
	prior int // number of items that the blocks before it have had
}

func bounds(span uint64) (from, to int) { return int(span >> 32), int(uint32(span)) }

// Push adds the newest item.
func (q *Queue[E]) Push(e E) {
	b := q.tail
	if b == nil {
		b = new(block[E])
		q.tail = b
		q.head.Store(b)
	}
	_, to := bounds(b.span.Load())
	if to == blockLen {
		b = &block[E]{prior: b.prior + blockLen}
		q.tail.next.Store(b)
		q.tail, to = b, 0
	}
	b.items[to] = e
	b.span.Add(1)
}

// Take removes and returns the oldest item, or reports false if the queue is
// empty.
func (q *Queue[E]) Take() (e E, ok bool) {
	b := q.head.Load()
	for b != nil {
		span := b.span.Load()
		from, to := bounds(span)
		switch {
		case from < to:
			if b.span.CompareAndSwap(span, span+1<<32) {
				e, b.items[from] = b.items[from], e
				return e, true
			}
		case to < blockLen:
			return e, false
		default:
			next := b.next.Load()
			if next != nil {
				q.head.CompareAndSwap(b, next)
			}
			b = next
		}
	}
	return e, false
}

// Len returns the number of items. It may count one that is being taken.
func (q *Queue[E]) Len() int {
	b := q.head.Load()
	if b == nil {
		return 0
	}
	from, _ := bounds(b.span.Load())
	_, to := bounds(q.tail.span.Load())
	return q.tail.prior + to - b.prior - from
}

// Unpush removes the newest item if it is e.
func (q *Queue[E]) Unpush(e any) {
	b := q.tail
	if b == nil {
		return
	}
	for {
		span := b.span.Load()
		if from, to := bounds(span); from == to {
			return
		}
		if b.span.CompareAndSwap(span, span-1) { // now no goroutine takes it, and we may look
			break
		}
	}
	_, at := bounds(b.span.Load())
	if any(b.items[at]) != e {
		b.span.Add(1)
		return
	}
	var zero E
	b.items[at] = zero
}
