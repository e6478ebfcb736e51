package executortest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/teapot-go/teapot/executor"
)

var shutdowns = []Check{
	{
		33, "shutdown waits", "Shutdown first runs the whole queue, with one worker in the order of submission",
		on(1, shutdownWaits),
	},
	{34, "shutdown aside", "a Shutdown that one does not wait for refuses new tasks, and queued work still " +
		"finishes", on(1, shutdownAside)},
	{35, "shutdown cancels", "Shutdown with a done context cancels what has not started; a running task keeps " +
		"its result", on(1, shutdownCancels)},
	{36, "shutdown twice", "Shutdown may be called again, and at the same time", on(2, shutdownTwice)},
	{37, "scope", "a deferred Shutdown ends a scope, also one that panics: its tasks have run when the scope is " +
		"left", scope},
	{40, "shutdown in time", "Shutdown gives up at its deadline, and a later one waits for what was left " +
		"running", on(1, shutdownInTime)},
	{41, "shutdown race", "a submit racing with Shutdown is either run or refused, never lost", on(4, shutdownRace)},
	{
		42, "late failure", "tasks that fail during Shutdown, by a panic or runtime.Goexit, do not hang it",
		on(1, lateFailure),
	},
}

func shutdownWaits(ctx context.Context, ex executor.Executor) error {
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	const n = 50
	order := make(chan int, 2*n)
	var expected, got []int
	for i := range n {
		executor.Submit(ctx, ex, func(context.Context) (int, error) {
			order <- i
			return i, nil
		})
		expected = append(expected, i)
	}
	stopped := make(chan error, 1)
	aside(ctx, func() { stopped <- ex.Shutdown(ctx) })
	if err := refuses(ctx, ex); err != nil {
		return err
	}
	early := want("tasks that ran before the worker was free", len(order), 0)
	release()
	stop, err := receive(ctx, stopped, "Shutdown")
	for len(order) > 0 {
		got = append(got, <-order)
	}
	return errors.Join(early, err, want("Shutdown", stop, nil),
		want("tasks that had run when Shutdown returned", got, expected))
}

func shutdownAside(ctx context.Context, ex executor.Executor) error {
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	f := executor.Submit(ctx, ex, answer)
	aside(ctx, func() { ex.Shutdown(ctx) })
	if err := refuses(ctx, ex); err != nil {
		return err
	}
	state := f.State()
	release()
	return errors.Join(
		want("state of a queued task during Shutdown", state, executor.Pending),
		wantResult(ctx, "result of a queued task", f, 42),
	)
}

func shutdownCancels(ctx context.Context, ex executor.Executor) error {
	f, finish, err := running(ctx, ex)
	if err != nil {
		return err
	}
	defer finish()
	var ran atomic.Int32
	var queued []*executor.Future[int]
	for range 10 {
		queued = append(queued, executor.Submit(ctx, ex, func(context.Context) (int, error) {
			ran.Add(1)
			return 0, nil
		}))
	}
	short, cause := gone(ctx)
	stop := ex.Shutdown(short)
	errs := []error{
		wantKind("Shutdown with a done context", stop, cause),
		want("state of the running task", f.State(), executor.Running),
	}
	for _, q := range queued {
		_, err := q.Result(short) // without a wait
		errs = append(errs, wantKind("result of a queued task", err, executor.ErrCancelled))
	}
	finish()
	return errors.Join(append(
		errs,
		wantResult(ctx, "the running task", f, 42),
		want("a second Shutdown", ex.Shutdown(ctx), nil),
		want("queued tasks that ran", ran.Load(), int32(0)),
	)...)
}

func shutdownTwice(ctx context.Context, ex executor.Executor) error {
	f := executor.Submit(ctx, ex, answer)
	const n = 10
	stopped := make(chan error, n)
	for range n {
		aside(ctx, func() { stopped <- ex.Shutdown(ctx) })
	}
	for range n {
		stop, err := receive(ctx, stopped, "Shutdown at the same time")
		if err := errors.Join(err, stop); err != nil {
			return err
		}
	}
	return errors.Join(want("Shutdown again", ex.Shutdown(ctx), nil), wantResult(ctx, "result", f, 42))
}

