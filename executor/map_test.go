package executor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/executor"
)

// asleep is a Map's function that takes a second for each input, and knows how
// many of its kind run.
type asleep struct {
	mu        sync.Mutex
	begun     []int
	now, most int
}

func (a *asleep) nap(_ context.Context, k int) (int, error) {
	a.mu.Lock()
	a.begun = append(a.begun, k)
	a.now++
	a.most = max(a.most, a.now)
	a.mu.Unlock()
	time.Sleep(time.Second)
	a.mu.Lock()
	a.now--
	a.mu.Unlock()
	return k, nil
}

func upTo(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// The inputs of one Map are tasks like any others, whatever way they take
// through the executor: all places are used, never more, they begin in their
// order, and what was submitted later comes after them.
func TestMapIsManyTasks(t *testing.T) {
	for name, open := range limited {
		for _, how := range []executor.MapOptions{{}, {Chunk: 2}, {Ahead: 50}, {Ahead: 50, Chunk: 2}} {
			t.Run(fmt.Sprintf("%s %+v", name, how), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ex := mustOpen(t, open, 3)
					var a asleep
					begin := time.Now()
					results := executor.Map(t.Context(), ex, slices.Values(upTo(12)), a.nap, how)
					later := executor.Submit(t.Context(), ex,
						func(context.Context) (time.Duration, error) { return time.Since(begin), nil })
					n := 0
					for v, err := range results {
						if v != n || err != nil {
							t.Fatalf("got %d, %v, want %d", v, err, n)
						}
						n++
					}
					took := time.Since(begin)
					places := 3
					if name == "sequential" {
						places = 1
					}
					if want := time.Duration(12/places) * time.Second; took != want || a.most != places {
						t.Errorf("took %v with %d at once, want %v with %d", took, a.most, want, places)
					}
					if how.Chunk == 0 && !slices.IsSortedFunc(a.begun,
						func(x, y int) int { return x/places - y/places }) {
						t.Errorf("inputs began in the order %v", a.begun)
					}
					if at, _ := later.Result(t.Context()); how.Ahead == 0 && at < took-2*time.Second {
						t.Errorf("a task that was submitted after the Map began after %v of %v", at, took)
					}
					ex.Shutdown(t.Context())
				})
			})
		}
	}
}

// Fewer workers, and a task whose wait is over, come between the inputs of a
// Map.
func TestMapGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := mustOpen(t, executor.NewPool, 1)
		var a asleep
		begin := time.Now()
		alarm := make(chan struct{})
		returns := executor.Submit(t.Context(), ex, func(ctx context.Context) (time.Duration, error) {
			inner := executor.Submit(ctx, ex, func(context.Context) (int, error) { <-alarm; return 0, nil })
			inner.Result(ctx)
			return time.Since(begin), nil
		})
		synctest.Wait() // now inner is in the place of the one that waits for it
		executor.Tune(ex, executor.Settings{Workers: 2})
		results := executor.Map(t.Context(), ex, slices.Values(upTo(20)), a.nap)
		time.Sleep(2500 * time.Millisecond)
		close(alarm) // the place of the task that waited for this goes back to it
		synctest.Wait()
		if at, _ := returns.Result(t.Context()); at != 2500*time.Millisecond {
			t.Errorf("the task went on after %v, want 2.5s", at)
		}
		time.Sleep(1100 * time.Millisecond) // two at a time until now
		executor.Tune(ex, executor.Settings{Workers: 1})
		time.Sleep(650 * time.Millisecond) // the first of them to end had to go
		a.mu.Lock()
		before := a.now
		a.mu.Unlock()
		if before != 1 {
			t.Errorf("%d inputs run on one worker", before)
		}
		n := 0
		for v, err := range results {
			if v != n || err != nil {
				t.Fatalf("got %d, %v, want %d", v, err, n)
			}
			n++
		}
		if n != 20 || a.most != 2 {
			t.Errorf("got %d results, %d at once, want 20 and 2", n, a.most)
		}
		ex.Shutdown(t.Context())
	})
}

