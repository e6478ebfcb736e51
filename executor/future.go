package executor

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/teapot-go/teapot/executor/internal/contain"
	"github.com/teapot-go/teapot/executor/internal/sched"
)

// A State tells how far a future has come. The zero value is Pending.
//
//	Pending → Running    an executor starts the task
//	Pending → Cancelled  Cancel, or a context that was done before the start
//	Pending → Finished   the executor refused the task
//	Running → Finished   the function returned, panicked or called Goexit
type State int

// The states. Cancelled and Finished are final.
const (
	Pending State = iota
	Running
	Cancelled
	Finished

	// cancelling reads as Pending: a goroutine is about to store the error.
	cancelling
)

// The bits of a future's word. All but the state are 0 once that is final.
const (
	stateMask = 1<<3 - 1
	held      = 1 << 3 // a goroutine reads or changes watchers and slot
	watched   = 1 << 4 // there are watchers, or a slot
)

// String returns the state as a lower-case word.
func (s State) String() string {
	switch s {
	case Pending:
		return "pending"
	case Running:
		return "running"
	case Cancelled:
		return "cancelled"
	case Finished:
		return "finished"
	default:
		return fmt.Sprintf("State(%d)", int(s))
	}
}

// A Future is the result of a task that may not have ended yet. [Submit] makes
// futures; the zero value is not usable. All methods may be called by any
// number of goroutines at the same time.
type Future[T any] struct {
	ctx       context.Context                  // the one given to Submit
	fn        func(context.Context) (T, error) // for the goroutine that moves the state away from Pending
	scheduler *sched.Scheduler                 // that has the task; constant after Submit

	// Written before the state becomes final, constant after it.
	val T
	err error

	// For the goroutine that holds the word, and for settle once the state is
	// final.
	watchers *watcher[T]
	slot     *sched.Slot // of the task while it runs, if it has ever waited

	word atomic.Uint32 // the state, held and watched: a short task costs two swaps and no lock
}

// A watcher is notified once, when the future ends: a channel is closed, the
// future is sent to arrivals, a callback is called, or waits is released.
type watcher[T any] struct {
	next     *watcher[T] // the one added before; in notify, the one added after
	done     chan struct{}
	arrivals chan<- *Future[T]
	callback func(*Future[T])
	waits    sync.WaitGroup // for 1
}

// State returns the current state. It never blocks.
func (f *Future[T]) State() State {
	if s := State(f.word.Load() & stateMask); s != cancelling {
		return s
	}
	return Pending
}

func (f *Future[T]) settled() bool {
	s := State(f.word.Load() & stateMask)
	return s == Finished || s == Cancelled
}

// leavePending moves the state away from Pending, or returns the one that it
// has.
func (f *Future[T]) leavePending(to State) (from State) {
	for {
		w := f.word.Load()
		if from = State(w & stateMask); from != Pending || f.word.CompareAndSwap(w, w|uint32(to)) {
			return from
		}
	}
}

// hold locks watchers and slot, and keeps the state from becoming final, until
// release. It reports false, and locks nothing, if the state is final.
func (f *Future[T]) hold() bool {
	for {
		w := f.word.Load()
		switch s := State(w & stateMask); {
		case s == Finished || s == Cancelled:
			return false
		case w&held != 0:
			runtime.Gosched() // another goroutine releases it within a few instructions
		case f.word.CompareAndSwap(w, w|held):
			return true
		}
	}
}

func (f *Future[T]) release() {
	if f.watchers != nil || f.slot != nil {
		f.word.Or(watched)
	}
	f.word.And(^uint32(held))
}

// Done returns a channel that is closed when the future is cancelled or
// finished.
func (f *Future[T]) Done() <-chan struct{} {
	if !f.hold() {
		over := make(chan struct{})
		close(over)
		return over
	}
	defer f.release()
	for w := f.watchers; w != nil; w = w.next {
		if w.done != nil {
			return w.done
		}
	}
	f.watchers = &watcher[T]{next: f.watchers, done: make(chan struct{})}
	return f.watchers.done
}

// Result waits for the end of the task and returns what its function returned.
// The error of a task that did not return is [ErrCancelled], [ErrGoexit], a
// [*PanicError], or the executor's refusal.
//
// The context bounds this wait alone. When it is done first, the error wraps
// [ErrUnfinished] and the context's cause, and the future stays as usable as
// before. A future that has ended gives its result whatever the context.
//
// A task that waits with its own context, or one derived from it, does not
// count as running on its executor, if that is one of this package: another
// task runs until the wait is over. The task that it waits for comes first,
// ahead of those submitted before it, so that a task may wait for others of its
// own executor even if that has a single worker. [Wait], [AsCompleted], [Map],
// [First] and [All] do the same. When the wait ends, the task goes on as soon
// as another one ends or waits, before any task that has not started. If its
// context is done, it goes on at once, and then one task more runs than the
// executor's limit.
func (f *Future[T]) Result(ctx context.Context) (T, error) {
	if !f.await(ctx) {
		var zero T
		return zero, fmt.Errorf("%w: %w", ErrUnfinished, context.Cause(ctx))
	}
	return f.val, f.err
}

