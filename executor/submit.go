package executor

import "context"

// Submit hands f to ex and returns the future of its result. It never returns nil, and it waits only if ex.Execute does.
//
// The function gets ctx itself, with its deadline, cancellation and values; the executor adds nothing to it. When ctx is done
// before the task starts, the task never starts: its future is cancelled with an error that wraps [ErrCancelled] and the
// context's cause. The future and its waiters learn that when the executor comes to the task, not before. A refused task gives
// a future that has already failed with the executor's error, such as [ErrShutdown].
//
// A function that panics ends its future with a [*PanicError], one that calls [runtime.Goexit] with [ErrGoexit].
// A nil context or function panics.
func Submit[T any](ctx context.Context, ex Executor, f func(context.Context) (T, error)) *Future[T] {
	if ctx == nil {
		panic("executor: Submit with a nil context")
	}
	if f == nil {
		panic("executor: Submit of a nil function")
	}
	future := &Future[T]{ctx: ctx, fn: f}
	if err := ex.Execute((*task[T])(future)); err != nil {
		future.refuse(err)
	}
	return future
}

// A task is a future as its executor sees it: the same memory, so that a task costs no allocation of its own.
type task[T any] Future[T]

var _ Task = (*task[int])(nil)

// Run runs the function, unless the task is cancelled or one of the contexts is done. A second call does nothing: the first
// value is kept.
func (t *task[T]) Run(ctx context.Context) {
	f := (*Future[T])(t)
	if !f.taken.CompareAndSwap(false, true) {
		return
	}
	own := f.ctx
	f.ctx = nil
	for _, c := range [...]context.Context{own, ctx} {
		if c.Err() != nil {
			f.cancel(context.Cause(c))
			return
		}
	}
	if !f.state.CompareAndSwap(int32(Pending), int32(Running)) {
		return // cancelled
	}
	fn := f.fn
	f.fn = nil
	f.run(own, fn)
}

func (f *Future[T]) run(ctx context.Context, fn func(context.Context) (T, error)) {
	var (
		val      T
		err      error
		returned bool
	)
	defer func() {
		if !returned {
			// Goexit runs the deferred calls too, but there is nothing to recover from.
			err = ErrGoexit
			if v := recover(); v != nil {
				err = newPanicError(v)
			}
		}
		f.settle(Finished, val, err)
	}()
	val, err = fn(ctx)
	returned = true
}

func (f *Future[T]) refuse(err error) {
	if f.state.CompareAndSwap(int32(Pending), int32(Running)) {
		f.ctx, f.fn = nil, nil
		var zero T
		f.settle(Finished, zero, err)
	}
}
