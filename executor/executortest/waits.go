package executortest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"github.com/teapot-go/teapot/executor"
)

var waits = []Check{
	{55, "wait for all", "Wait for all takes futures of different executors", waitAll},
	{56, "wait for one", "Wait for the first is over with the first, also if it was done before", on(1, waitFirst)},
	{
		57, "wait for an error", "Wait for the first error is over with it, and without one when all are done",
		on(1, waitError),
	},
	{58, "wait in time", "Wait whose context expires gives what there is", on(1, waitInTime)},
	{59, "duplicates", "Wait and AsCompleted count a future once", on(1, duplicates)},
	{
		60, "as completed", "AsCompleted gives the finished ones first, then the others as they complete",
		on(1, asCompleted),
	},
	{
		61, "as completed in time", "AsCompleted ends when its context is done, after what is finished",
		on(1, asCompletedInTime),
	},
	{63, "no lost wake-up", "futures that complete while a wait begins are not missed", on(1, wakeUps)},
}

type intFutures = []*executor.Future[int]

// behind submits n tasks behind a busy worker.
func behind(ctx context.Context, ex executor.Executor, n int) (fs intFutures, release func(), err error) {
	release, err = occupy(ctx, ex, 1)
	if err != nil {
		return nil, nil, err
	}
	for range n {
		fs = append(fs, executor.Submit(ctx, ex, answer))
	}
	return fs, release, nil
}

func wantSets(what string, done, pending, wantDone, wantPending intFutures) error {
	return errors.Join(wantSame(what+", done", done, wantDone), wantSame(what+", pending", pending, wantPending))
}

// wantSame compares futures by identity.
func wantSame(what string, got, expected intFutures) error {
	same := len(got) == len(expected)
	for i := 0; same && i < len(got); i++ {
		same = got[i] == expected[i]
	}
	if same {
		return nil
	}
	return fmt.Errorf("%s: got %v, want %v", what, got, expected)
}

func waitAll(ctx context.Context, open Open) error {
	return on(1, func(ctx context.Context, one executor.Executor) error {
		return on(2, func(ctx context.Context, other executor.Executor) error {
			fs, release, err := behind(ctx, one, 2)
			if err != nil {
				return err
			}
			defer release()
			fs = append(fs, executor.Submit(ctx, other, answer))
			fs[1].Cancel()
			release()
			done, pending := executor.Wait(ctx, executor.AllDone, fs...)
			return wantSets("all", done, pending, fs, nil)
		})(ctx, open)
	})(ctx, open)
}

func waitFirst(ctx context.Context, ex executor.Executor) error {
	fs, release, err := behind(ctx, ex, 3)
	if err != nil {
		return err
	}
	defer release()
	stop := context.AfterFunc(ctx, release)
	defer stop()
	over := newLatch()
	var done, pending intFutures
	aside(ctx, func() {
		done, pending = executor.Wait(ctx, executor.FirstDone, fs...)
		over.open()
	})
	fs[1].Cancel()
	if err := over.wait(ctx, "Wait for the first"); err != nil {
		return err
	}
	again, rest := executor.Wait(ctx, executor.FirstDone, fs...)
	release()
	return errors.Join(
		wantSets("the first", done, pending, fs[1:2], intFutures{fs[0], fs[2]}),
		wantSets("the first, done before", again, rest, fs[1:2], intFutures{fs[0], fs[2]}),
		wantResult(ctx, "one that was pending", fs[0], 42),
	)
}

func waitError(ctx context.Context, ex executor.Executor) error {
	fs, release, err := behind(ctx, ex, 2)
	if err != nil {
		return err
	}
	defer release()
	held := newLatch()
	defer held.open()
	failing := executor.Submit(ctx, ex, func(context.Context) (int, error) { return 0, errors.New("no flag") })
	last := executor.Submit(ctx, ex, func(ctx context.Context) (int, error) { return 42, held.wait(ctx, "end") })
	fs[0].Cancel() // not an error
	release()
	all := append(fs, failing, last)
	done, pending := executor.Wait(ctx, executor.FirstError, all...)
	held.open()
	rest := intFutures{fs[0], fs[1], last}
	clean, none := executor.Wait(ctx, executor.FirstError, rest...)
	return errors.Join(
		wantSets("the first error", done, pending, all[:3], all[3:]),
		wantSets("no error", clean, none, rest, nil),
	)
}

