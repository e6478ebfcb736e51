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
	{85, "nested wait", "a task may wait for tasks of its own executor, even on one worker; one that waits does " +
		"not run", on(1, nestedWait)},
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
	var n nest
	n.ex = ex
	ways := []struct {
		name string
		wait func(ctx context.Context) (int, error)
	}{
		{"Result", n.results},
		{"Wait", n.wait},
		{"AsCompleted", n.asCompleted},
		{"Map", n.mapped},
		{"Result of a task that waits too", n.deep},
	}
	var fs intFutures
	for range 3 {
		for _, way := range ways {
			fs = append(fs, executor.Submit(ctx, ex, way.wait))
		}
	}
	for i, f := range fs {
		if err := wantResult(ctx, "a task that waits by "+ways[i%len(ways)].name, f, 3); err != nil {
			return err
		}
	}
	return want("tasks that ran at once on one worker", n.most.Load(), int32(1))
}

// A nest has tasks that count how many of them run at once, and the ways to
// wait for three of them; each gives their sum, 3.
type nest struct {
	ex        executor.Executor
	now, most atomic.Int32
}

func (n *nest) task(_ context.Context, k int) (int, error) {
	n.most.Store(max(n.most.Load(), n.now.Add(1)))
	runtime.Gosched()
	n.now.Add(-1)
	return k, nil
}

func (n *nest) three(ctx context.Context) (fs intFutures) {
	for k := range 3 {
		fs = append(fs, executor.Submit(ctx, n.ex, func(ctx context.Context) (int, error) { return n.task(ctx, k) }))
	}
	return fs
}

func sum(ctx context.Context, fs intFutures) (sum int, err error) {
	for _, f := range slices.Backward(fs) {
		v, e := f.Result(ctx)
		sum, err = sum+v, errors.Join(err, e)
	}
	return sum, err
}

func (n *nest) results(ctx context.Context) (int, error) { return sum(ctx, n.three(ctx)) }

func (n *nest) wait(ctx context.Context) (int, error) {
	done, pending := executor.Wait(ctx, executor.AllDone, n.three(ctx)...)
	return sum(ctx, append(done, pending...))
}

func (n *nest) asCompleted(ctx context.Context) (int, error) {
	fs := n.three(ctx)
	if got := slices.Collect(executor.AsCompleted(ctx, fs...)); len(got) != len(fs) {
		return 0, fmt.Errorf("%d of %d futures completed: %w", len(got), len(fs), context.Cause(ctx))
	}
	return sum(ctx, fs)
}

func (n *nest) mapped(ctx context.Context) (sum int, err error) {
	for v, e := range executor.Map(ctx, n.ex, slices.Values(upTo(3)), n.task) {
		sum, err = sum+v, errors.Join(err, e)
	}
	return sum, err
}

// deep is a task that waits for one which ends its goroutine.
func (n *nest) deep(ctx context.Context) (int, error) {
	return executor.Submit(ctx, n.ex, func(ctx context.Context) (int, error) {
		_, err := executor.Submit(ctx, n.ex, func(context.Context) (int, error) {
			runtime.Goexit()
			return 0, nil
		}).Result(ctx)
		if !errors.Is(err, executor.ErrGoexit) {
			return 0, err
		}
		return n.task(ctx, 3)
	}).Result(ctx)
}
