package executortest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/internal/contain"
)

// grace lets a check whose context is done say itself what it was waiting for.
const grace = time.Second

// bounded makes an error of whatever else a broken executor may do to the
// goroutines that call it. It waits for those, too.
func bounded(run func(context.Context, Open) error) func(context.Context, Open) error {
	return func(ctx context.Context, open Open) error {
		ctx, stop := context.WithCancelCause(ctx)
		defer stop(nil)
		c := &callers{stop: stop}
		ctx = context.WithValue(ctx, callersKey{}, c)
		result := make(chan error, 1)
		go func() {
			err := errors.New("the goroutine of the caller was ended")
			defer func() {
				if v := recover(); v != nil {
					err = panicked(v)
				}
				result <- err
			}()
			if err = run(ctx, open); err != nil {
				return
			}
			c.all.Wait()
			if c.panicked.Load() {
				err = context.Cause(ctx)
			}
		}()
		select {
		case err := <-result:
			return err
		case <-ctx.Done():
		}
		last := time.NewTimer(grace)
		defer last.Stop()
		select {
		case err := <-result:
			return err
		case <-last.C:
			return fmt.Errorf("a call hangs: %w", context.Cause(ctx))
		}
	}
}

// callers are the goroutines of one check that call the executor aside. A panic
// in one of them ends the waits of the check.
type callers struct {
	all      sync.WaitGroup
	stop     context.CancelCauseFunc
	panicked atomic.Bool
}

type callersKey struct{}

// aside calls an executor in another goroutine than that of the check. ctx is
// that of the check, or comes of it.
func aside(ctx context.Context, call func()) {
	c, _ := ctx.Value(callersKey{}).(*callers)
	c.all.Go(func() {
		defer func() {
			if v := recover(); v != nil {
				c.panicked.Store(true)
				c.stop(panicked(v))
			}
		}()
		call()
	})
}

// panicked is the error of a panic in a goroutine that calls the executor, with
// its place. It is called by the deferred function that has recovered v.
func panicked(v any) error {
	const most = 6 // lines, two for each call
	stack := strings.SplitAfter(contain.Callers().String(), "\n")
	return fmt.Errorf("panic in a call of the executor: %v\n%s", v,
		strings.TrimSpace(strings.Join(stack[:min(most, len(stack))], "")))
}

// on runs a check on one fresh executor and shuts it down.
func on(workers int, run func(context.Context, executor.Executor) error) func(context.Context, Open) error {
	return func(ctx context.Context, open Open) error {
		ex, err := open(workers)
		if err != nil {
			return fmt.Errorf("open with %d workers: %w", workers, err)
		}
		if err := run(ctx, ex); err != nil {
			go func() { // of no interest any more: it may hang, or panic
				defer func() { _ = recover() }()
				ex.Shutdown(ctx)
			}()
			return err
		}
		if err := ex.Shutdown(ctx); err != nil {
			return fmt.Errorf("Shutdown after the check, when all tasks had ended: %w", err)
		}
		return nil
	}
}

// taskFunc is a task without a future.
type taskFunc func(context.Context)

func (f taskFunc) Run(ctx context.Context) { f(ctx) }

// A latch is closed until it is opened, for good.
type latch struct {
	ch   chan struct{}
	once sync.Once
}

func newLatch() *latch { return &latch{ch: make(chan struct{})} }

func (l *latch) open() { l.once.Do(func() { close(l.ch) }) }

func (l *latch) wait(ctx context.Context, what string) error {
	_, err := receive(ctx, l.ch, what)
	return err
}

// receive waits for a value, or for the channel to be closed.
func receive[T any](ctx context.Context, ch <-chan T, what string) (T, error) {
	select {
	case v := <-ch:
		return v, nil
	case <-ctx.Done():
		var zero T
		return zero, fmt.Errorf("%s: nothing in time: %w", what, context.Cause(ctx))
	}
}

// occupy returns when n workers are busy; they are until release is called. It
// submits from goroutines of its own, because an executor may run a task before
// Execute returns.
func occupy(ctx context.Context, ex executor.Executor, n int) (release func(), err error) {
	held := newLatch()
	started := make(chan error, 2*n)
	for range n {
		go func() {
			defer func() {
				if v := recover(); v != nil {
					started <- fmt.Errorf("panic in the goroutine of the caller: %v", v)
				}
			}()
			f := executor.Submit(ctx, ex, func(ctx context.Context) (int, error) {
				started <- nil
				return 0, held.wait(ctx, "release of a busy worker")
			})
			f.OnDone(func(f *executor.Future[int]) {
				if _, err := f.Result(ctx); err != nil {
					started <- fmt.Errorf("a task that is to keep a worker busy: %w", err)
				}
			})
		}()
	}
	for i := range n {
		begun, err := receive(ctx, started, fmt.Sprintf("start of %d tasks, of which %d did", n, i))
		if err = cmp.Or(err, begun); err != nil {
			held.open()
			return nil, err
		}
	}
	return held.open, nil
}

// running returns a future of ex, which has one worker, that is running; its
// result is 42 once finish is called.
func running(ctx context.Context, ex executor.Executor) (f *executor.Future[int], finish func(), err error) {
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return nil, nil, err
	}
	started, held := newLatch(), newLatch()
	f = executor.Submit(ctx, ex, func(ctx context.Context) (int, error) {
		started.open()
		return 42, held.wait(ctx, "end of the running task")
	})
	release()
	if err := started.wait(ctx, "start of a task"); err != nil {
		held.open()
		return nil, nil, err
	}
	return f, held.open, nil
}

// refuses waits until ex refuses tasks, because another goroutine has called
// Shutdown.
func refuses(ctx context.Context, ex executor.Executor) error {
	tick := time.NewTicker(100 * time.Microsecond)
	defer tick.Stop()
	for {
		f := executor.Submit(ctx, ex, answer)
		if f.State() == executor.Finished {
			if _, err := f.Result(ctx); errors.Is(err, executor.ErrShutdown) {
				return nil
			}
		}
		if _, err := receive(ctx, tick.C, "refusal after Shutdown"); err != nil {
			return err
		}
	}
}

func answer(context.Context) (int, error) { return 42, nil }

// gone is a context that is done, with a cause of its own.
func gone(ctx context.Context) (context.Context, error) {
	cause := errors.New("the caller left")
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	return ctx, cause
}

// want compares.
func want(what string, got, want any) error {
	if reflect.DeepEqual(got, want) {
		return nil
	}
	return fmt.Errorf("%s: got %v, want %v", what, got, want)
}

// wantKind holds an error to a kind.
func wantKind(what string, err, kind error) error {
	if errors.Is(err, kind) {
		return nil
	}
	return fmt.Errorf("%s: got the error %v, want one that is %q", what, err, kind)
}

// wantResult waits for a future and compares its result.
func wantResult[T any](ctx context.Context, what string, f *executor.Future[T], value T) error {
	got, err := f.Result(ctx)
	if err != nil {
		return fmt.Errorf("%s: got the error %w, want the value %v", what, err, value)
	}
	return want(what, got, value)
}
