package scenarios

import (
	"context"
	"iter"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/scenarios/internal/held"
)

// maxAttempts bounds the attempts at a key, and so the size of a task's plan.
const maxAttempts = 100

// attemptLimits are the limits of a workload with more than one attempt.
type attemptLimits struct {
	attempts int
	timeout  time.Duration // of each attempt; 0 means no limit
	whole    bool          // the timeout is that of all attempts together
	retry    *oracle.Retry // nil for any error, at once
}

// limits returns the limits of the attempts at each key.
func (w Workload) limits() attemptLimits {
	return attemptLimits{w.attempts(), time.Duration(w.Timeout), w.whole(), w.policy()}
}

// attemptLimitsKey is the key of the attemptLimits in a context.
type attemptLimitsKey struct{}

// withAttempts returns the context of a task with these limits. If the task has
// one attempt only, or its timeout is that of all attempts, the context itself
// ends at the timeout.
func withAttempts(ctx context.Context, l attemptLimits) (context.Context, context.CancelFunc) {
	if l.attempts <= 1 {
		return held.WithTimeout(ctx, l.timeout)
	}
	each := l
	if l.whole {
		each.timeout = 0
	}
	ctx = context.WithValue(ctx, attemptLimitsKey{}, each)
	return held.WithTimeout(ctx, l.timeout-each.timeout)
}

// Attempts yields the attempts that a [RequestFunc] may make. Each has a
// number, from 1, and a context that ends at the workload's timeout, which is
// that of each attempt or of all. ctx is the
// context of the RequestFunc. A correct client goes on to the next attempt only
// if an attempt has failed; a 404 is no failure. The sequence ends when ctx is
// done.
func Attempts(ctx context.Context) iter.Seq2[int, context.Context] {
	p, _ := ctx.Value(attemptLimitsKey{}).(attemptLimits)
	return func(yield func(int, context.Context) bool) {
		for n := 1; n == 1 || n <= p.attempts && ctx.Err() == nil; n++ {
			one, cancel := held.WithTimeout(ctx, p.timeout)
			more := yield(n, one)
			cancel()
			if !more {
				return
			}
		}
	}
}
