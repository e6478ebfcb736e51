// Package deque is a queue that also gives back: what a child returns goes to
// the front.
package deque

// A Deque is a ring that grows as it must. The zero value is empty.
type Deque[E any] struct {
	ring  []E // its length is a power of two
	first int
	size  int
}

// Len is how many elements there are.
func (d *Deque[E]) Len() int { return d.size }

// At is where the i-th element is until the next call that adds one.
func (d *Deque[E]) At(i int) *E { return &d.ring[(d.first+i)&(len(d.ring)-1)] }

// Push adds an element at the end.
func (d *Deque[E]) Push(e E) {
	d.grow()
	d.size++
	*d.At(d.size - 1) = e
}

// PushFront adds one at the beginning.
func (d *Deque[E]) PushFront(e E) {
	d.grow()
	d.first = (d.first - 1) & (len(d.ring) - 1)
	d.size++
	*d.At(0) = e
}

// Pop takes the first one, which there must be.
func (d *Deque[E]) Pop() E {
	var zero E
	e := *d.At(0)
	*d.At(0) = zero
	d.first = (d.first + 1) & (len(d.ring) - 1)
	d.size--
	if d.size == 0 && len(d.ring) > 1<<10 {
		*d = Deque[E]{} // a long backlog is not to keep its memory
	}
	return e
}

// PopBack takes the last one, which there must be.
func (d *Deque[E]) PopBack() E {
	var zero E
	e := *d.At(d.size - 1)
	*d.At(d.size - 1) = zero
	d.size--
	return e
}

func (d *Deque[E]) grow() {
	if d.size < len(d.ring) {
		return
	}
	ring := make([]E, max(8, 2*len(d.ring)))
	for i := range d.size {
		ring[i] = *d.At(i)
	}
	d.ring, d.first = ring, 0
}
