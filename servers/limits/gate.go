package limits

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// A Gate lets requests in within a capacity and a rate. Its methods may be called by any number of goroutines.
type Gate struct {
	capacity Capacity
	slots    *semaphore.Weighted // nil for any number
	bucket   *bucket             // nil for any rate
	waiting  atomic.Int64
}

// NewGate makes a gate, or says what is wrong with a capacity or a rate.
func NewGate(c Capacity, r Rate) (*Gate, error) {
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
	g := &Gate{capacity: c, bucket: newBucket(r)}
	if c.Concurrent > 0 {
		g.slots = semaphore.NewWeighted(int64(c.Concurrent))
	}
	return g, nil
}

// Enter waits for a request's turn, as long as ctx lasts, and puts into the header of its answer what the rate has to say. A nil
// Refusal lets it in, and Leave must be called once when it is over; otherwise the Refusal answers it. The rate is asked first: a request
// that it turns away has not waited.
func (g *Gate) Enter(ctx context.Context, h http.Header) *Refusal {
	if g.bucket != nil {
		if wait, ok := g.bucket.take(time.Now(), h); !ok {
			return &Refusal{By: ByRate, status: http.StatusTooManyRequests, retryAfter: wait}
		}
	}
	if g.slots == nil || g.slots.TryAcquire(1) {
		return nil
	}
	policy := g.capacity.policy()
	defer g.waiting.Add(-1)
	if n := g.waiting.Add(1); policy != Wait && n > int64(g.capacity.Queue) {
		return g.full(policy)
	}
	if g.slots.Acquire(ctx, 1) != nil {
		return &Refusal{By: ByClient}
	}
	return nil
}

// Leave makes room for the next request.
func (g *Gate) Leave() {
	if g.slots != nil {
		g.slots.Release(1)
	}
}

// Waiting is the number of requests that wait for their turn.
func (g *Gate) Waiting() int { return int(g.waiting.Load()) }

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

// ServeHTTP answers, or ends the connection by panicking with [http.ErrAbortHandler].
func (f *Refusal) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if f.status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Retry-After", retryAfter(f.retryAfter))
	http.Error(w, http.StatusText(f.status), f.status)
}
