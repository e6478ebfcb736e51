package executortest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/teapot-go/teapot/executor"
)

var futures = []Check{
	{1, "states", "pending, running, cancelled and finished are readable without blocking", on(1, states)},
	{2, "result", "Result blocks and returns the value", on(1, result)},
	{3, "result in time", "a wait whose context expires says so, and the future is still usable", on(1, resultInTime)},
	{4, "error", "Result gives the task's error, and nil on success", on(1, taskError)},
	{5, "cancelled error", "cancellation can be told from a task's own error", on(1, cancelledError)},
	{
		6, "cancel pending", "cancel of a pending task is true: it never runs, waiters and callbacks wake",
		on(1, cancelPending),
	},
	{7, "cancel late", "cancel of a running or finished task is false; cancelling twice is true", on(1, cancelLate)},
	{8, "once", "a task is run exactly once, and the first result is kept", on(2, once)},
	{9, "string", "a future's string shows its state and the type of its result", on(1, printed)},
}

func states(ctx context.Context, ex executor.Executor) error {
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	started, held := newLatch(), newLatch()
	defer held.open()
	f := executor.Submit(ctx, ex, func(ctx context.Context) (int, error) {
		started.open()
		return 42, held.wait(ctx, "end")
	})
	c := executor.Submit(ctx, ex, answer)
	queued := f.State()
	c.Cancel()
	release()
	if err := started.wait(ctx, "start of a queued task"); err != nil {
		return err
	}
	busy := f.State()
	held.open()
	if err := wantResult(ctx, "result", f, 42); err != nil {
		return err
	}
	return errors.Join(
		want("state behind a busy worker", queued, executor.Pending),
		want("state after Cancel", c.State(), executor.Cancelled),
		want("state of a started task", busy, executor.Running),
		want("state after the result", f.State(), executor.Finished),
	)
}

func result(ctx context.Context, ex executor.Executor) error {
	f, finish, err := running(ctx, ex)
	if err != nil {
		return err
	}
	defer finish()
	waiting, results := newLatch(), make(chan error, 1)
	aside(ctx, func() {
		waiting.open()
		results <- wantResult(ctx, "result that is waited for", f, 42)
	})
	if err := waiting.wait(ctx, "the waiter"); err != nil {
		return err
	}
	finish()
	blocked, err := receive(ctx, results, "result")
	return errors.Join(blocked, err, wantResult(ctx, "result asked for again", f, 42))
}

func resultInTime(ctx context.Context, ex executor.Executor) error {
	f, finish, err := running(ctx, ex)
	if err != nil {
		return err
	}
	defer finish()
	short, cause := gone(ctx)
	_, unfinished := f.Result(short)
	finish()
	late := wantResult(ctx, "result after a wait that was too short", f, 42)
	return errors.Join(
		wantKind("a wait that was too short", unfinished, executor.ErrUnfinished),
		wantKind("a wait that was too short", unfinished, cause),
		late,
		wantResult(short, "result of a finished future with an expired context", f, 42),
	)
}

func taskError(ctx context.Context, ex executor.Executor) error {
	own := errors.New("no flag")
	f := executor.Submit(ctx, ex, func(context.Context) (int, error) { return 7, own })
	v, err := f.Result(ctx)
	return errors.Join(
		want("error", err, own),
		want("value beside the error", v, 7),
		wantResult(ctx, "success", executor.Submit(ctx, ex, answer), 42),
	)
}

func cancelledError(ctx context.Context, ex executor.Executor) error {
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	f := executor.Submit(ctx, ex, answer)
	g := executor.Submit(ctx, ex, func(context.Context) (int, error) { return 0, context.Canceled })
	f.Cancel()
	release()
	_, cancelled := f.Result(ctx)
	_, own := g.Result(ctx)
	if errors.Is(own, executor.ErrCancelled) {
		return fmt.Errorf("a task's own error counts as a cancellation: %w", own)
	}
	return errors.Join(
		wantKind("result of a cancelled future", cancelled, executor.ErrCancelled),
		wantKind("result of a task that failed", own, context.Canceled),
		want("state of a task that failed", g.State(), executor.Finished),
	)
}

func cancelPending(ctx context.Context, ex executor.Executor) error {
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	var ran atomic.Bool
	f := executor.Submit(ctx, ex, func(context.Context) (int, error) {
		ran.Store(true)
		return 0, nil
	})
	called := newLatch()
	f.OnDone(func(*executor.Future[int]) { called.open() })
	done := f.Done()
	cancelled := f.Cancel()
	_, err = receive(ctx, done, "Done of a cancelled future")
	woken := errors.Join(err, called.wait(ctx, "callback of a cancelled future"))
	release()
	return errors.Join(
		want("Cancel of a pending task", cancelled, true),
		woken,
		wantResult(ctx, "the task behind it", executor.Submit(ctx, ex, answer), 42),
		want("the cancelled task ran", ran.Load(), false),
	)
}

func cancelLate(ctx context.Context, ex executor.Executor) error {
	f, finish, err := running(ctx, ex)
	if err != nil {
		return err
	}
	defer finish()
	g := executor.Submit(ctx, ex, answer)
	busy, first, second := f.Cancel(), g.Cancel(), g.Cancel()
	finish()
	return errors.Join(
		want("Cancel of a running task", busy, false),
		want("Cancel of a pending task", first, true),
		want("Cancel of a cancelled task", second, true),
		wantResult(ctx, "result in spite of Cancel", f, 42),
		want("Cancel of a finished task", f.Cancel(), false),
	)
}

// counted is a task of its own kind: a future would hide a second run.
type counted struct{ runs atomic.Int32 }

func (c *counted) Run(context.Context) { c.runs.Add(1) }

// errLost is the error of an executor that does not run what it accepts.
var errLost = errors.New("was accepted and never ran")

func once(ctx context.Context, ex executor.Executor) error {
	tasks := make([]counted, 100)
	for i := range tasks {
		if err := ex.Execute(&tasks[i]); err != nil {
			return fmt.Errorf("call of Execute: %w", err)
		}
	}
	if err := ex.Shutdown(ctx); err != nil {
		return fmt.Errorf("call of Shutdown: %w", err)
	}
	for i := range tasks {
		switch n := tasks[i].runs.Load(); n {
		case 0:
			return fmt.Errorf("task %d of %d %w", i, len(tasks), errLost)
		case 1:
		default:
			return fmt.Errorf("task %d of %d ran %d times, want once", i, len(tasks), n)
		}
	}
	return nil
}

func printed(ctx context.Context, ex executor.Executor) error {
	f, finish, err := running(ctx, ex)
	if err != nil {
		return err
	}
	defer finish()
	g := executor.Submit(ctx, ex, func(context.Context) (string, error) { return "", nil })
	queued, busy := g.String(), f.String()
	g.Cancel()
	finish()
	return errors.Join(
		wantResult(ctx, "result", f, 42),
		want("pending", queued, "<Future pending string>"),
		want("running", busy, "<Future running int>"),
		want("cancelled", g.String(), "<Future cancelled string>"),
		want("finished", f.String(), "<Future finished int>"),
	)
}