// await waits for the end of the task, or until ctx is done, and reports
// whether the task has ended.
func (f *Future[T]) await(ctx context.Context) (ended bool) {
	if f.settled() {
		return true
	}
	if ctx.Done() != nil {
		_, ended = sched.Receive(ctx, f.Done(), (*task[T])(f))
		return ended
	}
	w := new(watcher[T])
	w.waits.Add(1)
	if f.watch(w) {
		sched.LendSlot(ctx, (*task[T])(f), w.waits.Wait)
	}
	return true
}

// Cancel keeps a pending task from ever running and ends its future with
// [ErrCancelled]; its waiters and callbacks are notified. It returns true if
// the future is cancelled now, also when it was before, and false if the task
// is running or finished: those go on. The callbacks run in the calling
// goroutine. The executor's queue still counts a cancelled task until its turn
// comes.
func (f *Future[T]) Cancel() bool { return f.cancel(nil) }

func (f *Future[T]) cancel(cause error) bool {
	if from := f.leavePending(cancelling); from != Pending {
		return from == cancelling || from == Cancelled
	}
	f.fn = nil
	var zero T
	f.settle(Cancelled, zero, cancelled(cause))
	return true
}

// OnDone adds a function that is called with the future once it is cancelled or
// finished. Callbacks are called once each, in the order added, by the
// goroutine that ended the future (the worker, or the caller of Cancel), after
// the waiters were woken; a future that has ended already calls f at once, in
// the calling goroutine. A callback that panics is reported through [log/slog]
// and does not stop the others. Callbacks should be short: the worker waits for
// them.
func (f *Future[T]) OnDone(call func(*Future[T])) {
	if !f.watch(&watcher[T]{callback: call}) {
		f.runCallback(call)
	}
}

// String shows the state and the type of the result: <Future running string>.
func (f *Future[T]) String() string {
	return fmt.Sprintf("<Future %v %v>", f.State(), reflect.TypeFor[T]())
}

// watch adds w, or reports false if the future has ended: then w is never
// notified.
func (f *Future[T]) watch(w *watcher[T]) bool {
	if !f.hold() {
		return false
	}
	w.next = f.watchers
	f.watchers = w
	f.release()
	return true
}

// unwatch removes every watcher that sends to ch, so that a long-lived future
// does not keep the watchers of waits that are over.
func (f *Future[T]) unwatch(ch chan<- *Future[T]) {
	if !f.hold() {
		return
	}
	for at := &f.watchers; *at != nil; {
		if (*at).arrivals == ch {
			*at = (*at).next
		} else {
			at = &(*at).next
		}
	}
	f.release()
}

// settle makes the result known. Only the goroutine that moved the state away
// from Pending calls it, once.
func (f *Future[T]) settle(s State, val T, err error) {
	f.val, f.err = val, err
	for {
		w := f.word.Load()
		if w&held != 0 {
			runtime.Gosched()
		} else if f.word.CompareAndSwap(w, uint32(s)) {
			if w&watched != 0 && f.watchers != nil {
				f.notify()
			}
			return
		}
	}
}

// notify wakes those that wait and calls the callbacks, in the order in which
// they were added.
func (f *Future[T]) notify() {
	var first *watcher[T]
	for f.watchers != nil {
		w := f.watchers
		f.watchers, w.next, first = w.next, first, w
	}
	var calls []func(*Future[T]) // after all waiters are awake, as a callback may block
	for w := first; w != nil; w = w.next {
		switch {
		case w.callback != nil:
			calls = append(calls, w.callback)
		case w.arrivals != nil:
			w.arrivals <- f
		case w.done != nil:
			close(w.done)
		default:
			w.waits.Done()
		}
	}
	contain.Each(calls, f.runCallback)
}

// runCallback calls a callback and reports its panic.
func (f *Future[T]) runCallback(call func(*Future[T])) {
	defer func() {
		if v := recover(); v != nil {
			err := &PanicError{v, contain.Callers()}
			slog.Error("executor: callback panicked", "future", f.String(), "panic", err.Value, "stack", err.Stack())
		}
	}()
	call(f)
}
