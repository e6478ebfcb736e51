package executor

import (
	"context"
	"time"

	"github.com/teapot-go/teapot/executor/internal/contain"
	"github.com/teapot-go/teapot/executor/internal/sched"
)

// Submit hands f to ex and returns the future of its result. It never returns
// nil, and it waits only if ex.Execute does.
//
// The function gets a context with the deadline, cancellation and values of
// ctx. A function of this package that waits with it knows which task waits.
// When ctx is done before the task starts, the task never starts: its
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
// costs no allocation.
type task[T any] Future[T]

var _ sched.Awaited = (*task[int])(nil)

// Run calls the function, unless the task is cancelled or one of the contexts
// is done. A second call does nothing: the first result is kept.
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
	if f.scheduler == nil { // another executor has wrapped the task, or there is no scheduler
		if s := sched.FromContext(ctx); s != nil {
			f.hold()
			f.slot = s.NewSlot()
			f.release()
		}
	}
	fn := f.fn
	f.fn = nil
	f.run(fn)
}

// Context returns the task's context, which ends a wait in Execute.
func (t *task[T]) Context() context.Context { return t.ctx }

// SetScheduler tells the task which scheduler has it.
func (t *task[T]) SetScheduler(s *sched.Scheduler) { t.scheduler = s }

// Settled and QueuedIn implement [sched.Awaited].
func (t *task[T]) Settled() bool { return (*Future[T])(t).settled() }

func (t *task[T]) QueuedIn(s *sched.Scheduler) bool {
	return t.scheduler == s && (*Future[T])(t).State() == Pending
}

// A futureContext is a future as the context of its own task: the same memory
// again.
type futureContext[T any] Future[T]

var _ context.Context = (*futureContext[int])(nil)

func (c *futureContext[T]) Deadline() (time.Time, bool) { return c.ctx.Deadline() }

func (c *futureContext[T]) Done() <-chan struct{} { return c.ctx.Done() }

func (c *futureContext[T]) Err() error { return c.ctx.Err() }

func (c *futureContext[T]) Value(key any) any {
	if key != (sched.SlotKey{}) {
		return c.ctx.Value(key)
	}
	f := (*Future[T])(c)
	if f.hold() {
		defer f.release()
		if f.slot == nil && f.scheduler != nil {
			f.slot = f.scheduler.NewSlot()
		}
	}
	if f.slot == nil {
		return nil // the task has ended, or the executor has no slots and that of an outer task must not be lent
	}
	return f.slot
}

func (f *Future[T]) run(fn func(context.Context) (T, error)) {
	var (
		val      T
		err      error
		returned bool
	)
	defer func() {
		defer f.endSlot()
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
	val, err = fn((*futureContext[T])(f))
	returned = true
}

// endSlot ends the slot of the task. No goroutine makes another one, as the
// state is final.
func (f *Future[T]) endSlot() {
	if f.slot != nil {
		f.slot.End()
	}
}

func (f *Future[T]) refuse(err error) {
	if f.leavePending(Running) == Pending {
		f.fn = nil
		var zero T
		f.settle(Finished, zero, err)
	}
}
