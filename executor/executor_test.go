package executor_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/executor"
)

func mustOpen(tb testing.TB, open func(int) (executor.Executor, error), n int) executor.Executor {
	tb.Helper()
	ex, err := open(n)
	if err != nil {
		tb.Fatal(err)
	}
	return ex
}

func TestLimits(t *testing.T) {
	for name, open := range map[string]func(int) (executor.Executor, error){
		"pool":  executor.NewPool,
		"async": executor.NewAsync,
	} {
		if _, err := open(-3); err == nil || !strings.Contains(err.Error(), name) ||
			!strings.Contains(err.Error(), "-3") {
			t.Errorf("%s of -3: got the error %v, want one that names both", name, err)
		}
	}
}

func TestDefaultWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := mustOpen(t, executor.NewPool, 0)
		var started atomic.Int32
		hold := make(chan struct{})
		for range 100 {
			executor.Submit(t.Context(), ex, func(context.Context) (int, error) {
				started.Add(1)
				<-hold
				return 0, nil
			})
		}
		synctest.Wait()
		if got, want := int(started.Load()), min(32, runtime.GOMAXPROCS(0)+4); got != want {
			t.Errorf("got %d workers, want %d", got, want)
		}
		close(hold)
		ex.Shutdown(t.Context())
	})
}

// Five tasks that loiter for 0 to 4 seconds on three workers: 3 takes over from
// 0, and 4 from 1.
func TestLoiter(t *testing.T) {
	for name, open := range map[string]func(int) (executor.Executor, error){
		"pool":  executor.NewPool,
		"async": executor.NewAsync,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				ex := mustOpen(t, open, 3)
				var starts [5]time.Duration
				var got []string
				for v, err := range executor.Map(t.Context(), ex, slices.Values([]int{0, 1, 2, 3, 4}),
					func(_ context.Context, n int) (int, error) {
						starts[n] = time.Since(begin)
						time.Sleep(time.Duration(n) * time.Second)
						return 10 * n, nil
					}) {
					got = append(got, fmt.Sprint(v, err, time.Since(begin)))
				}
				ex.Shutdown(t.Context())
				if want := []string{
					"0 <nil> 0s", "10 <nil> 1s", "20 <nil> 2s", "30 <nil> 3s",
					"40 <nil> 5s",
				}; !slices.Equal(got, want) {
					t.Errorf("got the results %q, want %q", got, want)
				}
				if want := [5]time.Duration{4: time.Second}; starts != want {
					t.Errorf("got the starts %v, want %v", starts, want)
				}
			})
		})
	}
}

func TestFirstInFirstOut(t *testing.T) {
	for name, open := range map[string]func(int) (executor.Executor, error){
		"pool":  executor.NewPool,
		"async": executor.NewAsync,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const n, limit = 500, 7
				ex := mustOpen(t, open, limit)
				// Nanoseconds, so that no two tasks end at the same instant.
				var spans [n]time.Duration
				random := rand.New(rand.NewPCG(20, 3))
				for i := range spans {
					spans[i] = 1 + time.Duration(random.Int64N(int64(time.Second)))
				}
				var mu sync.Mutex
				var order []int
				for i := range n {
					executor.Submit(t.Context(), ex, func(context.Context) (int, error) {
						mu.Lock()
						order = append(order, i)
						mu.Unlock()
						time.Sleep(spans[i])
						return i, nil
					})
				}
				if err := ex.Shutdown(t.Context()); err != nil {
					t.Fatal(err)
				}
				// The first ones start at once, in any order.
				slices.Sort(order[:limit])
				if !slices.IsSorted(order) || len(order) != n {
					t.Errorf("got the starts %v, want the order of submission", order)
				}
			})
		})
	}
}

func TestIdleWorkerIsReused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := mustOpen(t, executor.NewPool, 50)
		const both = 2
		seen := map[string]bool{}
		var mu sync.Mutex
		for range 100 {
			for range both {
				executor.Submit(t.Context(), ex, func(context.Context) (int, error) {
					var buf [32]byte
					runtime.Stack(buf[:], false)
					id, _, _ := strings.Cut(string(buf[:]), " [")
					mu.Lock()
					seen[id] = true
					mu.Unlock()
					time.Sleep(time.Second)
					return 0, nil
				})
			}
			time.Sleep(2 * time.Second)
			synctest.Wait()
		}
		ex.Shutdown(t.Context())
		if len(seen) != both {
			t.Errorf("%d workers ran two tasks at a time, want %d", len(seen), both)
		}
	})
}

func TestShutdownFromInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, ex := range map[string]executor.Executor{
			"sequential": executor.NewSequential(), "pool": mustOpen(t, executor.NewPool, 1),
			"async": mustOpen(t, executor.NewAsync, 1),
		} {
			begin := time.Now()
			f := executor.Submit(t.Context(), ex, func(ctx context.Context) (int, error) {
				ctx, cancel := context.WithTimeout(ctx, time.Minute)
				defer cancel()
				return 0, ex.Shutdown(ctx)
			})
			if _, err := f.Result(t.Context()); err == nil || time.Since(begin) != time.Minute {
				t.Errorf("%s: got %v after %v, want the deadline", name, err, time.Since(begin))
			}
			if err := ex.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

// A callback may end its goroutine; the caller of Shutdown owes every task its
// end all the same.
func TestGoexitInCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, ex := range map[string]executor.Executor{
			"sequential": executor.NewSequential(), "pool": mustOpen(t, executor.NewPool, 1),
			"async": mustOpen(t, executor.NewAsync, 1),
		} {
			hold := make(chan struct{})
			go executor.Submit(t.Context(), ex, func(context.Context) (int, error) { <-hold; return 0, nil })
			synctest.Wait()
			var fs []*executor.Future[int]
			for range 4 {
				f := executor.Submit(t.Context(), ex, answer)
				f.OnDone(func(*executor.Future[int]) { runtime.Goexit() })
				fs = append(fs, f)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			go ex.Shutdown(ctx)
			synctest.Wait()
			if _, pending := executor.Wait(ctx, executor.AllDone, fs...); len(pending) > 0 {
				t.Errorf("%s: %d tasks were lost", name, len(pending))
			}
			close(hold)
			if err := ex.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

// A trampoline: a task's own submits are run by the goroutine that runs the
// task, after it.
func TestSequentialNesting(t *testing.T) {
	ex := executor.NewSequential()
	var order []string
	executor.Submit(t.Context(), ex, func(ctx context.Context) (int, error) {
		order = append(order, "outer begins")
		executor.Submit(ctx, ex, func(context.Context) (int, error) {
			order = append(order, "inner")
			return 0, nil
		})
		order = append(order, "outer ends")
		return 0, nil
	})
	if want := []string{"outer begins", "outer ends", "inner"}; !slices.Equal(order, want) {
		t.Errorf("got %q, want %q by the time that Submit returned", order, want)
	}
}

func TestMapGoesOnWhenItsContextIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := mustOpen(t, executor.NewPool, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		var got []string
		for v, err := range executor.Map(ctx, ex, slices.Values([]int{1, 2, 3}),
			func(_ context.Context, n int) (int, error) {
				time.Sleep(time.Second)
				return n, nil
			}) {
			got = append(got, fmt.Sprint(v, err))
		}
		want := []string{
			"1 <nil>",
			"0 executor: future unfinished: context deadline exceeded",
			"0 executor: task cancelled: context deadline exceeded",
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		ex.Shutdown(t.Context())
	})
}

func TestIteratorsAreForOneUse(t *testing.T) {
	ex := executor.NewSequential()
	results := executor.Map(t.Context(), ex, slices.Values([]int{1, 2}),
		func(_ context.Context, n int) (int, error) { return n, nil })
	completed := executor.AsCompleted(t.Context(), executor.Submit(t.Context(), ex, answer))
	for want := range 2 {
		n := 0
		for range results {
			n++
		}
		for range completed {
			n++
		}
		if n != 3*(1-want) {
			t.Errorf("use %d: got %d results", want+1, n)
		}
	}
}

// An iterator that was left early reads and submits nothing more.
func TestMapLeftEarly(t *testing.T) {
	square := func(_ context.Context, n int) (int, error) { return n * n, nil }
	for _, how := range []executor.MapOptions{{}, {Ahead: 2}, {Chunk: 2}} {
		in := slices.Values([]int{1, 2, 3, 4, 5, 6})
		for name, results := range map[string]iter.Seq2[int, error]{
			"Map":         executor.Map(t.Context(), executor.NewSequential(), in, square, how),
			"Defined.Map": executor.Define("square", square).Map(t.Context(), executor.NewSequential(), in, how),
		} {
			for range results {
				break
			}
			for n, err := range results {
				t.Fatalf("%s with %+v: a second loop gives %d, %v", name, how, n, err)
			}
		}
	}
}

// TestSetYield wants an executor to call yield where a goroutine that was woken
// goes on, and tasks to run all the same.
func TestSetYield(t *testing.T) {
	pool, err := executor.NewPool(2)
	if err != nil {
		t.Fatal(err)
	}
	for name, ex := range map[string]executor.Executor{"pool": pool, "sequential": executor.NewSequential()} {
		var yields, runs atomic.Int64
		ex.(interface{ SetYield(yield func()) }).SetYield(func() { yields.Add(1) })
		for range 10 {
			f := executor.Submit(t.Context(), ex, func(context.Context) (int64, error) { return runs.Add(1), nil })
			if _, err := f.Result(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := ex.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if runs.Load() != 10 || name == "pool" && yields.Load() == 0 {
			t.Errorf("%s: %d runs and %d yields", name, runs.Load(), yields.Load())
		}
	}
}
