package executor

import (
	"context"
	"iter"
)

// Map calls f for every input of in, as tasks of ex, and returns an iterator over the results in the order of the inputs.
//
// Every input is read and submitted before Map returns, so the tasks run whether or not the results are asked for. The iterator
// waits for one result at a time; it gives exactly one pair for each input, an error stands at the position of its input, and
// the iterator goes on after it. When the loop over it ends early, the tasks that have not started are cancelled. When ctx is
// done they are cancelled too: results that are there still come, a cancelled task gives an error that wraps [ErrCancelled], and
// one that is still running an error that wraps [ErrUnfinished]. Running tasks are not stopped but through ctx, which is theirs.
//
// The iterator can be used once and keeps no result that it has given. It is not for several goroutines.
func Map[K, T any](ctx context.Context, ex Executor, in iter.Seq[K], f func(context.Context, K) (T, error)) iter.Seq2[T, error] {
	var futures []*Future[T]
	for key := range in {
		futures = append(futures, Submit(ctx, ex, func(ctx context.Context) (T, error) { return f(ctx, key) }))
	}
	return func(yield func(T, error) bool) {
		left := futures
		futures = nil
		defer func() {
			for _, future := range left {
				future.Cancel()
			}
		}()
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
	if !future.settled() {
		if _, ended := receive(ctx, future.Done(), (*task[T])(future)); !ended && future.cancel(context.Cause(ctx)) {
			<-future.Done() // at once: perhaps the executor was first and is about to say so
		}
	}
	return future.Result(ctx)
}
