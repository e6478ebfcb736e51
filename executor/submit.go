package executor

import (
	"context"
	"time"

	"github.com/teapot-go/teapot/executor/internal/contain"
	"github.com/teapot-go/teapot/executor/internal/gate"
)

// Submit hands f to ex and returns the future of its result. It never returns
// nil, and it waits only if ex.Execute does.
//
// The function gets a context with the deadline, cancellation and values of
// ctx, and a task's own: a wait in this package with it is known to be the
// task's. When ctx is done before the task starts, the task never starts: its
// future is cancelled with an error that wraps [ErrCancelled] and the context's
// cause. The future and its waiters learn that when the executor comes to the
// task, not before. A refused task gives a future that has already failed with
// the executor's error, such as [ErrShutdown].
//
// A task may wait for tasks of its own executor: see [Future.Result].
//
// A function that panics ends its future with a [*PanicError], one that calls
// [runtime.Goexit] with [ErrGoexit]. A nil context or function panics.
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

// A task is a future as its executor sees it: the same memory, so that a task
// costs no allocation of its own.
type task[T any] Future[T]

var _ gate.Awaited = (*task[int])(nil)

// Run runs the function, unless the task is cancelled or one of the contexts is
// done. A second call does nothing: the first value is kept.
func (t *task[T]) Run(ctx context.Context) {
	f := (*Future[T])(t)
	for _, c := range [...]context.Context{f.ctx, ctx} {
		if c.Err() != nil {
			f.cancel(context.Cause(c))
			return
		}
	}
	if f.leavePending(Running) != Pending {
		return // cancelled, or run before
	}
	if f.home == nil { // another executor has wrapped it on the way to a gate, or it is no gate's
		if g := gate.Of(ctx); g != nil {
			f.hold()
			f.place = g.NewPlace()
			f.release()
		}
	}
	fn := f.fn
	f.fn = nil
	f.run(fn)
}

// Context is the task's context, for an executor that has to wait in Execute.
func (t *task[T]) Context() context.Context { return t.ctx }

// Adopt is told which gate has the task.
func (t *task[T]) Adopt(g *gate.Gate) { t.home = g }

// Settled and PendingIn implement [gate.Awaited].
func (t *task[T]) Settled() bool { return (*Future[T])(t).settled() }

func (t *task[T]) PendingIn(g *gate.Gate) bool {
	return t.home == g && (*Future[T])(t).State() == Pending
}

// inside is a future as its own task's context: the same memory again.
type inside[T any] Future[T]

var _ context.Context = (*inside[int])(nil)

func (c *inside[T]) Deadline() (time.Time, bool) { return c.ctx.Deadline() }

func (c *inside[T]) Done() <-chan struct{} { return c.ctx.Done() }

func (c *inside[T]) Err() error { return c.ctx.Err() }

func (c *inside[T]) Value(key any) any {
	if key != (gate.PlaceKey{}) {
		return c.ctx.Value(key)
	}
	f := (*Future[T])(c)
	if f.hold() {
		defer f.release()
		if f.place == nil && f.home != nil {
			f.place = f.home.NewPlace()
		}
	}
	if f.place == nil {
		return nil // the executor knows nothing of places, and that of an outer task is not this one's to lend; or the task has ended
	}
	return f.place
}

func (f *Future[T]) run(fn func(context.Context) (T, error)) {
	var (
		val      T
		err      error
		returned bool
	)
	defer func() {
		defer f.leave()
		if !returned {
			// Goexit runs the deferred calls too, but there is nothing to
			// recover from.
			err = ErrGoexit
			if v := recover(); v != nil {
				err = &PanicError{v, contain.Callers()}
			}
		}
		f.settle(Finished, val, err)
	}()
	val, err = fn((*inside[T])(f))
	returned = true
}

// leave ends the task's dealings with its place. Nobody makes one any more.
func (f *Future[T]) leave() {
	if f.place != nil {
		f.place.End()
	}
}

func (f *Future[T]) refuse(err error) {
	if f.leavePending(Running) == Pending {
		f.fn = nil
		var zero T
		f.settle(Finished, zero, err)
	}
}
