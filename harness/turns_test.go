package harness_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

// opened is an executor's two methods.
type opened struct {
	execute  func(executor.Task) error
	shutdown func(context.Context) error
}

func (o opened) Execute(t executor.Task) error      { return o.execute(t) }
func (o opened) Shutdown(ctx context.Context) error { return o.shutdown(ctx) }

// correct is executors as users write them, for so many workers and tasks.
var correct = map[string]func(workers, tasks int) executor.Executor{
	"sequential": func(int, int) executor.Executor { return executor.NewSequential() },
	"pool": func(workers, _ int) executor.Executor {
		pool, err := executor.NewPool(workers)
		return must(pool, err)
	},
	"async": func(workers, _ int) executor.Executor {
		async, err := executor.NewAsync(workers)
		return must(async, err)
	},
	"slots, as errgroup has them": func(workers, _ int) executor.Executor {
		slots, all := make(chan struct{}, workers), new(sync.WaitGroup)
		return opened{func(t executor.Task) error {
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				t.Run(context.Background())
			})
			return nil
		}, func(context.Context) error { all.Wait(); return nil }}
	},
	"workers of a channel": func(workers, tasks int) executor.Executor {
		return channelPool(workers, tasks, func(t executor.Task) { t.Run(context.Background()) })
	},
	"workers of a channel without room": func(workers, _ int) executor.Executor {
		return channelPool(workers, 0, func(t executor.Task) { t.Run(context.Background()) })
	},
	"a dispatcher": func(workers, tasks int) executor.Executor {
		queue, slots, over := make(chan executor.Task, tasks), make(chan struct{}, workers), make(chan struct{})
		go func() {
			defer close(over)
			var all sync.WaitGroup
			for t := range queue {
				slots <- struct{}{}
				all.Go(func() { t.Run(context.Background()); <-slots })
			}
			all.Wait()
		}()
		return opened{
			func(t executor.Task) error { queue <- t; return nil },
			func(context.Context) error { close(queue); <-over; return nil },
		}
	},
	"a stack of idle workers, as ants has it": idleStack,
	"a Shutdown that waits with a lock": func(workers, _ int) executor.Executor {
		slots, running := make(chan struct{}, workers), new(sync.RWMutex)
		return opened{func(t executor.Task) error {
			slots <- struct{}{}
			running.RLock()
			go func() {
				defer func() { <-slots; running.RUnlock() }()
				t.Run(context.Background())
			}()
			return nil
		}, func(context.Context) error { running.Lock(); defer running.Unlock(); return nil }}
	},
	"a Shutdown that polls": func(workers, _ int) executor.Executor {
		slots, running := make(chan struct{}, workers), new(atomic.Int64)
		return opened{func(t executor.Task) error {
			slots <- struct{}{}
			running.Add(1)
			go func() {
				defer func() { <-slots; running.Add(-1) }()
				t.Run(context.Background())
			}()
			return nil
		}, func(context.Context) error {
			for running.Load() > 0 {
				<-time.After(time.Millisecond)
			}
			return nil
		}}
	},
}

func must(ex executor.Executor, err error) executor.Executor {
	if err != nil {
		panic(err)
	}
	return ex
}

func channelPool(workers, room int, run func(executor.Task)) executor.Executor {
	queue, all := make(chan executor.Task, room), new(sync.WaitGroup)
	for range workers {
		all.Go(func() {
			for t := range queue {
				run(t)
			}
		})
	}
	return opened{
		func(t executor.Task) error { queue <- t; return nil },
		func(context.Context) error { close(queue); all.Wait(); return nil },
	}
}

// idleStack hands each task to the worker that became idle last.
func idleStack(workers, _ int) executor.Executor {
	var mu sync.Mutex
	var all sync.WaitGroup
	var idle []chan executor.Task
	some := make(chan struct{}, workers)
	started := 0
	return opened{func(t executor.Task) error {
		mu.Lock()
		if started < workers && len(idle) == 0 {
			w := make(chan executor.Task, 1)
			started++
			all.Go(func() {
				for t := range w {
					t.Run(context.Background())
					mu.Lock()
					idle = append(idle, w)
					mu.Unlock()
					some <- struct{}{}
				}
			})
			mu.Unlock()
			w <- t
			return nil
		}
		mu.Unlock()
		<-some
		mu.Lock()
		w := idle[len(idle)-1]
		idle = idle[:len(idle)-1]
		mu.Unlock()
		w <- t
		return nil
	}, func(context.Context) error {
		for range started {
			<-some
		}
		for _, w := range idle {
			close(w)
		}
		all.Wait()
		return nil
	}}
}

