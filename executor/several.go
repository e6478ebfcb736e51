package executor

import (
	"context"
	"errors"
	"fmt"
)

// First runs all functions as tasks of ex and returns the first result without
// an error. When it returns, the context of the others is cancelled and those
// that have not started never start; First does not wait for those that are
// running. If none succeeds the error joins those of all, in the order given.
// The context bounds the whole, also the wait.
func First[T any](ctx context.Context, ex Executor, fs ...func(context.Context) (T, error)) (T, error) {
	futures, stop := submitAll(ctx, ex, fs)
	defer stop()
	for f := range AsCompleted(ctx, futures...) {
		if f.err == nil {
			return f.val, nil
		}
	}
	var (
		zero T
		errs []error
	)
	for _, f := range futures {
		v, err := f.Result(ctx)
		if err == nil { // ended after the wait did
			return v, nil
		}
		errs = append(errs, err)
	}
	if len(fs) == 0 {
		errs = append(errs, fmt.Errorf("%w: First of no functions", ErrUnfinished))
	}
	return zero, errors.Join(errs...)
}

// All runs all functions as tasks of ex and returns their results in the order
// given, or the first error that any of them gives. When it returns, it leaves
// the others as [First] does.
func All[T any](ctx context.Context, ex Executor, fs ...func(context.Context) (T, error)) ([]T, error) {
	futures, stop := submitAll(ctx, ex, fs)
	defer stop()
	for f := range AsCompleted(ctx, futures...) {
		if f.err != nil {
			return nil, f.err
		}
	}
	results := make([]T, len(futures))
	for i, f := range futures {
		var err error
		if results[i], err = f.Result(ctx); err != nil { // the wait ended before the future did
			return nil, err
		}
	}
	return results, nil
}

// submitAll submits all functions. The caller must call stop in the end, which
// cancels those that have not ended.
func submitAll[T any](ctx context.Context, ex Executor, fs []func(context.Context) (T,
	error),
) (futures []*Future[T], stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	for _, f := range fs {
		futures = append(futures, Submit(ctx, ex, f))
	}
	return futures, func() {
		cancel()
		for _, f := range futures {
			f.Cancel()
		}
	}
}
