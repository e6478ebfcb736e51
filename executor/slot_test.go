package executor_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/executor"
)

var limited = map[string]func(int) (executor.Executor, error){
	"sequential": func(int) (executor.Executor, error) { return executor.NewSequential(), nil },
	"pool":       executor.NewPool,
	"async":      executor.NewAsync,
}

// inBubbles runs a test on one worker of each kind.
func inBubbles(t *testing.T, test func(t *testing.T, ex executor.Executor)) {
	t.Helper()
	for name, open := range limited {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ex := mustOpen(t, open, 1)
				test(t, ex)
				if err := ex.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// fib is the naive one: a task for each call.
func fib(ctx context.Context, ex executor.Executor, n int) (int, error) {
	if n < 2 {
		return n, nil
	}
	a := executor.Submit(ctx, ex, func(ctx context.Context) (int, error) { return fib(ctx, ex, n-1) })
	b := executor.Submit(ctx, ex, func(ctx context.Context) (int, error) { return fib(ctx, ex, n-2) })
	x, err := a.Result(ctx)
	y, err2 := b.Result(ctx)
	return x + y, errors.Join(err, err2)
}

func TestNestedWaits(t *testing.T) {
	inBubbles(t, func(t *testing.T, ex executor.Executor) {
		f := executor.Submit(t.Context(), ex, func(ctx context.Context) (int, error) { return fib(ctx, ex, 12) })
		if v, err := f.Result(t.Context()); v != 144 || err != nil {
			t.Errorf("got %d, %v, want 144", v, err)
		}
	})
}

// What a task waits for runs first, so that few are begun at a time though the
// queue is full of those that wait for others.
func TestNestedDepth(t *testing.T) {
	inBubbles(t, func(t *testing.T, ex executor.Executor) {
		var begun, most int // only one task runs at a time
		hold := make(chan struct{})
		go executor.Submit(t.Context(), ex, func(context.Context) (int, error) { <-hold; return 0, nil })
		synctest.Wait()
		var fs []*executor.Future[int]
		for range 1000 {
			fs = append(fs, executor.Submit(t.Context(), ex, func(ctx context.Context) (int, error) {
				begun++
				defer func() { begun-- }()
				most = max(most, begun)
				sum := 0
				for v, err := range executor.Map(ctx, ex, slices.Values([]int{1, 2, 3}),
					func(_ context.Context, n int) (int, error) { return n, nil }) {
					if err != nil {
						return 0, err
					}
					sum += v
				}
				return sum, nil
			}))
		}
		close(hold)
		for _, f := range fs {
			if v, err := f.Result(t.Context()); v != 6 || err != nil {
				t.Fatalf("got %d, %v, want 6", v, err)
			}
		}
		if most > 1 {
			t.Errorf("%d tasks were begun at once, want 1", most)
		}
	})
}

// The end of what a task waits for is the task's to see, whatever end it is.
func TestNestedEnds(t *testing.T) {
	inBubbles(t, func(t *testing.T, ex executor.Executor) {
		f := executor.Submit(t.Context(), ex, func(ctx context.Context) (string, error) {
			_, exited := executor.Submit(ctx, ex, func(context.Context) (int,
				error,
			) {
				runtime.Goexit()
				return 0, nil
			}).Result(ctx)
			_, panicked := executor.Submit(ctx, ex, func(context.Context) (int, error) { panic("spilled") }).Result(ctx)
			_, isPanic := errors.AsType[*executor.PanicError](panicked)
			return fmt.Sprint(errors.Is(exited, executor.ErrGoexit), isPanic), nil
		})
		if v, err := f.Result(t.Context()); v != "true true" || err != nil {
			t.Errorf("got %q, %v", v, err)
		}
	})
}

// A wait inside a task ends with its context though the task that has its place
// goes on.
func TestNestedTimeout(t *testing.T) {
	inBubbles(t, func(t *testing.T, ex executor.Executor) {
		begin := time.Now()
		f := executor.Submit(t.Context(), ex, func(ctx context.Context) (time.Duration, error) {
			slow := executor.Submit(ctx, ex, func(context.Context) (int,
				error,
			) {
				time.Sleep(time.Hour)
				return 0, nil
			})
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			_, err := slow.Result(ctx)
			return time.Since(begin), err
		})
		if v, err := f.Result(t.Context()); v != time.Second || !errors.Is(err, executor.ErrUnfinished) {
			t.Errorf("got %v, %v, want a second and ErrUnfinished", v, err)
		}
	})
}

// Two executors of one worker each wait for each other's queue.
func TestWaitAcross(t *testing.T) {
	inBubbles(t, func(t *testing.T, one executor.Executor) {
		for name, open := range limited {
			other := mustOpen(t, open, 1)
			f := executor.Submit(t.Context(), one, func(ctx context.Context) (int, error) {
				return executor.Submit(ctx, other, func(ctx context.Context) (int, error) {
					return executor.Submit(ctx, one, func(ctx context.Context) (int, error) {
						return executor.Submit(ctx, other, answer).Result(ctx)
					}).Result(ctx)
				}).Result(ctx)
			})
			if v, err := f.Result(t.Context()); v != 42 || err != nil {
				t.Errorf("%s: got %d, %v", name, v, err)
			}
			other.Shutdown(t.Context())
		}
	})
}

// The goroutines of a task wait for it.
func TestWaitsOfOneTask(t *testing.T) {
	inBubbles(t, func(t *testing.T, ex executor.Executor) {
		const n = 10
		var now, most atomic.Int32
		work := func(context.Context) (int, error) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return 1, nil
		}
		f := executor.Submit(t.Context(), ex, func(ctx context.Context) (int, error) {
			sums := make(chan int)
			for range n {
				go func() {
					v, _ := executor.Submit(ctx, ex, work).Result(ctx)
					sums <- v
				}()
			}
			sum := 0
			for range n {
				sum += <-sums
			}
			return sum, nil
		})
		if v, err := f.Result(t.Context()); v != n || err != nil || most.Load() != 1 {
			t.Errorf("got %d, %v with %d at once, want %d with 1", v, err, most.Load(), n)
		}
	})
}

// A context that outlives its task is an ordinary one.
func TestLeakedContext(t *testing.T) {
	inBubbles(t, func(t *testing.T, ex executor.Executor) {
		var leaked context.Context
		started := make(chan struct{})
		hold := make(chan struct{})
		executor.Submit(t.Context(), ex, func(ctx context.Context) (int, error) {
			leaked = ctx
			go func() { // waits across the end of the task
				close(started)
				<-hold
				executor.Submit(context.Background(), ex, answer).Result(ctx)
			}()
			<-started
			return 0, nil
		}).Result(t.Context())
		close(hold)
		v, err := executor.Submit(leaked, ex, answer).Result(leaked)
		if v != 42 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
		synctest.Wait()
	})
}

// Random trees of tasks that wait in all ways there are, on few workers:
// nothing hangs, and never more run than there are.
func TestWaitingTasksDoNotRun(t *testing.T) {
	for name, open := range limited {
		for _, workers := range []int{1, 3} {
			if name == "sequential" && workers > 1 {
				continue
			}
			t.Run(fmt.Sprint(name, workers), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ex := mustOpen(t, open, workers)
					var now, most atomic.Int32
					run := func(d time.Duration) {
						n := now.Add(1)
						for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
						}
						time.Sleep(d)
						now.Add(-1)
					}
					var tree func(ctx context.Context, seed int) (int, error)
					tree = func(ctx context.Context, seed int) (int, error) {
						run(time.Duration(seed) * time.Millisecond)
						if seed < 2 {
							return 1, nil
						}
						var fs []*executor.Future[int]
						for i := range seed % 4 {
							fs = append(fs, executor.Submit(ctx, ex,
								func(ctx context.Context) (int, error) { return tree(ctx, seed/2-i) }))
						}
						switch seed % 3 {
						case 0:
							executor.Wait(ctx, executor.AllDone, fs...)
						case 1:
							executor.Wait(ctx, executor.FirstDone, fs...)
						default:
							for range executor.AsCompleted(ctx, fs...) {
								run(time.Microsecond)
							}
						}
						run(time.Millisecond)
						sum := 1
						for _, f := range fs {
							v, _ := f.Result(ctx)
							sum += v
						}
						return sum, nil
					}
					for seed := range 60 {
						executor.Submit(t.Context(), ex, func(ctx context.Context) (int,
							error,
						) {
							return tree(ctx, seed)
						})
					}
					if err := ex.Shutdown(t.Context()); err != nil {
						t.Error(err)
					}
					t.Log(most.Load(), "at once")
					if int(most.Load()) != workers {
						t.Errorf("%d tasks at once, want %d", most.Load(), workers)
					}
				})
			})
		}
	}
}

// What a task has given up waiting for does not give its place back to a later
// wait of the same task.
func TestLateClaim(t *testing.T) {
	inBubbles(t, func(t *testing.T, ex executor.Executor) {
		begin := time.Now()
		ever := mustOpen(t, executor.NewPool, 1)
		f := executor.Submit(t.Context(), ever, func(context.Context) (int,
			error,
		) {
			time.Sleep(time.Hour)
			return 0, nil
		})
		var got time.Duration
		executor.Submit(t.Context(), ex, func(ctx context.Context) (int, error) {
			slow := executor.Submit(ctx, ex, func(context.Context) (int,
				error,
			) {
				time.Sleep(2 * time.Second)
				return 0, nil
			})
			executor.Submit(ctx, ex, func(context.Context) (int, error) { got = time.Since(begin); return 0, nil })
			short, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			slow.Result(short)
			return f.Result(ctx)
		}).Result(t.Context())
		if got != 2*time.Second {
			t.Errorf("the next task ran after %v, want the 2s that the one before it took", got)
		}
		ever.Shutdown(t.Context())
	})
}