// drawn is a trial whose number of tasks and workers, and whose tasks' lengths,
// depend on the seed.
func drawn(seed uint64, clock record.Clock, open func(workers, tasks int) executor.Executor) harness.Trial {
	random := rand.New(rand.NewPCG(seed, 12))
	tasks, workers := 6+random.IntN(12), 2+random.IntN(3)
	lengths := map[string]time.Duration{}
	for _, key := range numbers(tasks) {
		lengths[key] = time.Duration(random.IntN(5)) * 200 * time.Microsecond
	}
	return harness.Trial{
		Scenario: fmt.Sprint(seed), Kind: "mine", Workers: workers, Clock: clock, Seed: seed,
		Delivery: record.InOrder, Keys: numbers(tasks), Deadline: time.Second,
		Executor: func() (executor.Executor, error) { return open(workers, tasks), nil },
		Workload: sleeper(func(key string) time.Duration { return lengths[key] }, nil),
	}
}

var bothClocks = []record.Clock{record.Virtual, record.Real}

// seeds returns how many seeds a test tries.
func seeds(clock record.Clock) int {
	switch {
	case testing.Short():
		return 3
	case clock == record.Real:
		return 8
	}
	return 50
}

// TestCorrectExecutors has no check accuse a correct executor.
func TestCorrectExecutors(t *testing.T) {
	for name, open := range correct {
		for _, clock := range bothClocks {
			t.Run(name+"/"+string(clock), func(t *testing.T) {
				for seed := range seeds(clock) {
					if rec, got := caught(t, drawn(uint64(seed), clock, open)); got != "" || rec.Limit != "" {
						t.Fatalf("seed %d: caught by %q, limit %q, want none", seed, got, rec.Limit)
					}
				}
			})
		}
	}
}

// over returns an executor over another one, spoilt by a change of Execute.
func over(inner string, execute func(ex executor.Executor, t executor.Task) error) func(int, int) executor.Executor {
	return func(workers, tasks int) executor.Executor {
		ex := correct[inner](workers, tasks)
		return opened{func(t executor.Task) error { return execute(ex, t) }, ex.Shutdown}
	}
}

// nth calls f with the nth task that an executor gets, and the executor with
// all others.
func nth(n int, inner string, f func(ex executor.Executor, t executor.Task) error) func(int, int) executor.Executor {
	return func(workers, tasks int) executor.Executor {
		calls := 0
		return over(inner, func(ex executor.Executor, t executor.Task) error {
			if calls++; calls == n {
				return f(ex, t)
			}
			return ex.Execute(t)
		})(workers, tasks)
	}
}

// twice is a task that runs itself twice.
type twice struct{ executor.Task }

func (t twice) Run(ctx context.Context) { t.Task.Run(ctx); t.Task.Run(ctx) }

// TestRuns plants executors that do not run each task once.
func TestRuns(t *testing.T) {
	for _, test := range []struct {
		name, want string
		open       func(workers, tasks int) executor.Executor
	}{
		{"one task twice, one after the other", "3 run 2 times|3 run once", nth(4, "pool",
			func(ex executor.Executor, t executor.Task) error { return ex.Execute(twice{t}) })},
		{"one task twice, handed over twice", "3 run 2 times|3 run once", nth(4, "async",
			func(ex executor.Executor, t executor.Task) error { return errors.Join(ex.Execute(t), ex.Execute(t)) })},
		{"the first task three times", "0 run 3 times|0 run once", nth(1, "workers of a channel",
			func(ex executor.Executor, t executor.Task) error {
				return errors.Join(ex.Execute(t), ex.Execute(t), ex.Execute(t))
			})},
		{"the caller runs it too", "5 run 2 times|5 run once", nth(6, "a dispatcher",
			func(ex executor.Executor, t executor.Task) error { t.Run(context.Background()); return ex.Execute(t) })},
		{"every task twice", "0 run 2 times (and |0 run once", over("pool",
			func(ex executor.Executor, t executor.Task) error { return ex.Execute(twice{t}) })},
		{"a refused task", "2 refused and run|2 not run", nth(3, "sequential",
			func(ex executor.Executor, t executor.Task) error {
				return errors.Join(ex.Execute(t), errors.New("no room"))
			})},
		{"one that its Shutdown runs again", "1 run 2 times|1 run once", func(workers, tasks int) executor.Executor {
			var kept executor.Task
			ex := nth(2, "pool", func(ex executor.Executor, t executor.Task) error { kept = t; return ex.Execute(t) })(
				workers, tasks)
			return opened{ex.Execute, func(ctx context.Context) error {
				defer kept.Run(ctx)
				return ex.Shutdown(ctx)
			}}
		}},
	} {
		for _, clock := range bothClocks {
			t.Run(test.name+"/"+string(clock), func(t *testing.T) {
				for seed := range seeds(clock) {
					rec, _ := caught(t, drawn(uint64(seed), clock, test.open))
					wantViolation(t, seed, checks.Runs(rec), "runs", test.want)
				}
			})
		}
	}
}

