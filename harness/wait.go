package harness

import (
	"context"
	"fmt"
	"time"

	"github.com/teapot-go/teapot/servers/timer"
)

const (
	// grace is how long the tasks of a run that was stopped get to end by
	// themselves, in the run's own time.
	grace = time.Second
	// closing is how long a workload gets to close after an interrupt.
	closing = 10 * time.Second
)

// An overrun is the error of a call that did not return within a time.
type overrun struct{ limit time.Duration }

func (o overrun) Error() string { return fmt.Sprintf("no return within %v", o.limit) }

// within calls f in a goroutine and waits for it until the limit is over or ctx
// is done. A panic of f is an error.
func within[T any](ctx context.Context, limit time.Duration, f func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() { done <- a }()
		defer recovered(&a.err)
		a.value, a.err = f()
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, limit, overrun{limit})
	defer cancel()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
	}
	select { // both may be ready; an answer is worth more
	case a := <-done:
		return a.value, a.err
	default:
		var none T
		return none, context.Cause(ctx)
	}
}

// outlast returns a context that ends this long after ctx does.
func outlast(ctx context.Context, d time.Duration) (context.Context, func()) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(d, cancel) })
	return late, func() { stop(); cancel() }
}

// waitUntil returns at the given time, or false as soon as ctx is done.
func waitUntil(ctx context.Context, at time.Time) bool {
	return (*timer.Timer)(nil).Wait(ctx, at) == nil
}
