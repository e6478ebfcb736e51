package executortest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"weak"

	"github.com/teapot-go/teapot/executor"
)

var workers = []Check{
	{23, "bad limit", "a negative number of workers is refused", badLimit},
	{25, "limit", "as many tasks as there are workers run at once, and never more", on(3, limit)},
	{26, "reuse", "an idle worker is reused before a new one starts", on(200, reuse)},
	{27, "lazy", "workers start as they are needed", lazy},
	{69, "freed", "a function is freed once it has run, and a future once it is forgotten", on(1, freed)},
}

func badLimit(ctx context.Context, open Open) error {
	ex, err := open(-1)
	if err == nil {
		return errors.Join(errors.New("-1 workers: got an executor, want an error"), ex.Shutdown(ctx))
	}
	return nil
}

func limit(ctx context.Context, ex executor.Executor) error {
	const n = 3
	release, err := occupy(ctx, ex, n)
	if err != nil {
		return err
	}
	defer release()
	var early, now, most atomic.Int32
	var fs []*executor.Future[int]
	for range 10 * n {
		fs = append(fs, executor.Submit(ctx, ex, func(context.Context) (int, error) {
			early.Add(1)
			running := now.Add(1)
			for old := most.Load(); running > old && !most.CompareAndSwap(old, running); old = most.Load() {
			}
			yieldOften()
			now.Add(-1)
			return 42, nil
		}))
	}
	yieldOften()
	over := early.Load()
	release()
	for _, f := range fs {
		if err := wantResult(ctx, "result of a queued task", f, 42); err != nil {
			return err
		}
	}
	if m := most.Load(); m > n {
		return fmt.Errorf("%d tasks at once, want at most %d", m, n)
	}
	return want("tasks that started while all workers were busy", over, int32(0))
}

// yieldOften gives goroutines that could run the chance to.
func yieldOften() {
	for range 1000 {
		runtime.Gosched()
	}
}

// reuse counts the workers that start for tasks which come one after another.
// Those of a pool that starts all at once were there before.
func reuse(ctx context.Context, ex executor.Executor) error {
	const rounds = 100
	var known map[string]bool
	started := 0
	for range 1 + rounds {
		id, err := executor.Submit(ctx, ex, goroutine).Result(ctx)
		if err != nil {
			return err
		}
		// A result is there a moment before its worker is idle. One that has
		// started beside an idle worker must come to wait for tasks too, or the
		// next would not show that it is there.
		yieldOften()
		if known == nil {
			known = goroutines()
		}
		if !known[id] {
			known[id] = true
			started++
		}
	}
	if started > rounds/10 {
		return fmt.Errorf("%d tasks, one after another, started %d workers", rounds, started)
	}
	return nil
}

// goroutine names the one that it runs in: "goroutine 7".
func goroutine(context.Context) (string, error) {
	var buf [64]byte
	return goroutineName(string(buf[:runtime.Stack(buf[:], false)])), nil
}

// goroutines names all that there are.
func goroutines() map[string]bool {
	buf := make([]byte, 1<<20)
	n := runtime.Stack(buf, true)
	for ; n == len(buf); n = runtime.Stack(buf, true) {
		buf = make([]byte, 2*len(buf))
	}
	names := map[string]bool{}
	for stack := range strings.SplitSeq(string(buf[:n]), "\n\n") {
		names[goroutineName(stack)] = true
	}
	return names
}

func goroutineName(stack string) string {
	name, _, _ := strings.Cut(stack, " [")
	return name
}

func lazy(ctx context.Context, open Open) error {
	const n = 1000
	before := runtime.NumGoroutine()
	ex, err := open(n)
	if err != nil {
		return err
	}
	err = wantResult(ctx, "result", executor.Submit(ctx, ex, answer), 42)
	if more := runtime.NumGoroutine() - before; more > n/2 {
		err = errors.Join(err, fmt.Errorf("%d more goroutines after one task on %d workers", more, n))
	}
	return errors.Join(err, ex.Shutdown(ctx))
}

func freed(ctx context.Context, ex executor.Executor) error {
	f, captured, err := capturing(ctx, ex)
	if err != nil {
		return err
	}
	err = collected(ctx, ex, "what the function had captured", func() bool { return captured.Value() == nil })
	future := weak.Make(f) // of which there is no other use from here on
	return errors.Join(err, collected(ctx, ex, "the future", func() bool { return future.Value() == nil }))
}

// capturing returns the future of a task that has run, and a weak pointer to
// what its function had captured.
//
//go:noinline
func capturing(ctx context.Context, ex executor.Executor) (*executor.Future[int], weak.Pointer[[1 << 10]byte], error) {
	var captured [1 << 10]byte
	f := executor.Submit(ctx, ex, func(context.Context) (int, error) { return int(captured[0]), nil })
	return f, weak.Make(&captured), wantResult(ctx, "result", f, 0)
}

// collected collects garbage until gone. The worker may still be on its way out
// of the task; the next one pushes it on.
func collected(ctx context.Context, ex executor.Executor, what string, gone func() bool) error {
	for range 5 {
		if err := wantResult(ctx, "the next task", executor.Submit(ctx, ex, answer), 42); err != nil {
			return err
		}
		runtime.GC()
		if gone() {
			return nil
		}
	}
	return fmt.Errorf("%s is kept alive after the run", what)
}
