package gate

import "sync/atomic"

// blockLen is a compromise: a block of tasks takes 1 KB, and allocating one
// costs next to nothing per task.
const blockLen = 64

// A queue is first in, first out, without a bound: Submit never blocks. It
// grows by blocks, so that a backlog's memory is released while it is worked
// off. The zero value is empty.
//
// Its owner's lock guards push, unpush and size; take needs none: a worker that
// has ended one task has the next without a lock for which those who submit
// would have to wait.
type queue[E any] struct {
	head atomic.Pointer[block[E]] // where the oldest item is, or some block before that
	tail *block[E]
}

type block[E any] struct {
	span  atomic.Uint64 // from<<32 | to: the items that are there
	items [blockLen]E   // each is its pusher's before it is in the span, and its taker's after
	next  atomic.Pointer[block[E]]
	past  int // how many items the blocks before it have had
}

func bounds(span uint64) (from, to int) { return int(span >> 32), int(uint32(span)) }

func (q *queue[E]) push(e E) {
	b := q.tail
	if b == nil {
		b = new(block[E])
		q.tail = b
		q.head.Store(b)
	}
	_, to := bounds(b.span.Load())
	if to == blockLen {
		b = &block[E]{past: b.past + blockLen}
		q.tail.next.Store(b)
		q.tail, to = b, 0
	}
	b.items[to] = e
	b.span.Add(1)
}

// take removes the oldest item, if there is one.
func (q *queue[E]) take() (e E, ok bool) {
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

// size is how many items there are, or were a moment ago if somebody takes one.
func (q *queue[E]) size() int {
	b := q.head.Load()
	if b == nil {
		return 0
	}
	from, _ := bounds(b.span.Load())
	_, to := bounds(q.tail.span.Load())
	return q.tail.past + to - b.past - from
}

// unpush removes the newest item if it is e.
func (q *queue[E]) unpush(e any) {
	b := q.tail
	if b == nil {
		return
	}
	for {
		span := b.span.Load()
		if from, to := bounds(span); from == to {
			return
		}
		if b.span.CompareAndSwap(span, span-1) { // now nobody takes it, and we may look
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
