package executor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/executor"
)

func ExampleSubmit() {
	ctx := context.Background()
	ex, err := executor.NewPool(3)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ex.Shutdown(ctx)

	f := executor.Submit(ctx, ex, func(context.Context) (string, error) { return strings.ToUpper("br"), nil })
	code, err := f.Result(ctx)
	fmt.Println(code, err, f)
	// Output: BR <nil> <Future finished string>
}

func ExampleMap() {
	ctx := context.Background()
	ex, err := executor.NewPool(3)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ex.Shutdown(ctx)

	codes := slices.Values([]string{"br", "usa", "in"})
	for flag, err := range executor.Map(ctx, ex, codes, func(_ context.Context, code string) (string, error) {
		if len(code) != 2 {
			return "", fmt.Errorf("%s: not a country code", code)
		}
		return strings.ToUpper(code) + ".gif", nil
	}) {
		fmt.Println(flag, err)
	}
	// Output:
	// BR.gif <nil>
	//  usa: not a country code
	// IN.gif <nil>
}

func ExampleAsCompleted() {
	ctx := context.Background()
	ex, err := executor.NewPool(2)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ex.Shutdown(ctx)

	fast := make(chan struct{})
	slow := executor.Submit(ctx, ex, func(context.Context) (string, error) {
		<-fast
		return "slow", nil
	})
	quick := executor.Submit(ctx, ex, func(context.Context) (string, error) { return "quick", nil })
	for f := range executor.AsCompleted(ctx, slow, quick) {
		fmt.Println(f.Result(ctx))
		if f == quick {
			close(fast)
		}
	}
	// Output:
	// quick <nil>
	// slow <nil>
}

func ExampleWait() {
	ctx := context.Background()
	ex, err := executor.NewPool(2)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ex.Shutdown(ctx)

	hold := make(chan struct{})
	slow := executor.Submit(ctx, ex, func(context.Context) (int, error) {
		<-hold
		return 1, nil
	})
	broken := executor.Submit(ctx, ex, func(context.Context) (int, error) { return 0, errors.New("no flag") })
	done, pending := executor.Wait(ctx, executor.FirstError, slow, broken)
	fmt.Println(len(done), "done,", len(pending), "pending")
	close(hold)
	// Output: 1 done, 1 pending
}

// Shutdown with a context that is done cancels what has not started; a second,
// patient one waits for what is running.
func ExampleExecutor_shutdown() {
	ctx := context.Background()
	ex, err := executor.NewAsync(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	started, hold := make(chan struct{}), make(chan struct{})
	running := executor.Submit(ctx, ex, func(context.Context) (string, error) {
		close(started)
		<-hold
		return "done", nil
	})
	queued := executor.Submit(ctx, ex, func(context.Context) (string, error) { return "never", nil })
	<-started

	now, cancel := context.WithCancel(ctx)
	cancel()
	fmt.Println(ex.Shutdown(now))
	fmt.Println(queued, running)
	close(hold)
	fmt.Println(ex.Shutdown(ctx))
	fmt.Println(running.Result(ctx))
	// Output:
	// context canceled
	// <Future cancelled string> <Future running string>
	// <nil>
	// done <nil>
}

// The first mirror that answers wins; the others are told by their context.
func ExampleFirst() {
	ctx := context.Background()
	ex, err := executor.NewPool(2)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ex.Shutdown(ctx)

	flag, err := executor.First(
		ctx, ex,
		func(context.Context) (string, error) { return "", errors.New("mirror is down") },
		func(context.Context) (string, error) { return "BR.gif", nil },
	)
	fmt.Println(flag, err)
	// Output: BR.gif <nil>
}

func ExampleAll() {
	ctx := context.Background()
	ex := executor.NewSequential()
	name := func(context.Context) (string, error) { return "Brazil", nil }
	code := func(context.Context) (string, error) { return "BR", nil }
	fmt.Println(executor.All(ctx, ex, name, code))
	// Output: [Brazil BR] <nil>
}

// An input without end is read only as far ahead as allowed.
func ExampleMapOptions() {
	ctx := context.Background()
	ex, err := executor.NewPool(2)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ex.Shutdown(ctx)

	naturals := func(yield func(int) bool) {
		for n := 0; yield(n); n++ {
		}
	}
	square := func(_ context.Context, n int) (int, error) { return n * n, nil }
	for v := range executor.Map(ctx, ex, naturals, square, executor.MapOptions{Ahead: 4}) {
		if v > 20 {
			break
		}
		fmt.Print(v, " ")
	}
	// Output: 0 1 4 9 16
}

func ExampleTune() {
	ctx := context.Background()
	ex, err := executor.NewPool(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ex.Shutdown(ctx)
	if err := executor.Tune(ex, executor.Settings{Workers: 1, Queue: 1, Full: executor.Reject}); err != nil {
		fmt.Println(err)
		return
	}
	hold := make(chan struct{})
	busy := func(context.Context) (int, error) { <-hold; return 0, nil }
	executor.Submit(ctx, ex, busy)
	executor.Submit(ctx, ex, busy)
	_, err = executor.Submit(ctx, ex, busy).Result(ctx)
	fmt.Println(err)
	close(hold)
	// Output: executor: queue full
}
