package scenarios

import (
	"context"
	"iter"
	"net"
	"time"
)

// maxAttempts bounds the attempts at a key: what no client does needs no plan.
const maxAttempts = 100

// An allowance is how many attempts the workload allows, each for so long, 0
// for as long as it takes.
type allowance struct {
	attempts int
	timeout  time.Duration
}

// allowanceKey is the key of a context's allowance.
type allowanceKey struct{}

// allow makes the context of a task that may make so many attempts. One attempt
// alone has the timeout there already.
func allow(ctx context.Context, attempts int, timeout time.Duration) (context.Context, context.CancelFunc) {
	if attempts > 1 {
		return context.WithValue(ctx, allowanceKey{}, allowance{attempts, timeout}), func() {}
	}
	return limited(ctx, timeout)
}

func limited(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, timeout, errTimeout)
}

// Attempts yields the attempts that a [RequestFunc] may make, numbered from 1,
// each with a context that ends when the workload's timeout for it is over. ctx
// is the request's own. A client goes on to the next where an attempt has
// failed, which a 404 has not; there is none once ctx is done.
func Attempts(ctx context.Context) iter.Seq2[int, context.Context] {
	p, _ := ctx.Value(allowanceKey{}).(allowance)
	return func(yield func(int, context.Context) bool) {
		for n := 1; n == 1 || n <= p.attempts && ctx.Err() == nil; n++ {
			one, cancel := limited(ctx, p.timeout)
			more := yield(n, one)
			cancel()
			if !more {
				return
			}
		}
	}
}

// An overdue is the cause by which a request's context ends when the workload's
// timeout is over, and not the whole run. net/http returns the cause in place
// of the context's own error, so it is a timeout in every way in which a client
// may ask: errors.Is with [context.DeadlineExceeded], [net.Error],
// os.IsTimeout.
type overdue struct{}

var (
	_          net.Error = overdue{}
	errTimeout error     = overdue{}
)

func (overdue) Error() string   { return "timeout" }
func (overdue) Timeout() bool   { return true }
func (overdue) Temporary() bool { return true }
func (overdue) Unwrap() error   { return context.DeadlineExceeded }
