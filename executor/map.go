package executor

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// A Mapping says how [Map] works through its inputs. The zero value reads them all at once and makes each a task.
type Mapping struct {
	// Ahead is how many inputs may have been read whose results have not been asked for; 0 means all. An infinite sequence
	// needs a bound, and so does one that is produced faster than the results are used.
	Ahead int

	// Chunk is how many inputs make one task, one after another; 0 means 1. Where the function is quick, a chunk costs little
	// more than a task. The results of a chunk come when all of it is done. Never more inputs than Ahead are in one.
	Chunk int
}

// Map calls f for every input of in, as tasks of ex, and returns an iterator over the results in the order of the inputs.
//
// Every input is read and submitted before Map returns, so the tasks run whether or not the results are asked for. With a bound
// by [Mapping], of which at most one may be given, reading begins with the loop over the results and pauses while the bound is
// reached. The iterator waits for one result at a time; it gives exactly one pair for each input, an error stands at the position of its
// input, and the iterator goes on after it. When the loop over it ends early, the tasks that have not started are cancelled. When
// ctx is done they are cancelled too: results that are there still come, a cancelled task gives an error that wraps
// [ErrCancelled], and one that is still running an error that wraps [ErrUnfinished]. With a bound, no input is read any more.
// Running tasks are not stopped but through ctx, which is theirs. An error of f's own is none of this, whatever it wraps.
//
// The iterator can be used once and keeps no result that it has given. It is not for several goroutines. A negative bound panics.
func Map[K, T any](ctx context.Context, ex Executor, in iter.Seq[K], f func(context.Context, K) (T, error), how ...Mapping) iter.Seq2[T, error] {
	m := only(how)
	if m.Ahead > 0 {
		m.Chunk = min(m.Chunk, m.Ahead)
	}
	if m.Chunk > 1 {
		return mapChunks(ctx, ex, in, f, m)
	}
	return mapEach(ctx, in, closing(ctx, ex, f), m.Ahead)
}

// only returns the one Mapping that may be given.
func only(how []Mapping) (m Mapping) {
	if len(how) > 0 {
		m = how[0]
	}
	if m.Ahead < 0 || m.Chunk < 0 || len(how) > 1 {
		panic(fmt.Sprintf("executor: Map with %+v: want at most one, without negative numbers", how))
	}
	return m
}

// closing submits closures over one key each.
func closing[K, T any](ctx context.Context, ex Executor, f func(context.Context, K) (T, error)) func(K) *Future[T] {
	return func(key K) *Future[T] {
		return Submit(ctx, ex, func(ctx context.Context) (T, error) { return f(ctx, key) })
	}
}

// mapEach makes a future for each input.
func mapEach[K, T any](ctx context.Context, in iter.Seq[K], submit func(K) *Future[T], ahead int) iter.Seq2[T, error] {
	var left []*Future[T]
	if ahead == 0 {
		for key := range in {
			left = append(left, submit(key))
		}
		in = nil
	}
	used := false
	return func(yield func(T, error) bool) {
		if used {
			return
		}
		used = true
		defer func() {
			for _, future := range left {
				future.Cancel()
			}
			left = nil
		}()
		if in != nil {
			for key := range in {
				left = append(left, submit(key))
				if len(left) == ahead && !yield(take(ctx, &left)) {
					return
				}
				if ctx.Err() != nil {
					break
				}
			}
		}
		for len(left) > 0 {
			if !yield(take(ctx, &left)) {
				return
			}
		}
	}
}

// take removes the first future of left and waits for it.
func take[T any](ctx context.Context, left *[]*Future[T]) (T, error) {
	future := (*left)[0]
	(*left)[0] = nil
	*left = (*left)[1:]
	if !future.await(ctx) && future.cancel(context.Cause(ctx)) {
		<-future.Done() // at once: perhaps the executor was first and is about to say so
	}
	return future.Result(ctx)
}

// A chunk is some inputs in one task, and what became of them. It stands beside the task's future, whose own value is lost when
// an input's function calls runtime.Goexit.
type chunk[K, T any] struct {
	keys []K
	vals []T
	errs []error // nil as long as there is none
	at   int     // the one being worked on
}

// fail gives the current key an error.
func (c *chunk[K, T]) fail(err error) {
	if c.errs == nil {
		c.errs = make([]error, len(c.keys))
	}
	c.errs[c.at] = err
}

func mapChunks[K, T any](ctx context.Context, ex Executor, in iter.Seq[K], f func(context.Context, K) (T, error), m Mapping) iter.Seq2[T, error] {
	var made []*chunk[K, T]
	cut := func(yield func(*chunk[K, T]) bool) {
		var keys []K
		for key := range in {
			if keys = append(keys, key); len(keys) == m.Chunk {
				made = append(made, &chunk[K, T]{keys: keys})
				if !yield(made[len(made)-1]) {
					return
				}
				keys = make([]K, 0, m.Chunk)
			}
		}
		if len(keys) > 0 {
			made = append(made, &chunk[K, T]{keys: keys})
			yield(made[len(made)-1])
		}
	}
	work := func(ctx context.Context, c *chunk[K, T]) (struct{}, error) {
		c.vals = make([]T, len(c.keys))
		for c.at < len(c.keys) {
			c.work(ctx, f)
		}
		return struct{}{}, nil
	}
	worked := mapEach(ctx, cut, closing(ctx, ex, work), m.Ahead/max(m.Chunk, 1))
	return func(yield func(T, error) bool) {
		for _, err := range worked {
			c := made[0]
			made[0] = nil
			made = made[1:]
			lost := err != nil && !errors.Is(err, ErrGoexit)
			var zero T
			for i := range c.keys {
				val, err := zero, err
				if !lost {
					val, err = c.vals[i], nil
					c.vals[i] = zero // keeps nothing of it
					if c.errs != nil {
						err = c.errs[i]
					}
				}
				if !yield(val, err) {
					return
				}
			}
		}
	}
}

// work calls f for as many keys as it can without ending abnormally, and with all that are left when f ends the goroutine.
func (c *chunk[K, T]) work(ctx context.Context, f func(context.Context, K) (T, error)) {
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v != nil {
			c.fail(newPanicError(v))
			c.at++
			return
		}
		c.fail(ErrGoexit)
		for c.at++; c.at < len(c.keys); {
			c.work(ctx, f)
		}
	}()
	done := ctx.Done()
	for ; c.at < len(c.keys); c.at++ {
		if done != nil && ctx.Err() != nil {
			c.fail(fmt.Errorf("%w: %w", ErrCancelled, context.Cause(ctx)))
			continue
		}
		val, err := f(ctx, c.keys[c.at])
		c.vals[c.at] = val
		if err != nil {
			c.fail(err)
		}
	}
	returned = true
}