func waitInTime(ctx context.Context, ex executor.Executor) error {
	fs, release, err := behind(ctx, ex, 3)
	if err != nil {
		return err
	}
	defer release()
	fs[2].Cancel()
	short, _ := gone(ctx)
	done, pending := executor.Wait(short, executor.AllDone, fs...)
	release()
	late, none := executor.Wait(ctx, executor.AllDone, fs...)
	return errors.Join(
		wantSets("a wait that was too short", done, pending, fs[2:], fs[:2]),
		wantSets("a wait after it", late, none, fs, nil),
	)
}

func duplicates(ctx context.Context, ex executor.Executor) error {
	fs, release, err := behind(ctx, ex, 2)
	if err != nil {
		return err
	}
	defer release()
	short, _ := gone(ctx)
	double := append(append(intFutures{}, fs...), fs...)
	_, pending := executor.Wait(short, executor.AllDone, double...)
	release()
	done, _ := executor.Wait(ctx, executor.AllDone, double...)
	var completed intFutures
	for f := range executor.AsCompleted(ctx, double...) {
		completed = append(completed, f)
	}
	return errors.Join(
		wantSame("pending", pending, fs),
		wantSame("done", done, fs),
		wantSame("as completed", completed, fs),
	)
}

func asCompleted(ctx context.Context, ex executor.Executor) error {
	fs, release, err := behind(ctx, ex, 4)
	if err != nil {
		return err
	}
	defer release()
	fs[3].Cancel()
	// Each one brings about the end of the next.
	next := map[*executor.Future[int]]func(){
		fs[3]: func() { fs[2].Cancel() },
		fs[2]: func() { fs[0].Cancel() },
		fs[0]: release,
	}
	var got intFutures
	for f := range executor.AsCompleted(ctx, fs...) {
		got = append(got, f)
		if then := next[f]; then != nil {
			then()
		}
	}
	return errors.Join(
		wantSame("as completed", got, intFutures{fs[3], fs[2], fs[0], fs[1]}),
		wantResult(ctx, "the last", fs[1], 42),
	)
}

func asCompletedInTime(ctx context.Context, ex executor.Executor) error {
	fs, release, err := behind(ctx, ex, 4)
	if err != nil {
		return err
	}
	defer release()
	fs[0].Cancel()
	fs[2].Cancel()
	short, _ := gone(ctx)
	var got intFutures
	for f := range executor.AsCompleted(short, fs...) {
		got = append(got, f)
	}
	release()
	return errors.Join(
		wantSame("finished when the context was done", got, intFutures{fs[0], fs[2]}),
		wantResult(ctx, "a pending one", fs[1], 42),
	)
}

// wakeUps lets tasks end one by one, each a varying moment after the wait for
// it was set off.
func wakeUps(ctx context.Context, ex executor.Executor) error {
	const n, moments = 100, 40
	for round := range 20 {
		release, err := occupy(ctx, ex, 1)
		if err != nil {
			return err
		}
		var turn atomic.Int64
		var fs intFutures
		for i := range int64(n) {
			fs = append(fs, executor.Submit(ctx, ex, func(ctx context.Context) (int, error) {
				for turn.Load() <= i && ctx.Err() == nil {
					runtime.Gosched()
				}
				for range (int(i) + round) % moments * 10 {
					turn.Load()
				}
				return 42, nil
			}))
		}
		release()
		for _, f := range fs {
			turn.Add(1)
			if _, pending := executor.Wait(ctx, executor.AllDone, f); len(pending) > 0 || ctx.Err() != nil {
				turn.Store(n)
				return fmt.Errorf("a wait did not hear of its future, which is %v: %w", f.State(), context.Cause(ctx))
			}
		}
	}
	return nil
}
