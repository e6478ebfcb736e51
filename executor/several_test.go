package executor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/executor"
)

type function = func(context.Context) (int, error)

// after returns n and err after d, or the cause of its context before that.
func after(d time.Duration, n int, err error) function {
	return func(ctx context.Context) (int, error) {
		select {
		case <-time.After(d):
			return n, err
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

func TestSeveral(t *testing.T) {
	own, other := errors.New("no flag"), errors.New("no server")
	for _, tc := range []struct {
		name       string
		fs         []function
		timeout    time.Duration
		first, all string
		kinds      []error // of First's error
		firstAt    time.Duration
		allAt      time.Duration
	}{
		{"all good", []function{
			after(3*time.Second, 1, nil), after(time.Second, 2, nil),
			after(2*time.Second, 3, nil),
		}, time.Hour, "2", "[1 2 3]", nil, time.Second, 3 * time.Second},
		{"one good", []function{
			after(time.Second, 0, own), after(3*time.Second, 2, nil),
			after(2*time.Second, 0, other),
		}, time.Hour, "2", "no flag", nil, 3 * time.Second, time.Second},
		{
			"none good",
			[]function{after(2*time.Second, 0, own), after(time.Second, 0, other)},
			time.Hour,
			"no flag, no server", "no server",
			[]error{own, other},
			2 * time.Second, time.Second,
		},
		{
			"too late",
			[]function{after(2*time.Second, 0, own), after(time.Hour, 7, nil)},
			3 * time.Second,
			"no flag, deadline", "no flag",
			[]error{own, context.DeadlineExceeded},
			3 * time.Second, 2 * time.Second,
		},
		{
			"all too late",
			[]function{after(time.Hour, 7, nil)},
			time.Second, "deadline", "deadline",
			[]error{context.DeadlineExceeded},
			time.Second, time.Second,
		},
		{"nothing", nil, time.Hour, "no functions", "[]", []error{executor.ErrUnfinished}, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ex := mustOpen(t, executor.NewPool, 5)
				check := func(what, want string, at time.Duration, run func(ctx context.Context) (any, error)) error {
					begin := time.Now()
					ctx, cancel := context.WithTimeout(t.Context(), tc.timeout)
					defer cancel()
					v, err := run(ctx)
					got := fmt.Sprint(v)
					if err != nil {
						got = err.Error()
					}
					for part := range strings.SplitSeq(want, ", ") {
						if !strings.Contains(got, part) {
							t.Errorf("%s: got %q, want %q", what, got, want)
						}
					}
					if took := time.Since(begin); took != at {
						t.Errorf("%s took %v, want %v", what, took, at)
					}
					synctest.Wait() // the others end with their context, not after an hour
					return err
				}
				err := check("First", tc.first, tc.firstAt, func(ctx context.Context) (any,
					error,
				) {
					return executor.First(ctx, ex, tc.fs...)
				})
				for _, kind := range tc.kinds {
					if !errors.Is(err, kind) {
						t.Errorf("First: got %v, want an error that is %q", err, kind)
					}
				}
				check("All", tc.all, tc.allAt, func(ctx context.Context) (any,
					error,
				) {
					return executor.All(ctx, ex, tc.fs...)
				})
				begin := time.Now()
				if ex.Shutdown(t.Context()); time.Since(begin) > 0 {
					t.Errorf("Shutdown waited %v for tasks that should have been stopped", time.Since(begin))
				}
			})
		})
	}
}

// Nothing that has not started starts when it is no longer needed.
func TestFirstCancelsTheQueue(t *testing.T) {
	ex := mustOpen(t, executor.NewPool, 1)
	ran := 0
	count := func(context.Context) (int, error) { ran++; return ran, nil }
	blocked := make(chan struct{})
	f := executor.Submit(t.Context(), ex, func(ctx context.Context) (int, error) {
		defer close(blocked)
		return executor.First(ctx, ex, count, count, count)
	})
	<-blocked
	if v, err := f.Result(t.Context()); v != 1 || err != nil {
		t.Errorf("got %d, %v, want the first", v, err)
	}
	ex.Shutdown(t.Context())
	if ran != 1 {
		t.Errorf("%d functions ran, want 1", ran)
	}
}

