package executor

// blockLen is a compromise: a block of tasks takes 1 KB, and allocating one costs next to nothing per task.
const blockLen = 64

// A queue is first in, first out, without a bound: Submit never blocks. It grows and shrinks by blocks, so that a backlog's
// memory is released while it is worked off, and keeps at most one spare. The zero value is empty.
type queue[E any] struct {
	head, tail *block[E]
	first      int // of head
	last       int // of tail, one past
	size       int
	spare      *block[E]
}

type block[E any] struct {
	items [blockLen]E
	next  *block[E]
}

func (q *queue[E]) push(e E) {
	if q.tail == nil || q.last == blockLen {
		c := q.spare
		q.spare = nil
		if c == nil {
			c = new(block[E])
		}
		if q.tail == nil {
			q.head, q.first = c, 0
		} else {
			q.tail.next = c
		}
		q.tail, q.last = c, 0
	}
	q.tail.items[q.last] = e
	q.last++
	q.size++
}

// pop removes the oldest item. The queue must not be empty.
func (q *queue[E]) pop() E {
	c := q.head
	var zero E
	e := c.items[q.first]
	c.items[q.first] = zero
	q.first++
	q.size--
	if q.first == blockLen || q.size == 0 {
		q.head, q.first = c.next, 0
		if q.head == nil {
			q.tail = nil
		}
		c.next = nil
		q.spare = c
	}
	return e
}

// unpush removes the newest item if it is e.
func (q *queue[E]) unpush(e any) {
	if q.size < 2 || q.last == 0 || any(q.tail.items[q.last-1]) != e {
		return
	}
	var zero E
	q.last--
	q.tail.items[q.last] = zero
	q.size--
}
