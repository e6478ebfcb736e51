package latency

import (
	"container/heap"
	"context"
	"net/http"
	"sync"
	"time"
)

// An Alarm wakes whoever waits for a time, nearer to it than the runtime's
// timers do, which sleep for whole milliseconds where nothing else happens. Nil
// is an alarm too, made of those timers: the one for a testing/synctest bubble,
// and for systems without a better one.
type Alarm struct {
	ticker ticker

	mu      sync.Mutex
	waiters waiters
	running sync.WaitGroup
}

// A ticker is a timer of the system's.
type ticker interface {
	set(d time.Duration) // it goes off after d, instead of whatever was set before
	wait() bool          // until it goes off; false when it is closed
	close() error
}

// A waiter waits for a time.
type waiter struct {
	at    time.Time
	due   chan struct{}
	index int // in the heap, -1 when it is not there any more
}

// NewAlarm returns the best alarm that the system has. It runs until Close.
func NewAlarm() *Alarm {
	t := newTicker()
	if t == nil {
		return nil
	}
	a := &Alarm{ticker: t}
	a.running.Go(func() {
		for t.wait() {
			a.ring()
		}
	})
	return a
}

// Close ends the alarm and waits for it. Nobody must wait for a time any more.
func (a *Alarm) Close() error {
	if a == nil {
		return nil
	}
	err := a.ticker.close()
	a.running.Wait()
	return err
}

// until waits for a time. When the context is done before, it aborts the
// handler.
func (a *Alarm) until(ctx context.Context, t time.Time) {
	d := time.Until(t)
	if d <= 0 && ctx.Err() == nil {
		return
	}
	var due <-chan struct{}
	var coarse <-chan time.Time
	if a == nil {
		timer := time.NewTimer(d)
		defer timer.Stop()
		coarse = timer.C
	} else {
		w := a.add(t)
		defer a.remove(w)
		due = w.due
	}
	select {
	case <-due:
	case <-coarse:
	case <-ctx.Done():
		panic(http.ErrAbortHandler)
	}
}

func (a *Alarm) add(t time.Time) *waiter {
	a.mu.Lock()
	defer a.mu.Unlock()
	w := &waiter{at: t, due: make(chan struct{})}
	heap.Push(&a.waiters, w)
	if w.index == 0 {
		a.next()
	}
	return w
}

func (a *Alarm) remove(w *waiter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if w.index >= 0 {
		heap.Remove(&a.waiters, w.index)
	}
}

// ring wakes everybody whose time has come.
func (a *Alarm) ring() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for now := time.Now(); len(a.waiters) > 0 && !a.waiters[0].at.After(now); {
		close(heap.Pop(&a.waiters).(*waiter).due)
	}
	a.next()
}

// next sets the ticker for the earliest waiter.
func (a *Alarm) next() {
	if len(a.waiters) > 0 {
		a.ticker.set(max(time.Until(a.waiters[0].at), 1))
	}
}

// waiters is a heap with the earliest on top.
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
