package executortest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/teapot-go/teapot/executor"
)

var nesting = []Check{
	{84, "nested submit", "a task may submit to its own executor", on(1, nested)},
	{85, "nested wait", "a task may wait for tasks of its own executor, even on one worker; one that waits does not run", on(1, nestedWait)},
}

func nested(ctx context.Context, ex executor.Executor) error {
	outer := executor.Submit(ctx, ex, func(ctx context.Context) (*executor.Future[int], error) {
		return executor.Submit(ctx, ex, answer), nil
	})
	inner, err := outer.Result(ctx)
	if err != nil {
		return fmt.Errorf("the outer task: %w", err)
	}
	return wantResult(ctx, "the inner task", inner, 42)
}

func nestedWait(ctx context.Context, ex executor.Executor) error {
	var now, most atomic.Int32
	inner := func(ctx context.Context, n int) (int, error) {
		most.Store(max(most.Load(), now.Add(1)))
		runtime.Gosched()
		now.Add(-1)
		return n, nil
	}
	three := func(ctx context.Context) (fs intFutures) {
		for n := range 3 {
			fs = append(fs, executor.Submit(ctx, ex, func(ctx context.Context) (int, error) { return inner(ctx, n) }))
		}
		return fs
	}
	ways := []func(ctx context.Context) int{
		func(ctx context.Context) (sum int) {
			for _, f := range slices.Backward(three(ctx)) {
				v, _ := f.Result(ctx)
				sum += v
			}
			return sum
		},
		func(ctx context.Context) (sum int) {
			done, _ := executor.Wait(ctx, executor.AllDone, three(ctx)...)
			for _, f := range done {
				v, _ := f.Result(ctx)
				sum += v
			}
			return sum
		},
		func(ctx context.Context) (sum int) {
			for f := range executor.AsCompleted(ctx, three(ctx)...) {
				v, _ := f.Result(ctx)
				sum += v
			}
			return sum
		},
		func(ctx context.Context) (sum int) {
			for v := range executor.Map(ctx, ex, slices.Values(upTo(3)), inner) {
				sum += v
			}
			return sum
		},
		func(ctx context.Context) int { // a task inside a task inside a task, which ends its goroutine
			f := executor.Submit(ctx, ex, func(ctx context.Context) (int, error) {
				_, err := executor.Submit(ctx, ex, func(context.Context) (int, error) {
					runtime.Goexit()
					return 0, nil
				}).Result(ctx)
				if !errors.Is(err, executor.ErrGoexit) {
					return 0, err
				}
				return inner(ctx, 3)
			})
			v, _ := f.Result(ctx)
			return v
		},
	}
	var fs intFutures
	for range 3 {
		for _, way := range ways {
			fs = append(fs, executor.Submit(ctx, ex, func(ctx context.Context) (int, error) { return way(ctx), nil }))
		}
	}
	for i, f := range fs {
		if err := wantResult(ctx, fmt.Sprintf("way %d of waiting inside a task", i%len(ways)), f, 3); err != nil {
			return err
		}
	}
	return want("tasks that ran at once on one worker", most.Load(), int32(1))
}
