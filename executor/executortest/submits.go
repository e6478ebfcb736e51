package executortest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/teapot-go/teapot/executor"
)

var submits = []Check{
	{16, "typed", "Submit returns a typed future", on(1, typed)},
	{17, "many types", "one executor runs tasks of different result types", on(1, manyTypes)},
	{
		18, "submit after shutdown", "Submit after Shutdown is refused, and the task never runs",
		on(1, submitAfterShutdown),
	},
	{19, "submit never blocks", "Submit does not block, however long the queue", on(1, submitNeverBlocks)},
	{
		21, "context", "a task gets its context; one whose context is done before it starts never starts",
		on(1, taskContext),
	},
}

func typed(ctx context.Context, ex executor.Executor) error {
	type flag struct{ code string }
	f := executor.Submit(ctx, ex, func(context.Context) (flag, error) { return flag{"BR"}, nil })
	return wantResult(ctx, "struct", f, flag{"BR"})
}

func manyTypes(ctx context.Context, ex executor.Executor) error {
	n := executor.Submit(ctx, ex, answer)
	s := executor.Submit(ctx, ex, func(context.Context) (string, error) { return "BR", nil })
	e := executor.Submit(ctx, ex, func(context.Context) (error, error) { return nil, nil })
	return errors.Join(
		wantResult(ctx, "int", n, 42),
		wantResult(ctx, "string", s, "BR"),
		wantResult(ctx, "nil interface", e, nil),
	)
}

// A refusalError is an executor's own refusal, which is not ErrShutdown.
type refusalError struct{ err error }

func (e *refusalError) Error() string {
	return fmt.Sprintf("Execute refuses tasks after Shutdown with an error of its own, %q", e.err)
}

func (e *refusalError) Unwrap() error { return e.err }

func submitAfterShutdown(ctx context.Context, ex executor.Executor) error {
	if err := ex.Shutdown(ctx); err != nil {
		return fmt.Errorf("call of Shutdown: %w", err)
	}
	var ran atomic.Bool
	err := ex.Execute(taskFunc(func(context.Context) { ran.Store(true) }))
	switch {
	case err == nil:
		return errors.New("Execute accepts a task after Shutdown")
	case !errors.Is(err, executor.ErrShutdown):
		return &refusalError{err}
	}
	f := executor.Submit(ctx, ex, func(context.Context) (int, error) {
		ran.Store(true)
		return 0, nil
	})
	state := f.State()
	_, err = f.Result(ctx)
	return errors.Join(
		want("state of a refused future", state, executor.Finished),
		wantKind("refusal", err, executor.ErrShutdown),
		want("the refused task ran", ran.Load(), false),
	)
}

// A waitsError is that of an executor whose Execute waits until it has room.
type waitsError struct{ queued int } // tasks that it accepted behind a busy worker

func (e *waitsError) Error() string {
	if e.queued == 0 {
		return "Execute waits for room"
	}
	return fmt.Sprintf("Execute waits for room when %d tasks are queued", e.queued)
}

func submitNeverBlocks(ctx context.Context, ex executor.Executor) error {
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	fs := make([]*executor.Future[int], 10_000)
	var submits atomic.Int32
	submitted := make(chan struct{})
	aside(ctx, func() {
		for i := range fs {
			fs[i] = executor.Submit(ctx, ex, answer)
			submits.Add(1)
		}
		close(submitted)
	})
	if n := stalled(ctx, submitted, &submits); n >= 0 {
		release()
		if _, err := receive(ctx, submitted, fmt.Sprintf("%d submits, of which %d returned behind a busy worker",
			len(fs), n)); err != nil {
			return err
		}
		return &waitsError{n}
	}
	release()
	for _, f := range fs {
		if err := wantResult(ctx, "result of a queued task", f, 42); err != nil {
			return err
		}
	}
	return nil
}

// stalled waits until done is closed, and returns -1. It returns the count
// instead when that has not moved for a second, or ctx is done. It looks twice
// in that second, as the whole program may have been stopped for a while.
func stalled(ctx context.Context, done <-chan struct{}, count *atomic.Int32) int {
	for last, same := int32(-1), 0; ; {
		half := time.NewTimer(time.Second / 2)
		select {
		case <-done:
			half.Stop()
			return -1
		case <-ctx.Done():
			half.Stop()
			return int(count.Load())
		case <-half.C:
		}
		n := count.Load()
		if n != last {
			last, same = n, 0
		} else if same++; same == 2 {
			return int(n)
		}
	}
}

func taskContext(ctx context.Context, ex executor.Executor) error {
	type key struct{}
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	cause := errors.New("no longer wanted")
	left, leave := context.WithCancelCause(ctx)
	var ran atomic.Bool
	f := executor.Submit(left, ex, func(context.Context) (int, error) {
		ran.Store(true)
		return 0, nil
	})
	stoppable, stop := context.WithCancelCause(context.WithValue(ctx, key{}, "BR"))
	started := newLatch()
	g := executor.Submit(stoppable, ex, func(ctx context.Context) (any, error) {
		started.open()
		<-ctx.Done()
		return ctx.Value(key{}), context.Cause(ctx)
	})
	leave(cause)
	release()
	err = started.wait(ctx, "start of a task")
	stop(cause)
	_, cancelled := f.Result(ctx)
	value, stopped := g.Result(ctx)
	return errors.Join(
		err,
		want("a task ran whose context was done", ran.Load(), false),
		want("state of a task whose context was done", f.State(), executor.Cancelled),
		wantKind("result of a task whose context was done", cancelled, executor.ErrCancelled),
		wantKind("result of a task whose context was done", cancelled, cause),
		want("value in the task's context", value, "BR"),
		wantKind("cause in the task's context", stopped, cause),
	)
}
