package limits

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// A Gate lets requests in within a capacity and a rate. Its methods may be
// called by any number of goroutines.
type Gate struct {
	capacity Capacity
	bucket   *bucket // nil for any rate
	settled  bool

	mu      sync.Mutex
	free    int       // of the capacity's places; no meaning where there are any number
	queue   []*ticket // of requests that wait for a place, first in, first out
	arrived []*ticket // at this instant, where the order of these is to be settled
}

// A ticket is a request before the gate.
type ticket struct {
	rank    uint64
	header  http.Header
	called  chan struct{} // closed when it is decided on
	refusal *Refusal
}

// NewGate returns a gate. It fails if the capacity or the rate is invalid.
//
// A settled gate is for a testing/synctest bubble. The Go scheduler orders
// requests of the same instant at random; a settled gate orders them by rank,
// the lowest first. It waits a nanosecond until all of them have arrived.
func NewGate(c Capacity, r Rate, settled bool) (*Gate, error) {
	var errs []error
	if err := c.Check(); err != nil {
		errs = append(errs, fmt.Errorf("capacity: %w", err))
	}
	if err := r.Check(); err != nil {
		errs = append(errs, fmt.Errorf("rate: %w", err))
	}
	if errs != nil {
		return nil, errors.Join(errs...)
	}
	return &Gate{capacity: c, bucket: newBucket(r), settled: settled, free: c.Concurrent}, nil
}

// Enter waits until a request may be let in, or until ctx ends, and sets the
// header fields of the rate. A nil Refusal lets the request in, and the caller
// must call Leave once it has ended. Otherwise the Refusal must answer it. The
// rate is applied first: a request that it turns away does not wait.
func (g *Gate) Enter(ctx context.Context, h http.Header, rank uint64) *Refusal {
	if g.capacity.Concurrent == 0 && g.bucket == nil {
		return nil
	}
	t := &ticket{rank: rank, header: h, called: make(chan struct{})}
	if g.settled {
		g.settle(t)
	} else {
		g.mu.Lock()
		g.decide(t)
		g.mu.Unlock()
	}
	select {
	case <-t.called:
		return t.refusal
	case <-ctx.Done():
		return g.giveUp(t)
	}
}

// settle decides on the requests of an instant together: the first to come
// waits for all others, who wait for it.
func (g *Gate) settle(t *ticket) {
	g.mu.Lock()
	g.arrived = append(g.arrived, t)
	first := len(g.arrived) == 1
	g.mu.Unlock()
	if !first {
		return
	}
	<-time.After(time.Nanosecond)
	g.mu.Lock()
	defer g.mu.Unlock()
	slices.SortStableFunc(g.arrived, func(a, b *ticket) int { return cmp.Compare(a.rank, b.rank) })
	for _, t := range g.arrived {
		g.decide(t)
	}
	g.arrived = nil
}

// decide lets a request in, turns it away, or lets it wait. The caller holds
// the lock.
func (g *Gate) decide(t *ticket) {
	if g.bucket != nil {
		if wait, ok := g.bucket.take(time.Now(), t.header); !ok {
			t.refusal = &Refusal{By: ByRate, status: http.StatusTooManyRequests, retryAfter: wait}
			close(t.called)
			return
		}
	}
	switch policy := g.capacity.policy(); {
	case g.capacity.Concurrent == 0:
		close(t.called)
	case g.free > 0:
		g.free--
		close(t.called)
	case policy != Wait && len(g.queue) >= g.capacity.Queue:
		t.refusal = g.full(policy)
		close(t.called)
	default:
		g.queue = append(g.queue, t)
	}
}

// giveUp takes a request back that has ended before it was let in, or just
// then.
func (g *Gate) giveUp(t *ticket) *Refusal {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-t.called:
		return t.refusal
	default:
	}
	same := func(other *ticket) bool { return other == t }
	g.queue = slices.DeleteFunc(g.queue, same)
	g.arrived = slices.DeleteFunc(g.arrived, same)
	return &Refusal{By: ByClient}
}

// Leave makes room for the next request.
func (g *Gate) Leave() {
	if g.capacity.Concurrent == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.queue) == 0 {
		g.free++
		return
	}
	close(g.queue[0].called)
	g.queue[0] = nil
	g.queue = g.queue[1:]
}

// Waiting returns the number of requests that wait for their turn.
func (g *Gate) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.queue)
}

func (g *Gate) full(p Policy) *Refusal {
	switch p {
	case TooMany:
		return &Refusal{By: ByCapacity, status: http.StatusTooManyRequests, retryAfter: g.capacity.RetryAfter}
	case Unavailable:
		return &Refusal{By: ByCapacity, status: http.StatusServiceUnavailable, retryAfter: g.capacity.RetryAfter}
	default:
		return &Refusal{By: ByCapacity}
	}
}

// A Reason is why a request was not let in.
type Reason string

// The reasons. The zero Reason is that of a request that was let in.
const (
	ByCapacity Reason = "capacity" // there was no room for it
	ByRate     Reason = "rate"     // it came too soon
	ByClient   Reason = "client"   // it ended while it waited
)

// A Refusal is the answer to a request that was not let in.
type Refusal struct {
	By         Reason
	status     int // 0 for none: the connection is closed
	retryAfter time.Duration
}

var _ http.Handler = (*Refusal)(nil)

// ServeHTTP answers, or ends the connection by panicking with
// [http.ErrAbortHandler].
func (f *Refusal) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if f.status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Retry-After", retryAfter(f.retryAfter))
	http.Error(w, http.StatusText(f.status), f.status)
}
