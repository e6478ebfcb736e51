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

// Shutdown with a context that is done cancels what has not started; a second, patient one waits for what is running.
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
