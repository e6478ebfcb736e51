package executor

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/teapot-go/teapot/executor/internal/contain"
	"github.com/teapot-go/teapot/executor/internal/fifo"
	"github.com/teapot-go/teapot/executor/internal/sched"
)

// A queued puts a queue without a limit in front of an executor whose Execute
// may wait for room. It knows that executor, the inner one, by its two methods.
//
// The inner executor never gets a task. It gets permits, one for each task, and
// a permit that is run takes the oldest task from the queue. So a task that has
// not started is always here, even while its permit waits in the inner
// executor: tasks start in the order of submission, and Shutdown can give up on
// all that have not started. An inner executor that runs a permit twice, or
// that refuses it and runs it all the same, cannot run a task twice.
//
// One goroutine, the feeder, hands over the permits. It lives while there are
// any.
//
// The states of a task:
//
//	from     event                         to
//	new      Execute                       queued
//	new      Execute after Shutdown        not accepted: ErrShutdown
//	queued   a permit is run               running, oldest first
//	queued   a permit is refused           ended: run with a context
//	                                       that is done, oldest first
//	queued   Shutdown's context is done    ended: run with that context
//	running  returns, panics or Goexit     ended
type queued struct {
	inner Executor
	queue fifo.Queue[Task] // the tasks that have not started

	mu      sync.Mutex
	permits int           // that the feeder has still to hand over
	feeding bool          // the feeder lives
	tasks   int           // accepted and not ended
	shut    bool          // Shutdown was called
	closing bool          // the inner executor is being shut down
	closed  chan struct{} // closed when the inner executor has been shut down
	err     error         // of that; set before closed is closed
}

var _ Executor = (*queued)(nil)

// Queued returns an executor that keeps tasks in a queue without a limit, and
// has ex run them. It is for an executor whose Execute waits for room, as that
// of most pools does: Execute of the one returned never waits.
//
// Tasks start in the order of submission, as soon as ex has room. Shutdown
// waits until all have run, and then shuts ex down, once. When its context is
// done first it gives up on all tasks that have not started, so it keeps the
// law even if the Shutdown of ex only waits. A task that ex refuses is given up
// with the error of ex as the cause.
//
// The executor returned owns ex: only it may call ex. An executor that runs
// tasks in other processes cannot be queued, as it does not see that a task is
// [Defined].
func Queued(ex Executor) Executor {
	if ex == nil {
		panic("executor: Queued of a nil executor")
	}
	return &queued{inner: ex, closed: make(chan struct{})}
}

// Execute puts t into the queue, or returns an error and never runs it.
func (q *queued) Execute(t Task) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.shut {
		return ErrShutdown
	}
	q.queue.Push(t)
	q.tasks++
	q.permits++
	if !q.feeding {
		q.feeding = true
		go q.feed()
	}
	return nil
}

// feed hands over permits until there are no more. If the inner executor ends
// the goroutine, as one that runs a task in Execute may, feed goes on in a new
// one.
func (q *queued) feed() {
	over := false
	defer func() {
		if !over {
			go q.feed()
		}
	}()
	for q.more() {
		q.handOver()
	}
	over = true
}

// more reports whether the feeder has a permit to hand over. If it has none, it
// counts as ended.
func (q *queued) more() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.permits > 0 {
		q.permits--
		return true
	}
	q.feeding = false
	q.close()
	return false
}

// errEnded stands for the error of an Execute that did not return.
var errEnded = errors.New("executor: Execute ended the goroutine of its caller")

// handOver gives the inner executor one permit. If it is refused, the oldest
// task has no prospect of being run: it is given up. A panic is a refusal,
// unless it is that of a task which has run there.
func (q *queued) handOver() {
	p, err := &permit{queued: q}, errEnded
	defer func() {
		if v := recover(); v != nil {
			if p.used.Load() {
				panic(v)
			}
			err = fmt.Errorf("executor: panic in Execute: %v", v)
		}
		if err != nil && p.use() {
			ctx, cancel := context.WithCancelCause(context.Background())
			cancel(err)
			q.runOldest(ctx)
		}
	}()
	err = q.inner.Execute(p)
}

// runOldest runs the oldest task, if there is one.
func (q *queued) runOldest(ctx context.Context) {
	if t, ok := q.queue.Take(); ok {
		defer q.end()
		t.Run(ctx)
	}
}

// end counts one task as ended.
func (q *queued) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tasks--
	q.close()
}

// close shuts the inner executor down when Shutdown was called, all tasks have
// ended, and the feeder has too: so Execute and Shutdown of the inner executor
// never run at the same time. The caller holds mu, and may be a task, for which
// the inner executor's Shutdown waits.
func (q *queued) close() {
	if !q.shut || q.tasks > 0 || q.feeding || q.closing {
		return
	}
	q.closing = true
	go func() {
		q.err = contain.Call(func() error { return q.inner.Shutdown(context.Background()) })
		close(q.closed)
	}()
}

// Shutdown refuses tasks from now on, waits until the accepted ones have run,
// and then shuts the inner executor down. When ctx is done first, it cancels
// those that have not started.
func (q *queued) Shutdown(ctx context.Context) error {
	q.mu.Lock()
	q.shut = true
	q.close()
	q.mu.Unlock()
	if _, ok := sched.Receive(ctx, q.closed, nil); ok {
		return q.err
	}
	var rest []Task
	q.mu.Lock()
	q.permits = 0
	for t, ok := q.queue.Take(); ok; t, ok = q.queue.Take() {
		rest = append(rest, t)
	}
	q.mu.Unlock()
	contain.Each(rest, func(t Task) {
		defer q.end()
		t.Run(ctx)
	})
	return context.Cause(ctx)
}

// A permit is what the inner executor takes for a task. It is used once: it is
// run, or it is refused.
type permit struct {
	queued *queued
	used   atomic.Bool
}

// Run runs the oldest task of the queue, if the permit has not been used.
func (p *permit) Run(ctx context.Context) {
	if p.use() {
		p.queued.runOldest(ctx)
	}
}

// use reports whether this is the first use.
func (p *permit) use() bool { return p.used.CompareAndSwap(false, true) }
