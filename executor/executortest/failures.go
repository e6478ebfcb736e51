package executortest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"

	"github.com/teapot-go/teapot/executor"
)

var failures = []Check{
	{64, "failing task", "a failing task harms neither others nor the executor", on(1, failing)},
	{65, "original error", "the original error is kept, also one that a task panicked with", on(1, originalError)},
	{66, "stack", "the error of a panic has the stack of the failing place", on(1, stack)},
	{68, "goexit", "runtime.Goexit in a task ends its future with an error, and the executor lives", on(1, goexit)},
}

func failing(ctx context.Context, ex executor.Executor) error {
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	own := errors.New("no flag")
	failed := executor.Submit(ctx, ex, func(context.Context) (int, error) { return 0, own })
	panicked := executor.Submit(ctx, ex, func(context.Context) (int, error) { return explode(0), nil })
	queued := executor.Submit(ctx, ex, answer)
	release()
	errs := []error{wantResult(ctx, "a task behind failing ones", queued, 42)}
	_, err = failed.Result(ctx)
	errs = append(errs, want("the error", err, own))
	_, err = panicked.Result(ctx)
	if _, ok := errors.AsType[*executor.PanicError](err); !ok {
		errs = append(errs, fmt.Errorf("result of a panic: got %v, want a *PanicError", err))
	}
	return errors.Join(append(errs, wantResult(ctx, "a task after that", executor.Submit(ctx, ex, answer), 42))...)
}

func originalError(ctx context.Context, ex executor.Executor) error {
	own := &fs.PathError{Op: "open", Path: "br.gif", Err: fs.ErrNotExist}
	f := executor.Submit(ctx, ex, func(context.Context) (int, error) { return 0, fmt.Errorf("flag: %w", own) })
	g := executor.Submit(ctx, ex, func(context.Context) (int, error) { panic(own) })
	var errs []error
	for _, f := range (intFutures{f, g}) {
		_, err := f.Result(ctx)
		errs = append(errs, wantKind("errors.Is", err, fs.ErrNotExist))
		if got, _ := errors.AsType[*fs.PathError](err); got != own {
			errs = append(errs, fmt.Errorf("errors.As: got %v, want %v", got, own))
		}
	}
	return errors.Join(errs...)
}

// explode is the failing place.
func explode(i int) int { return []int{}[i] }

func stack(ctx context.Context, ex executor.Executor) error {
	f := executor.Submit(ctx, ex, func(context.Context) (int, error) { return explode(0), nil })
	_, err := f.Result(ctx)
	p, ok := errors.AsType[*executor.PanicError](err)
	if !ok {
		return fmt.Errorf("result of a panic: got %v, want a *PanicError", err)
	}
	first, _, _ := strings.Cut(p.Stack(), "\n")
	if !strings.HasSuffix(first, ".explode") {
		return fmt.Errorf("first place of the stack: got %q, want the function explode; the stack:\n%s", first,
			p.Stack())
	}
	if !strings.Contains(fmt.Sprintf("%+v", err), "failures.go:") {
		return fmt.Errorf("%%+v of the error: got %+v, want the stack too", err)
	}
	return nil
}

func goexit(ctx context.Context, ex executor.Executor) error {
	for range 3 {
		f := executor.Submit(ctx, ex, func(context.Context) (int, error) {
			runtime.Goexit()
			return 0, nil
		})
		_, err := f.Result(ctx)
		if err := wantKind("result", err, executor.ErrGoexit); err != nil {
			return err
		}
	}
	return wantResult(ctx, "the next task", executor.Submit(ctx, ex, answer), 42)
}
