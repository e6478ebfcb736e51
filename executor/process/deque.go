package process

import (
	"io"
	"os"
	"sync"
)

// A deque is a ring that grows as it must. The zero value is empty.
type deque[E any] struct {
	ring  []E // its length is a power of two
	first int
	size  int
}

func (d *deque[E]) len() int     { return d.size }
func (d *deque[E]) at(i int) *E  { return &d.ring[(d.first+i)&(len(d.ring)-1)] }
func (d *deque[E]) front() E     { return *d.at(0) }
func (d *deque[E]) setFront(e E) { *d.at(0) = e }

func (d *deque[E]) push(e E) {
	d.grow()
	d.size++
	*d.at(d.size - 1) = e
}

func (d *deque[E]) pushFront(e E) {
	d.grow()
	d.first = (d.first - 1) & (len(d.ring) - 1)
	d.size++
	*d.at(0) = e
}

func (d *deque[E]) pop() E {
	var zero E
	e := d.front()
	d.setFront(zero)
	d.first = (d.first + 1) & (len(d.ring) - 1)
	d.size--
	if d.size == 0 && len(d.ring) > 1<<10 {
		*d = deque[E]{} // a long backlog is not to keep its memory
	}
	return e
}

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

// each gives every item its turn, also when one of them ends the goroutine with runtime.Goexit.
func each[E any](items []E, do func(E)) {
	defer func() {
		if len(items) > 0 {
			each(items, do)
		}
	}()
	for len(items) > 0 {
		item := items[0]
		items = items[1:]
		do(item)
	}
}

// shared makes a writer fit for several children. A file is handed to them as it is.
func shared(w io.Writer, instead *os.File) io.Writer {
	switch w := w.(type) {
	case nil:
		return instead
	case *os.File:
		return w
	default:
		return &lockedWriter{w: w}
	}
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
