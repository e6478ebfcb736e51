package executor

import (
	"context"
	"iter"
	"slices"

	"github.com/teapot-go/teapot/executor/internal/sched"
)

// Until tells [Wait] what to wait for. The zero value is AllDone.
type Until int

const (
	AllDone    Until = iota // every future is cancelled or finished
	FirstDone               // one future is cancelled or finished
	FirstError              // one future has finished with an error; a cancelled one has not. Without one, AllDone
)

// Wait waits until as many of the futures are done as until says, or ctx is,
// and returns those that are done by then and those that are not, each in the
// order given, duplicates once. The futures may be of different executors.
func Wait[T any](ctx context.Context, until Until, fs ...*Future[T]) (done, pending []*Future[T]) {
	fs = distinct(fs)
	done, pending = split(fs)
	if slices.ContainsFunc(done, func(f *Future[T]) bool { return ends(until, f) }) {
		return done, pending
	}
	a := watchAll(ctx, pending)
	defer a.stop()
	for range pending {
		if f := a.next(ctx); f == nil || ends(until, f) {
			break
		}
	}
	return split(fs)
}

// ends reports whether f, which is done, ends a wait.
func ends[T any](until Until, f *Future[T]) bool {
	switch until {
	case FirstDone:
		return true
	case FirstError:
		return f.State() == Finished && f.err != nil
	default:
		return false
	}
}

// AsCompleted returns an iterator over the futures as they end: first those
// that were done when the iteration began, in the order given, then the others
// in the order of their completion, duplicates once. It ends when all were
// given or ctx is done; futures that are done by then are still given, and the
// caller knows from ctx whether some were not.
//
// The futures may be of different executors. The iterator can be used once and
// keeps no future that it has given. It is not for several goroutines.
func AsCompleted[T any](ctx context.Context, fs ...*Future[T]) iter.Seq[*Future[T]] {
	futures := distinct(fs)
	return func(yield func(*Future[T]) bool) {
		done, pending := split(futures)
		futures = nil
		a := watchAll(ctx, pending)
		defer a.stop()
		for i, f := range done {
			done[i] = nil
			if !yield(f) {
				return
			}
		}
		for len(a.missing) > 0 {
			if f := a.next(ctx); f == nil || !yield(f) {
				return
			}
		}
	}
}

// arrivals gives the futures of one wait in the order in which they end.
type arrivals[T any] struct {
	missing map[*Future[T]]int // the index in pending, counted from its end, as pending is cut at its front
	ch      chan *Future[T]    // with room for all, so that ending a future never waits
	pending []*Future[T]       // if a task waits: those that may not have started, in the order given
}

func watchAll[T any](ctx context.Context, fs []*Future[T]) *arrivals[T] {
	a := &arrivals[T]{missing: make(map[*Future[T]]int, len(fs)), ch: make(chan *Future[T], len(fs))}
	if sched.SlotOf(ctx) != nil {
		a.pending = slices.Clone(fs)
	}
	for i, f := range fs {
		a.missing[f] = i - len(fs)
		if !f.watch(&watcher[T]{arrivals: a.ch}) {
			a.ch <- f
		}
	}
	return a
}

// next returns the next future to end, or nil when ctx is done and none has.
func (a *arrivals[T]) next(ctx context.Context) *Future[T] {
	for len(a.pending) > 0 && (a.pending[0] == nil || a.pending[0].State() != Pending) {
		a.pending = a.pending[1:]
	}
	var first sched.Awaited
	if len(a.pending) > 0 {
		first = (*task[T])(a.pending[0])
	}
	f, ok := sched.Receive(ctx, a.ch, first)
	if !ok {
		return nil
	}
	if at := len(a.pending) + a.missing[f]; at >= 0 {
		a.pending[at] = nil
	}
	delete(a.missing, f)
	return f
}

// stop removes this wait from the futures that have not ended.
func (a *arrivals[T]) stop() {
	for f := range a.missing {
		f.unwatch(a.ch)
	}
}

// split returns the futures that are done and those that are not.
func split[T any](fs []*Future[T]) (done, pending []*Future[T]) {
	for _, f := range fs {
		if f.settled() {
			done = append(done, f)
		} else {
			pending = append(pending, f)
		}
	}
	return done, pending
}

// distinct returns a copy of fs without repetitions.
func distinct[T any](fs []*Future[T]) []*Future[T] {
	seen := make(map[*Future[T]]struct{}, len(fs))
	unique := make([]*Future[T], 0, len(fs))
	for _, f := range fs {
		if _, again := seen[f]; !again {
			seen[f] = struct{}{}
			unique = append(unique, f)
		}
	}
	return unique
}