// wantViolation wants one violation of a check, whose Got and Want begin with
// what is before and after |.
func wantViolation(t *testing.T, seed int, found []record.Violation, check, says string) {
	t.Helper()
	got, want, _ := strings.Cut(says, "|")
	if len(found) != 1 || found[0].Check != check || !strings.HasPrefix(found[0].Got, got) ||
		!strings.HasPrefix(found[0].Want, want) {
		t.Fatalf("seed %d: got %+v, want one of %s: %s", seed, found, check, says)
	}
}

// TestShutdown plants executors whose Shutdown returns while a task runs.
func TestShutdown(t *testing.T) {
	ended := errors.New("gave up")
	for _, test := range []struct {
		name     string
		found    bool
		inner    string
		shutdown func(ctx context.Context, ex executor.Executor) error
	}{
		{"waits", false, "pool", func(ctx context.Context, ex executor.Executor) error { return ex.Shutdown(ctx) }},
		{
			"waits by a lock", false, "a Shutdown that waits with a lock",
			func(ctx context.Context, ex executor.Executor) error { return ex.Shutdown(ctx) },
		},
		{"says that it has given up", false, "pool", func(ctx context.Context, ex executor.Executor) error {
			go ex.Shutdown(ctx)
			return ended
		}},
		{
			"does not wait", true, "slots, as errgroup has them",
			func(context.Context, executor.Executor) error { return nil },
		},
		{"goes on in the background", true, "pool", func(ctx context.Context, ex executor.Executor) error {
			go ex.Shutdown(context.WithoutCancel(ctx))
			return nil
		}},
		{
			"waits for its dispatcher only", true, "slots, as errgroup has them",
			func(context.Context, executor.Executor) error {
				over := make(chan struct{})
				go close(over)
				<-over
				return nil
			},
		},
		{"hides that it has given up", true, "async", func(ctx context.Context, ex executor.Executor) error {
			impatient, cancel := context.WithCancel(ctx)
			cancel()
			_ = ex.Shutdown(impatient)
			return nil
		}},
	} {
		for _, clock := range bothClocks {
			t.Run(test.name+"/"+string(clock), func(t *testing.T) {
				for seed := range seeds(clock) {
					trial := drawn(uint64(seed), clock, func(workers, tasks int) executor.Executor {
						ex := correct[test.inner](workers, tasks)
						return opened{ex.Execute, func(ctx context.Context) error { return test.shutdown(ctx, ex) }}
					})
					// the last task must not end before its Execute does
					trial.Workload = sleeper(constant(2*time.Millisecond), nil)
					rec, err := harness.Run(t.Context(), trial)
					if err != nil {
						t.Fatal(err)
					}
					found := checks.Shutdown(rec)
					switch {
					case !test.found && len(found) > 0:
						t.Fatalf("seed %d: got %v, want none", seed, found)
					case test.found:
						wantViolation(t, seed, found, "shutdown", "Shutdown returned nil while |Shutdown waits")
					}
				}
			})
		}
	}
}

