// Package timer waits for times as precisely as the system can.
package timer

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// A Timer waits for times more precisely than the timers of Go's runtime, which
// are late by up to a millisecond in an idle process. A nil *Timer waits with
// the runtime's timers: for a testing/synctest bubble, and for systems that
// have nothing better. Any number of goroutines may wait at once.
type Timer struct {
	system systemTimer

	mu      sync.Mutex
	waiters waiters
	running sync.WaitGroup
}

// A systemTimer is a timer of the operating system.
type systemTimer interface {
	set(d time.Duration) // fires after d, and not at the time that was set before
	wait() bool          // waits until it fires; false if it is closed
	close() error
}

// A waiter waits for a time.
type waiter struct {
	at    time.Time
	due   chan struct{}
	index int // in the heap, -1 once it is removed
}

// New returns the most precise timer of the system, which is nil if the system
// has none but the runtime's. It runs until Close.
func New() *Timer {
	system := newSystemTimer()
	if system == nil {
		return nil
	}
	timer := &Timer{system: system}
	timer.running.Go(func() {
		for system.wait() {
			timer.fire()
		}
	})
	return timer
}

// Close stops the timer. No goroutine may wait for a time any more. Close waits
// for the timer's goroutine, which ends at once.
func (t *Timer) Close() error {
	if t == nil {
		return nil
	}
	err := t.system.close()
	t.running.Wait()
	return err
}

// Wait returns nil at the given time, or at once if that has passed. If the
// context is done before, it returns the context's error.
func (t *Timer) Wait(ctx context.Context, at time.Time) error {
	d := time.Until(at)
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	var due <-chan struct{}
	var coarse <-chan time.Time
	if t == nil {
		timer := time.NewTimer(d)
		defer timer.Stop()
		coarse = timer.C
	} else {
		w := t.add(at)
		defer t.remove(w)
		due = w.due
	}
	select {
	case <-due:
	case <-coarse:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (t *Timer) add(at time.Time) *waiter {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := &waiter{at: at, due: make(chan struct{})}
	heap.Push(&t.waiters, w)
	if w.index == 0 {
		t.next()
	}
	return w
}

func (t *Timer) remove(w *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w.index >= 0 {
		heap.Remove(&t.waiters, w.index)
	}
}

// fire wakes the waiters whose time has come.
func (t *Timer) fire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for now := time.Now(); len(t.waiters) > 0 && !t.waiters[0].at.After(now); {
		close(heap.Pop(&t.waiters).(*waiter).due)
	}
	t.next()
}

// next sets the system timer for the earliest waiter.
func (t *Timer) next() {
	if len(t.waiters) > 0 {
		t.system.set(max(time.Until(t.waiters[0].at), 1))
	}
}

// waiters is a heap whose first element is the earliest.
type waiters []*waiter

func (h waiters) Len() int           { return len(h) }
func (h waiters) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h waiters) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *waiters) Push(x any) {
	w := x.(*waiter)
	w.index = len(*h)
	*h = append(*h, w)
}

func (h *waiters) Pop() any {
	last := len(*h) - 1
	w := (*h)[last]
	(*h)[last], w.index = nil, -1
	*h = (*h)[:last]
	return w
}
