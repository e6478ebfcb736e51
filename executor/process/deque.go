package process

// A deque is a queue that also takes back: what a child returns goes to the
// front. It is a ring that grows as it must. The zero value is empty.
type deque[E any] struct {
	ring  []E // its length is a power of two
	first int
	size  int
}

// len returns the number of elements.
func (d *deque[E]) len() int { return d.size }

// at returns the i-th element. The pointer is valid until the next push.
func (d *deque[E]) at(i int) *E { return &d.ring[(d.first+i)&(len(d.ring)-1)] }

// push adds an element at the end.
func (d *deque[E]) push(e E) {
	d.grow()
	d.size++
	*d.at(d.size - 1) = e
}

// pushFront adds an element at the beginning.
func (d *deque[E]) pushFront(e E) {
	d.grow()
	d.first = (d.first - 1) & (len(d.ring) - 1)
	d.size++
	*d.at(0) = e
}

// pop removes the first element. It panics if there is none.
func (d *deque[E]) pop() E {
	var zero E
	e := *d.at(0)
	*d.at(0) = zero
	d.first = (d.first + 1) & (len(d.ring) - 1)
	d.size--
	if d.size == 0 && len(d.ring) > 1<<10 {
		*d = deque[E]{} // free the memory of a long backlog
	}
	return e
}

// popBack removes the last element. It panics if there is none.
func (d *deque[E]) popBack() E {
	var zero E
	e := *d.at(d.size - 1)
	*d.at(d.size - 1) = zero
	d.size--
	return e
}

func (d *deque[E]) grow() {
	if d.size < len(d.ring) {
		return
	}
	ring := make([]E, max(8, 2*len(d.ring)))
	for i := range d.size {
		ring[i] = *d.at(i)
	}
	d.ring, d.first = ring, 0
}