// TestSwaps plants executors that start tasks in another order, with one worker
// that is free to do so: all others run a task until the rest have ended. In
// such a run nothing is in doubt.
func TestSwaps(t *testing.T) {
	// reordered is a pool whose queue is sorted once all tasks are there. The
	// first tasks occupy all workers until then.
	reordered := func(sort func(queue []executor.Task)) func(workers, tasks int) executor.Executor {
		return func(workers, tasks int) executor.Executor {
			ex := correct["workers of a channel"](workers, tasks)
			var queue []executor.Task
			return opened{func(t executor.Task) error {
				if queue = append(queue, t); len(queue) < tasks {
					return nil
				}
				sort(queue)
				for _, t := range queue {
					if err := ex.Execute(t); err != nil {
						return err
					}
				}
				return nil
			}, ex.Shutdown}
		}
	}
	for _, test := range []struct {
		name string
		sort func(queue []executor.Task)
		want string // "" for none; W is the number of workers
	}{
		{"in order", func([]executor.Task) {}, ""},
		{
			"two neighbours", func(q []executor.Task) { q[5], q[6] = q[6], q[5] },
			"start of 6 ahead of 1 that come first",
		},
		{
			"the last two", func(q []executor.Task) { q[8], q[9] = q[9], q[8] },
			"start of 9 ahead of 1 that come first",
		},
		{
			"one is forgotten to the end", func(q []executor.Task) { copy(q[4:], append(slices.Clone(q[5:]), q[4])) },
			"start of 5 ahead of 1 that come first",
		},
		{
			"last in, first out", func(q []executor.Task) { slices.Reverse(q[4:]) },
			"start of 9 ahead of 5 that come first",
		},
	} {
		for _, clock := range bothClocks {
			for workers := 1; workers <= 3; workers++ {
				t.Run(fmt.Sprintf("%s/%d/%s", test.name, workers, clock), func(t *testing.T) {
					for seed := range seeds(clock) {
						tr := drawn(uint64(seed), clock, nil)
						tr.Workers, tr.Keys = workers, numbers(10)
						tr.Executor = func() (executor.Executor, error) {
							return reordered(test.sort)(workers, 10), nil
						}
						tr.Workload = func() (*harness.Workload, error) {
							var long, rest sync.WaitGroup
							long.Add(workers - 1)
							rest.Add(10 - (workers - 1))
							w, err := sleeper(constant(time.Microsecond), nil)()
							short := w.Do
							w.Do = func(ctx context.Context, key string, attempt int) record.Seen {
								if key < fmt.Sprint(workers-1) {
									long.Done()
									rest.Wait()
								} else {
									long.Wait()
									defer rest.Done()
								}
								return short(ctx, key, attempt)
							}
							return w, err
						}
						rec, err := harness.Run(t.Context(), tr)
						if err != nil {
							t.Fatal(err)
						}
						found, _ := checks.Judge(rec, everything, "")
						if test.want == "" {
							if len(found) > 0 {
								t.Fatalf("seed %d: got %v, want none", seed, found)
							}
							continue
						}
						wantViolation(t, seed, found, "order", test.want+"|ahead of at most 0")
					}
				})
			}
		}
	}
}

// TestSameInstant has tasks that take no time, on one worker, last in, first
// out: all starts are at one instant of the virtual clock.
func TestSameInstant(t *testing.T) {
	tr := trial(record.Virtual)
	tr.Workers, tr.Workload = 1, sleeper(constant(0), nil)
	tr.Executor = func() (executor.Executor, error) {
		ex := correct["workers of a channel"](1, 8)
		var held []executor.Task
		return opened{func(t executor.Task) error {
			if held = append(held, t); len(held) < 8 {
				return nil
			}
			for _, t := range slices.Backward(held) {
				_ = ex.Execute(t)
			}
			return nil
		}, ex.Shutdown}, nil
	}
	if _, got := caught(t, tr); got != "order" {
		t.Errorf("caught by %q, want order", got)
	}
}

var elsewhere = harness.Define("turns-elsewhere", func(context.Context, string, int) record.Seen {
	return record.Seen{Class: record.OK}
})

// TestElsewhere has an executor that sends tasks to other processes, as it
// seems. They are sent ahead of their turn, so that their starts show nothing.
func TestElsewhere(t *testing.T) {
	send := func(task executor.Task) {
		remote := task.(executor.Remote)
		if _, ok := remote.Begin(); ok {
			in := remote.Input(0).(*harness.Call)
			now := time.Now()
			*remote.Output(0).(*harness.Ran) = harness.Ran{
				Seen: record.Seen{Class: record.OK, Value: in.Setting}, Started: now, Finished: now,
			}
			remote.End(0, nil)
		}
	}
	tr := trial(record.Real)
	tr.Executor = func() (executor.Executor, error) {
		ex := channelPool(2, 8, send)
		var held []executor.Task
		return opened{func(t executor.Task) error {
			if held = append(held, t); len(held) < 8 {
				return nil
			}
			for _, t := range slices.Backward(held) {
				_ = ex.Execute(t)
			}
			return nil
		}, ex.Shutdown}, nil
	}
	tr.Workload = func() (*harness.Workload, error) {
		w, err := sleeper(constant(0), nil)()
		w.Defined = elsewhere
		return w, err
	}
	if rec, got := caught(t, tr); got != "" || !rec.Elsewhere {
		t.Errorf("caught by %q, elsewhere %v, want neither order nor runs", got, rec.Elsewhere)
	}
}
