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

var mapped = []Check{
	{43, "map in order", "results come in the order of the inputs", on(3, mapInOrder)},
	{45, "map submits", "everything is submitted before the iteration starts", on(1, mapSubmits)},
	{
		48, "map in time", "when the context is done the rest is cancelled; every input still gives one pair",
		on(1, mapInTime),
	},
	{50, "map with errors", "an error stands at its position, earlier and later results beside it", on(2, mapErrors)},
	{52, "map stopped", "stopping the iteration cancels what is left", on(1, mapStopped)},
}

func upTo(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func mapInOrder(ctx context.Context, ex executor.Executor) error {
	inputs := upTo(30)
	var got, expected []int
	for v, err := range executor.Map(ctx, ex, slices.Values(inputs), func(_ context.Context, k int) (int, error) {
		for range 100 * (k % 3) { // so that some overtake others
			runtime.Gosched()
		}
		return 10 * k, nil
	}) {
		if err != nil {
			return err
		}
		got = append(got, v)
	}
	for _, k := range inputs {
		expected = append(expected, 10*k)
	}
	return want("results", got, expected)
}

func mapSubmits(ctx context.Context, ex executor.Executor) error {
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	ran := make(chan int, 10)
	results := executor.Map(ctx, ex, slices.Values(upTo(5)), func(_ context.Context, k int) (int, error) {
		ran <- k
		return k, nil
	})
	early := want("tasks that ran on a busy worker", len(ran), 0)
	release()
	for range 5 {
		if _, err := receive(ctx, ran, "tasks of a Map without a loop over its results"); err != nil {
			return err
		}
	}
	n := 0
	for range results {
		n++
	}
	return errors.Join(early, want("results", n, 5))
}

func mapInTime(ctx context.Context, ex executor.Executor) error {
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	cause := errors.New("the caller left")
	left, leave := context.WithCancelCause(ctx)
	results := executor.Map(left, ex, slices.Values(upTo(5)),
		func(_ context.Context, k int) (int, error) { return k, nil })
	leave(cause)
	n := 0
	for _, err := range results {
		n++
		if err := errors.Join(wantKind("result", err, executor.ErrCancelled),
			wantKind("result", err, cause)); err != nil {
			return err
		}
	}
	return want("results", n, 5)
}

func mapErrors(ctx context.Context, ex executor.Executor) error {
	own := errors.New("no flag")
	var got []string
	for v, err := range executor.Map(ctx, ex, slices.Values(upTo(4)), func(_ context.Context, k int) (int, error) {
		switch k {
		case 1:
			return 0, own
		case 2:
			panic(own)
		default:
			return k, nil
		}
	}) {
		got = append(got, fmt.Sprint(v, errors.Is(err, own)))
	}
	return want("values and whether they failed", got, []string{"0 false", "0 true", "0 true", "3 false"})
}

func mapStopped(ctx context.Context, ex executor.Executor) error {
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	held := newLatch()
	defer held.open()
	var ran atomic.Int32
	results := executor.Map(ctx, ex, slices.Values(upTo(10)), func(ctx context.Context, k int) (int, error) {
		ran.Add(1)
		if k == 0 {
			return 42, nil
		}
		return k, held.wait(ctx, "end of a task")
	})
	release()
	for v, err := range results {
		if err := errors.Join(err, want("first result", v, 42)); err != nil {
			return err
		}
		break
	}
	held.open()
	if err := ex.Shutdown(ctx); err != nil {
		return err
	}
	if n := ran.Load(); n > 2 { // the worker may have taken the second one
		return fmt.Errorf("%d of 10 tasks ran though the iteration stopped after the first result", n)
	}
	return nil
}
