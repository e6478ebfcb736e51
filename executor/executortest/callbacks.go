package executortest

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/teapot-go/teapot/executor"
)

var callbacks = []Check{
	{11, "callback", "callbacks are called on result, on error and on cancel", on(1, called)},
	{12, "callbacks in order", "callbacks are called once each, in the order added", on(1, calledInOrder)},
	{13, "callback panics", "a callback that panics does not stop the others, nor the worker", on(1, callbackPanics)},
	{14, "late callback", "a callback added after completion runs at once, its failure contained", on(1, lateCallback)},
	{15, "submit in a callback", "submitting from inside a callback works", on(1, submitInCallback)},
}

func called(ctx context.Context, ex executor.Executor) error {
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	ok := executor.Submit(ctx, ex, answer)
	failed := executor.Submit(ctx, ex, func(context.Context) (int, error) { return 0, errors.New("no flag") })
	cancelled := executor.Submit(ctx, ex, answer)
	all := []*executor.Future[int]{ok, failed, cancelled}
	heard := make(chan *executor.Future[int], 2*len(all))
	for _, f := range all {
		f.OnDone(func(f *executor.Future[int]) { heard <- f })
	}
	cancelled.Cancel()
	release()
	for range all {
		f, err := receive(ctx, heard, "callback")
		if err != nil {
			return err
		}
		if s := f.State(); s != executor.Cancelled && s != executor.Finished {
			return want("state in the callback", s, "a final one")
		}
		all = slices.DeleteFunc(all, func(g *executor.Future[int]) bool { return f == g })
	}
	return want("futures whose callback was not called", len(all), 0)
}

func calledInOrder(ctx context.Context, ex executor.Executor) error {
	f, finish, err := running(ctx, ex)
	if err != nil {
		return err
	}
	defer finish()
	const n = 10
	heard := make(chan int, 2*n)
	var expected, got []int
	for i := range n {
		f.OnDone(func(*executor.Future[int]) { heard <- i })
		expected = append(expected, i)
	}
	finish()
	if err := ex.Shutdown(ctx); err != nil { // the callbacks are part of the run
		return err
	}
	for len(heard) > 0 {
		got = append(got, <-heard)
	}
	return want("callbacks", got, expected)
}

func callbackPanics(ctx context.Context, ex executor.Executor) error {
	f, finish, err := running(ctx, ex)
	if err != nil {
		return err
	}
	defer finish()
	next := newLatch()
	f.OnDone(quietPanic)
	f.OnDone(func(*executor.Future[int]) { next.open() })
	finish()
	return errors.Join(
		next.wait(ctx, "the callback after one that panicked"),
		wantResult(ctx, "the result", f, 42),
		wantResult(ctx, "the next task", executor.Submit(ctx, ex, answer), 42),
	)
}

func lateCallback(ctx context.Context, ex executor.Executor) error {
	f := executor.Submit(ctx, ex, answer)
	if err := wantResult(ctx, "result", f, 42); err != nil {
		return err
	}
	var at atomic.Int32
	f.OnDone(quietPanic)
	f.OnDone(func(*executor.Future[int]) { at.Add(1) })
	return want("calls by the time that OnDone returned", at.Load(), int32(1))
}

func submitInCallback(ctx context.Context, ex executor.Executor) error {
	f, finish, err := running(ctx, ex)
	if err != nil {
		return err
	}
	defer finish()
	second := make(chan *executor.Future[int], 1)
	f.OnDone(func(*executor.Future[int]) { second <- executor.Submit(ctx, ex, answer) })
	finish()
	g, err := receive(ctx, second, "submit in a callback")
	if err != nil {
		return err
	}
	return wantResult(ctx, "the task submitted in a callback", g, 42)
}

// quietPanic says in its value that the report in the log is as it should be.
func quietPanic(*executor.Future[int]) { panic("a check's own panic: this report is expected") }