func scope(ctx context.Context, open Open) error {
	ex, err := open(1)
	if err != nil {
		return err
	}
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	var fs intFutures
	left := make(chan any, 1)
	aside(ctx, func() {
		defer func() { left <- recover() }()
		defer ex.Shutdown(ctx)
		for range 10 {
			fs = append(fs, executor.Submit(ctx, ex, answer))
		}
		panic("spilled")
	})
	if err := refuses(ctx, ex); err != nil {
		return err
	}
	yieldOften()
	early := len(left)
	release()
	v, err := receive(ctx, left, "end of the scope")
	if err != nil {
		return err
	}
	for _, f := range fs {
		if s := f.State(); s != executor.Finished {
			return want("state of a task after its scope", s, executor.Finished)
		}
	}
	return errors.Join(want("scopes left while a task ran", early, 0), want("the panic", v, any("spilled")))
}

func shutdownInTime(ctx context.Context, ex executor.Executor) error {
	f, finish, err := running(ctx, ex)
	if err != nil {
		return err
	}
	defer finish()
	short, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	first := ex.Shutdown(short)
	state := f.State()
	finish()
	return errors.Join(
		wantKind("Shutdown with a deadline", first, context.DeadlineExceeded),
		want("state of the running task", state, executor.Running),
		want("Shutdown without", ex.Shutdown(ctx), nil),
		want("state after that", f.State(), executor.Finished),
		wantResult(ctx, "the running task", f, 42),
	)
}

func shutdownRace(ctx context.Context, ex executor.Executor) error {
	const submitters = 4
	var (
		ran   atomic.Int32
		kept  [submitters][]*executor.Future[int]
		ready = newLatch()
		all   sync.WaitGroup
	)
	for i := range kept {
		all.Add(1)
		aside(ctx, func() {
			defer all.Done()
			for ctx.Err() == nil {
				f := executor.Submit(ctx, ex, func(context.Context) (int, error) { return int(ran.Add(1)), nil })
				if f.State() == executor.Finished {
					if _, err := f.Result(ctx); err != nil {
						return // refused
					}
				}
				if kept[i] = append(kept[i], f); len(kept[i]) == 100 {
					ready.open()
				}
			}
		})
	}
	err := ready.wait(ctx, "100 accepted tasks")
	err = errors.Join(err, want("Shutdown", ex.Shutdown(ctx), nil))
	all.Wait()
	accepted := 0
	for _, fs := range kept {
		accepted += len(fs)
		for _, f := range fs {
			if _, lost := f.Result(ctx); lost != nil {
				return errors.Join(err, fmt.Errorf("an accepted task: %w", lost))
			}
		}
	}
	return errors.Join(err, want("tasks that ran of those accepted", int(ran.Load()), accepted))
}

func lateFailure(ctx context.Context, ex executor.Executor) error {
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	executor.Submit(ctx, ex, func(context.Context) (int, error) { panic("late") })
	exits := executor.Submit(ctx, ex, func(context.Context) (int, error) {
		runtime.Goexit()
		return 0, nil
	})
	last := executor.Submit(ctx, ex, answer)
	stopped := make(chan error, 1)
	aside(ctx, func() { stopped <- ex.Shutdown(ctx) })
	if err := refuses(ctx, ex); err != nil {
		return err
	}
	release()
	stop, err := receive(ctx, stopped, "Shutdown")
	_, ended := exits.Result(ctx)
	return errors.Join(
		err,
		want("Shutdown", stop, nil),
		wantKind("the task that called Goexit", ended, executor.ErrGoexit),
		wantResult(ctx, "the task behind them", last, 42),
	)
}