// With a bound, the workers are kept busy and the input waits for the consumer.
func TestMapWithBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := mustOpen(t, executor.NewPool, 4)
		begin := time.Now()
		var got []string
		endless := func(yield func(int) bool) {
			for n := 0; yield(n); n++ {
			}
		}
		for v, err := range executor.Map(t.Context(), ex, endless, func(_ context.Context, n int) (int, error) {
			time.Sleep(time.Second)
			return n, nil
		}, executor.MapOptions{Ahead: 4}) {
			got = append(got, fmt.Sprint(v, err, time.Since(begin)))
			if len(got) == 6 {
				break
			}
		}
		want := []string{"0 <nil> 1s", "1 <nil> 1s", "2 <nil> 1s", "3 <nil> 1s", "4 <nil> 2s", "5 <nil> 2s"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		ex.Shutdown(t.Context())
	})
}

// When its context is done, Map reads no more, and a chunk that is running is
// not finished for its inputs.
func TestMapEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, how := range []executor.MapOptions{{Ahead: 2}, {Ahead: 4, Chunk: 2}, {Chunk: 3}} {
			ex := mustOpen(t, executor.NewPool, 1)
			ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
			ok, unfinished, cancelled := 0, 0, 0
			for _, err := range executor.Map(ctx, ex, slices.Values(make([]int, 12)),
				func(context.Context, int) (int, error) {
					time.Sleep(time.Second)
					return 0, nil
				}, how) {
				switch {
				case err == nil:
					ok++
				case errors.Is(err, executor.ErrUnfinished):
					unfinished++
				case errors.Is(err, executor.ErrCancelled):
					cancelled++
				default:
					t.Error(err)
				}
			}
			cancel()
			if how.Ahead == 0 && ok+unfinished+cancelled != 12 || unfinished == 0 || how.Ahead > 0 &&
				ok+unfinished+cancelled == 12 {
				t.Errorf("%+v: got %d results, %d unfinished and %d cancelled", how, ok, unfinished, cancelled)
			}
			ex.Shutdown(t.Context())
		}
	})
}

func TestSettings(t *testing.T) {
	pool := mustOpen(t, executor.NewPool, 1)
	defer pool.Shutdown(t.Context())
	for _, s := range []executor.Settings{
		{Workers: -1},
		{Queue: -1},
		{Full: -1},
		{Full: executor.Caller + 1},
		{Idle: -1},
	} {
		if err := executor.Tune(pool, s); err == nil {
			t.Errorf("%+v is accepted", s)
		}
	}
	if err := executor.Tune(executor.NewSequential(), executor.Settings{}); err == nil ||
		!strings.Contains(err.Error(), "sequential") {
		t.Errorf("got %v, want an error that names the executor", err)
	}
}

// A task that submits to its own executor's full queue does not stand in its
// own way.
func TestFullQueueFromInside(t *testing.T) {
	for name, open := range limited {
		for _, full := range []executor.Full{executor.Block, executor.Caller} {
			synctest.Test(t, func(t *testing.T) {
				ex := mustOpen(t, open, 1)
				if name != "sequential" {
					executor.Tune(ex, executor.Settings{Workers: 1, Queue: 1, Full: full})
				}
				sum, err := executor.Submit(t.Context(), ex, func(ctx context.Context) (int, error) {
					sum := 0
					for v, err := range executor.Map(ctx, ex, slices.Values([]int{1, 2, 3, 4}),
						func(ctx context.Context, n int) (int, error) {
							return executor.Submit(ctx, ex, func(context.Context) (int, error) {
								return n,
									nil
							}).Result(ctx)
						}) {
						if err != nil {
							return 0, err
						}
						sum += v
					}
					return sum, nil
				}).Result(t.Context())
				if sum != 10 || err != nil {
					t.Errorf("%s, %d: got %d, %v, want 10", name, full, sum, err)
				}
				ex.Shutdown(t.Context())
			})
		}
	}
}