// An executor that gives up cancels what has not begun of a Map, and what has
// ends with its results.
func TestMapGivenUp(t *testing.T) {
	for name, open := range limited {
		if name == "sequential" {
			continue // has run all
		}
		for _, how := range []executor.MapOptions{{}, {Chunk: 2}} {
			t.Run(fmt.Sprintf("%s %+v", name, how), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ex := mustOpen(t, open, 2)
					var a asleep
					results := executor.Map(t.Context(), ex, slices.Values(upTo(12)), a.nap, how)
					time.Sleep(1500 * time.Millisecond)
					cause := errors.New("closing time")
					ctx, cancel := context.WithCancelCause(t.Context())
					cancel(cause)
					if err := ex.Shutdown(ctx); !errors.Is(err, cause) {
						t.Errorf("Shutdown: got %v, want %v", err, cause)
					}
					n := 0
					for v, err := range results {
						switch begun := n < 4; {
						case begun && (v != n || err != nil):
							t.Errorf("input %d: got %d, %v", n, v, err)
						case !begun && (!errors.Is(err, executor.ErrCancelled) || !errors.Is(err, cause)):
							t.Errorf("input %d: got %v, want it cancelled with the cause", n, err)
						}
						n++
					}
					if n != 12 || len(a.begun) != 4 {
						t.Errorf("%d of %d inputs began, want 4 of 12", len(a.begun), n)
					}
					ex.Shutdown(t.Context())
				})
			})
		}
	}
}

// Maps in tasks on few workers end, however deep, and several share the pool.
func TestMapsInTasks(t *testing.T) {
	for name, open := range limited {
		for _, how := range []executor.MapOptions{{}, {Chunk: 2}, {Ahead: 2}} {
			t.Run(fmt.Sprintf("%s %+v", name, how), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ex := mustOpen(t, open, 2)
					var leaves atomic.Int32
					var nest func(ctx context.Context, depth int) (int, error)
					nest = func(ctx context.Context, depth int) (int, error) {
						if depth == 0 {
							leaves.Add(1)
							return 1, nil
						}
						sum := 0
						for v, err := range executor.Map(ctx, ex,
							slices.Values([]int{depth - 1, depth - 1, depth - 1}), nest, how) {
							if err != nil {
								return 0, err
							}
							sum += v
						}
						return sum, nil
					}
					for v, err := range executor.Map(t.Context(), ex, slices.Values([]int{4, 4}), nest, how) {
						if v != 81 || err != nil {
							t.Errorf("got %d, %v, want 81", v, err)
						}
					}
					if n := leaves.Load(); n != 162 {
						t.Errorf("%d leaves, want 162", n)
					}
					ex.Shutdown(t.Context())
				})
			})
		}
	}
}

// A context that a function of a Map has left to a goroutine lends nothing once
// the function has returned.
func TestMapLeakedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := mustOpen(t, executor.NewPool, 1)
		var leaked atomic.Pointer[context.Context]
		hold := make(chan struct{})
		results := executor.Map(t.Context(), ex, slices.Values(upTo(2)), func(ctx context.Context, k int) (int, error) {
			if k == 0 {
				leaked.Store(&ctx)
				return k, nil
			}
			<-hold
			return k, nil
		})
		synctest.Wait()
		waiting := executor.Submit(t.Context(), ex, answer)
		go waiting.Result(*leaked.Load())
		synctest.Wait()
		if s := waiting.State(); s != executor.Pending {
			t.Errorf("a task is %v beside the one that has the only place", s)
		}
		close(hold)
		for _, err := range results {
			if err != nil {
				t.Error(err)
			}
		}
		ex.Shutdown(t.Context())
	})
}

// A pool whose queue gets a bound while a Map reads its inputs runs them all
// the same.
func TestMapTunedMeanwhile(t *testing.T) {
	for _, full := range []executor.Full{executor.Block, executor.Reject, executor.Caller} {
		synctest.Test(t, func(t *testing.T) {
			ex := mustOpen(t, executor.NewPool, 1)
			inputs := func(yield func(int) bool) {
				executor.Tune(ex, executor.Settings{Workers: 1, Queue: 1, Full: full})
				hold := make(chan struct{})
				defer close(hold)
				for range 2 {
					executor.Submit(t.Context(), ex, func(context.Context) (int, error) { <-hold; return 0, nil })
					synctest.Wait()
				}
				for k := range 3 {
					yield(k)
				}
			}
			var a asleep
			n := 0
			for v, err := range executor.Map(t.Context(), ex, inputs, a.nap) {
				if v != n || err != nil {
					t.Errorf("got %d, %v, want %d", v, err, n)
				}
				n++
			}
			if n != 3 || a.most != 1 {
				t.Errorf("got %d results, %d at once, want 3 and 1", n, a.most)
			}
			ex.Shutdown(t.Context())
		})
	}
}
