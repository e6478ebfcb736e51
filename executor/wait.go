package executor

import (
	"context"
	"iter"
	"slices"

	"github.com/teapot-go/teapot/executor/internal/gate"
)

// Until says what [Wait] waits for. The zero value is AllDone.
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

// arrivals are the futures of one wait in the order in which they end.
type arrivals[T any] struct {
	missing map[*Future[T]]int
	ch      chan *Future[T] // with room for all, so that ending a future never waits for whoever waits for it
	inLine  []*Future[T]    // for a task that waits: those that may not have started, in the order given
}

func watchAll[T any](ctx context.Context, fs []*Future[T]) *arrivals[T] {
	a := &arrivals[T]{missing: make(map[*Future[T]]int, len(fs)), ch: make(chan *Future[T], len(fs))}
	if gate.PlaceOf(ctx) != nil {
		a.inLine = slices.Clone(fs)
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
	for len(a.inLine) > 0 && (a.inLine[0] == nil || a.inLine[0].State() != Pending) {
		a.inLine = a.inLine[1:]
	}
	var first gate.Awaited
	if len(a.inLine) > 0 {
		first = (*task[T])(a.inLine[0])
	}
	f, ok := gate.Receive(ctx, a.ch, first)
	if !ok {
		return nil
	}
	// Their places are counted from the end: those in front come and go.
	if at := len(a.inLine) + a.missing[f]; at >= 0 {
		a.inLine[at] = nil
	}
	delete(a.missing, f)
	return f
}

// stop forgets the futures that are still missing, and they this wait.
func (a *arrivals[T]) stop() {
	for f := range a.missing {
		f.unwatch(a.ch)
	}
}

// split tells the futures that are done from those that are not.
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
