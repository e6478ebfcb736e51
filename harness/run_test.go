package harness_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// sleeper is a workload whose task k sleeps for as long as plan says, and also
// does what extra does.
func sleeper(latency func(key string) time.Duration, extra func(ctx context.Context,
	key string),
) func() (*harness.Workload, error) {
	return func() (*harness.Workload, error) {
		return &harness.Workload{
			Oracle: oracle.Oracle{Plan: func(key string, _, _ int) record.Planned {
				d := latency(key)
				return record.Planned{
					PlannedLatency: d, PlannedService: d, PlannedFault: "none",
					PlannedClass: record.OK,
				}
			}},
			Do: func(ctx context.Context, key string, _ int) record.Seen {
				if extra != nil {
					extra(ctx, key)
				}
				timer := time.NewTimer(latency(key))
				defer timer.Stop()
				select {
				case <-timer.C:
					return record.Seen{Class: record.OK}
				case <-ctx.Done():
					return record.Seen{Class: record.Lost, Error: context.Cause(ctx).Error()}
				}
			},
		}, nil
	}
}

func constant(d time.Duration) func(string) time.Duration {
	return func(string) time.Duration { return d }
}

func numbers(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprint(i)
	}
	return keys
}

// trial is eight tasks of a second each on a pool of two, or on another
// executor.
func trial(clock record.Clock) harness.Trial {
	t := harness.Trial{
		Scenario: "eight", Kind: "pool", Workers: 2, Clock: clock, Delivery: record.InOrder, Keys: numbers(8),
		Executor: func() (executor.Executor, error) { return executor.NewPool(2) },
		Workload: sleeper(constant(time.Second), nil),
	}
	if clock == record.Real {
		t.Workload = sleeper(constant(time.Millisecond), nil)
	}
	return t
}

// everything is every check that a run must pass whatever it is.
var everything = []checks.Expectation{
	{Check: checks.Limits},
	{Check: checks.Deadlock},
	{Check: checks.Concurrency},
	{Check: checks.Runs},
	{Check: checks.Shutdown},
	{Check: checks.Exact},
	{Check: checks.Classification},
	{Check: checks.Order(checks.BySubmission)},
	{Check: checks.Leaks},
}

// caught runs a trial and returns the names of the checks that complain.
func caught(t *testing.T, trial harness.Trial) (*record.Recording, string) {
	t.Helper()
	rec, err := harness.Run(t.Context(), trial)
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Validate(); err != nil {
		t.Errorf("the recording cannot be read again: %v", err)
	}
	var names []string
	violations, _ := checks.Judge(rec, everything, "")
	for _, v := range violations {
		names = append(names, v.Check)
		t.Log(v.Check, v.Got)
	}
	return rec, strings.Join(names, " ")
}

// wrapped is an executor that is spoilt by one method.
type wrapped struct {
	executor.Executor
	execute  func(executor.Task) error
	shutdown func(context.Context) error
}

func (w wrapped) Execute(t executor.Task) error {
	if w.execute == nil {
		return w.Executor.Execute(t)
	}
	return w.execute(t)
}

func (w wrapped) Shutdown(ctx context.Context) error {
	if w.shutdown == nil {
		return w.Executor.Shutdown(ctx)
	}
	return w.shutdown(ctx)
}

// lifo is a pool of two that keeps tasks back until all are there and runs the
// last one first.
func lifo(n int) func() (executor.Executor, error) {
	return func() (executor.Executor, error) {
		pool, err := executor.NewPool(2)
		var held []executor.Task
		return wrapped{Executor: pool, execute: func(t executor.Task) error {
			if held = append(held, t); len(held) < n {
				return nil
			}
			for i := range held {
				_ = pool.Execute(held[n-1-i])
			}
			return nil
		}}, err
	}
}

// TestPlantedBugs plants a bug in an executor or a task and wants the right
// check to catch it, under both clocks.
func TestPlantedBugs(t *testing.T) {
	forever := func(ctx context.Context, key string) {
		if key == "3" {
			select {} // ignores every cancel
		}
	}
	patientForever := func(ctx context.Context, key string) {
		if key == "3" {
			<-ctx.Done()
		}
	}
	latency := map[record.Clock]time.Duration{record.Virtual: time.Second, record.Real: time.Millisecond}
	for _, tt := range []struct {
		name  string
		want  string
		spoil func(*harness.Trial)
	}{
		{"nothing", "", func(*harness.Trial) {}},
		{"a goroutine that outlives its task", "leaks", func(tr *harness.Trial) {
			tr.Workload = sleeper(constant(latency[tr.Clock]), func(_ context.Context, key string) {
				if key == "3" {
					go leak()
				}
			})
		}},
		{"a task that waits for one never submitted", "deadlock", func(tr *harness.Trial) {
			tr.Workload = sleeper(constant(latency[tr.Clock]), patientForever)
		}},
		{"a task that waits and cannot be cancelled", "deadlock", func(tr *harness.Trial) {
			tr.Workload = sleeper(constant(latency[tr.Clock]), forever)
		}},
		{"last in, first out", "order", func(tr *harness.Trial) {
			tr.Executor = lifo(8)
		}},
		{"a dropped task", "deadlock", func(tr *harness.Trial) {
			tr.Executor = func() (executor.Executor, error) {
				pool, err := executor.NewPool(2)
				n := 0
				return wrapped{Executor: pool, execute: func(task executor.Task) error {
					if n++; n == 4 {
						return nil
					}
					return pool.Execute(task)
				}}, err
			}
		}},
		{"a refused task", "classification", func(tr *harness.Trial) {
			tr.Executor = func() (executor.Executor, error) {
				pool, err := executor.NewPool(2)
				n := 0
				return wrapped{Executor: pool, execute: func(task executor.Task) error {
					if n++; n == 4 {
						return errors.New("no room")
					}
					return pool.Execute(task)
				}}, err
			}
		}},
		{"a task that is refused and run all the same", "runs classification", func(tr *harness.Trial) {
			tr.Executor = func() (executor.Executor, error) {
				pool, err := executor.NewPool(2)
				return wrapped{Executor: pool, execute: func(task executor.Task) error {
					return errors.Join(errors.New("no room"), pool.Execute(task))
				}}, err
			}
		}},
		{"a panic in Execute", "classification", func(tr *harness.Trial) {
			tr.Executor = func() (executor.Executor, error) {
				pool, err := executor.NewPool(2)
				n := 0
				return wrapped{Executor: pool, execute: func(task executor.Task) error {
					if n++; n == 4 {
						panic("planted")
					}
					return pool.Execute(task)
				}}, err
			}
		}},
		{"more workers than it says", "concurrency", func(tr *harness.Trial) {
			tr.Workers = 7
			tr.Executor = func() (executor.Executor, error) { return executor.NewPool(8) }
			var all sync.WaitGroup // none ends before all have started
			tr.Workload = func() (*harness.Workload, error) {
				all.Add(len(tr.Keys))
				return sleeper(constant(latency[tr.Clock]), func(context.Context, string) { all.Done(); all.Wait() })()
			}
		}},
		{"a shutdown that never ends", "deadlock", func(tr *harness.Trial) {
			tr.Executor = func() (executor.Executor, error) {
				pool, err := executor.NewPool(2)
				return wrapped{Executor: pool, shutdown: func(ctx context.Context) error {
					_ = pool.Shutdown(ctx)
					select {}
				}}, err
			}
		}},
		{"a shutdown that leaves its workers", "shutdown leaks", func(tr *harness.Trial) {
			tr.Executor = func() (executor.Executor, error) {
				pool, err := executor.NewPool(2)
				return wrapped{Executor: pool, shutdown: func(context.Context) error { return nil }}, err
			}
		}},
		{"a shutdown that fails", "deadlock", func(tr *harness.Trial) {
			tr.Executor = func() (executor.Executor, error) {
				pool, err := executor.NewPool(2)
				return wrapped{Executor: pool, shutdown: func(ctx context.Context) error {
					return errors.Join(pool.Shutdown(ctx), errors.New("planted"))
				}}, err
			}
		}},
		{"a task that panics", "panic", func(tr *harness.Trial) {
			tr.Workload = sleeper(constant(latency[tr.Clock]), func(_ context.Context, key string) {
				if key == "3" {
					panic("planted")
				}
			})
		}},
		{"a task that ends its goroutine", "classification", func(tr *harness.Trial) {
			tr.Workload = sleeper(constant(latency[tr.Clock]), func(_ context.Context, key string) {
				if key == "3" {
					runtime.Goexit()
				}
			})
		}},
	} {
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			t.Run(fmt.Sprintf("%s/%s", tt.name, clock), func(t *testing.T) {
				tr := trial(clock)
				if clock == record.Real && tt.want == "deadlock" { // the others end, on a busy machine late
					tr.Deadline = 100 * time.Millisecond
				}
				tt.spoil(&tr)
				_, got := caught(t, tr)
				if clock == record.Real && tt.want == "concurrency" {
					// with a worker too many, a task can be ahead of one too
					// many as well
					got = strings.TrimSuffix(got, " order")
				}
				if got != tt.want {
					t.Errorf("caught by %q, want %q", got, tt.want)
				}
			})
		}
	}
}

// TestPanicHasItsPlace has tasks that panic, and an executor that does. The
// sample names the innermost function of the user's code.
func TestPanicHasItsPlace(t *testing.T) {
	for name, tt := range map[string]struct {
		task    func()
		execute bool
		want    string
	}{
		"a task": {
			func() { spill(nil) }, false,
			"executor: task panicked at github.com/teapot-go/teapot/harness_test.spill (run_test.go:",
		},
		"a method": {
			cup{}.spill, false,
			"executor: task panicked at github.com/teapot-go/teapot/harness_test.cup.spill (run_test.go:",
		},
		"a method of a pointer": {
			new(cup).drop, false,
			"executor: task panicked at github.com/teapot-go/teapot/harness_test.(*cup).drop (run_test.go:",
		},
		"within the standard library": {
			func() { _ = make([]int, 0, 1)[:len(strings.Repeat("x", -1))] }, false,
			"executor: task panicked at github.com/teapot-go/teapot/harness_test.TestPanicHasItsPlace.func",
		},
		"in Execute": {
			func() { spill(nil) }, true,
			"panic in Execute at github.com/teapot-go/teapot/harness_test.spill (run_test.go:",
		},
	} {
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			tr := trial(clock)
			tr.Keys = numbers(1)
			task := func(context.Context, string) { tt.task() }
			if tt.execute {
				task = nil
				tr.Executor = func() (executor.Executor, error) {
					pool, err := executor.NewPool(2)
					return wrapped{Executor: pool, execute: func(executor.Task) error { tt.task(); return nil }}, err
				}
			}
			tr.Workload = sleeper(constant(time.Millisecond), task)
			rec, _ := caught(t, tr)
			if got := rec.Samples[0].Error; !strings.HasPrefix(got, tt.want) || !strings.Contains(got, "): ") {
				t.Errorf("%s, %s clock: got %q, want %s", name, clock, got, tt.want)
			}
		}
	}
}

func spill(tea map[string]int) { tea["spilt"] = 1 }

type cup struct{ tea map[string]int }

func (c cup) spill() { c.tea["spilt"] = 1 }
func (c *cup) drop() { c.tea["spilt"] = 1 }

// leak is a goroutine that never ends, under a name that the test knows.
func leak() { select {} }

func TestViolationNamesTheLeak(t *testing.T) {
	for _, clock := range []record.Clock{record.Virtual, record.Real} {
		tr := trial(clock)
		tr.Workload = sleeper(constant(time.Millisecond), func(_ context.Context, key string) { go leak() })
		rec, _ := caught(t, tr)
		if len(rec.Leaks) != 8 || !strings.HasPrefix(rec.Leaks[0],
			"github.com/teapot-go/teapot/harness_test.leak (run_test.go:") ||
			!strings.Contains(rec.Leaks[0],
				"started by github.com/teapot-go/teapot/harness_test.TestViolationNamesTheLeak") {
			t.Errorf("%s clock: leaks %q", clock, rec.Leaks)
		}
	}
}

func TestDeadlockNamesTheTask(t *testing.T) {
	tr := trial(record.Virtual)
	tr.Workload = sleeper(constant(time.Second), func(ctx context.Context, key string) {
		if key == "3" {
			<-ctx.Done()
		}
	})
	rec, _ := caught(t, tr)
	if len(rec.Stuck) != 1 || rec.Stuck[0] != "3" || rec.Classes[record.OK] != 7 || rec.Classes[record.Lost] != 1 {
		t.Errorf("stuck %v, classes %v", rec.Stuck, rec.Classes)
	}
}

// TestVirtualSchedule wants every time of a virtual run to be the oracle's, to
// the nanosecond.
func TestVirtualSchedule(t *testing.T) {
	seconds := func(key string) time.Duration {
		d, _ := time.ParseDuration(key + "s")
		return d
	}
	for _, delivery := range []record.Delivery{record.InOrder, record.AsCompleted} {
		for kind, open := range map[string]func() (executor.Executor, error){
			"sequential": func() (executor.Executor, error) { return executor.NewSequential(), nil },
			"pool":       func() (executor.Executor, error) { return executor.NewPool(3) },
			"async":      func() (executor.Executor, error) { return executor.NewAsync(3) },
		} {
			tr := trial(record.Virtual)
			tr.Keys, tr.Workload, tr.Delivery = numbers(5), sleeper(seconds, nil), delivery
			tr.Kind, tr.Executor, tr.Workers = kind, open, 3
			if kind == "sequential" {
				tr.Workers = 1
			}
			rec, got := caught(t, tr)
			if got != "" && delivery == record.InOrder {
				t.Errorf("%s: %s", kind, got)
			}
			for i, ideal := range rec.Ideal().Tasks {
				s := rec.Samples[i]
				if s.Started != ideal.Started || s.Finished != ideal.Finished || s.Delivered != ideal.Delivered {
					t.Errorf("%s, %s: task %d at %v, %v, %v, want %v", kind, delivery, i, s.Started, s.Finished,
						s.Delivered, ideal)
				}
			}
		}
	}
}

// TestVirtualRunsAreEqual wants equal bytes from runs whose goroutines are
// scheduled in many different ways.
func TestVirtualRunsAreEqual(t *testing.T) {
	plan := servers.Plan{Seed: 7}
	plan.Latency, _ = servers.ParseLatency("uniform(500ms, 5s)")
	for _, kind := range []string{"pool", "async"} {
		var first []byte
		for i := range 12 {
			procs := runtime.GOMAXPROCS(1 + i%3)
			tr := trial(record.Virtual)
			tr.Keys, tr.Delivery = numbers(200), record.AsCompleted
			tr.Kind, tr.Workers = kind, 7
			tr.Executor = func() (executor.Executor, error) {
				if kind == "pool" {
					return executor.NewPool(7)
				}
				return executor.NewAsync(7)
			}
			tr.Workload = sleeper(func(key string) time.Duration { return plan.Fate(key, 1).Latency }, nil)
			rec, err := harness.Run(t.Context(), tr)
			runtime.GOMAXPROCS(procs)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(rec)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got
			} else if !bytes.Equal(first, got) {
				t.Fatalf("%s: run %d differs from the first", kind, i)
			}
		}
	}
}

func TestInterrupt(t *testing.T) {
	for _, clock := range []record.Clock{record.Virtual, record.Real} {
		ctx, cancel := context.WithCancel(t.Context())
		tr := trial(clock)
		ended := 0
		tr.Watch = func(step harness.Step, _ record.Sample) {
			if step == harness.Finished {
				if ended++; ended == 3 {
					cancel()
				}
			}
		}
		if clock == record.Real {
			tr.Workload = sleeper(func(key string) time.Duration {
				if key < "4" {
					return time.Millisecond
				}
				return time.Hour
			}, nil)
		}
		rec, err := harness.Run(ctx, tr)
		if err != nil {
			t.Fatal(err)
		}
		if err := rec.Validate(); err != nil {
			t.Error(err)
		}
		unended := rec.Classes[record.CutOff] + rec.Classes[record.NotStarted]
		if !rec.Interrupted || rec.Classes[record.OK] < 3 || unended == 0 || len(rec.Leaks) > 0 {
			t.Errorf("%s clock: interrupted %v, %v, leaks %v", clock, rec.Interrupted, rec.Classes, rec.Leaks)
		}
		if v, _ := checks.Judge(rec, everything, ""); len(v) > 0 {
			t.Errorf("%s clock: an interrupted run was judged: %v", clock, v)
		}
	}
}

// TestWatch wants every step of every task told once, in the order of its
// times, with the sample as it is then.
func TestWatch(t *testing.T) {
	for _, clock := range []record.Clock{record.Virtual, record.Real} {
		tr := trial(clock)
		tr.Workload = sleeper(constant(time.Millisecond), nil)
		var last time.Duration
		steps := map[int][]harness.Step{}
		tr.Watch = func(step harness.Step, s record.Sample) {
			at := map[harness.Step]time.Duration{
				harness.Submitted: s.Submitted, harness.Started: s.Started, harness.Finished: s.Finished,
				harness.Delivered: s.Delivered,
			}[step]
			if at < 0 || clock == record.Virtual && at < last {
				t.Errorf("%s clock: task %d is %s at %v, after %v", clock, s.Seq, step, at, last)
			}
			if step == harness.Finished && s.Class != record.OK {
				t.Errorf("%s clock: task %d finished with %q", clock, s.Seq, s.Class)
			}
			last = at
			steps[s.Seq] = append(steps[s.Seq], step)
		}
		if _, err := harness.Run(t.Context(), tr); err != nil {
			t.Fatal(err)
		}
		for seq := range tr.Keys {
			if want := []harness.Step{
				harness.Submitted, harness.Started, harness.Finished,
				harness.Delivered,
			}; !slices.Equal(steps[seq], want) {
				t.Errorf("%s clock: task %d: got %v, want %v", clock, seq, steps[seq], want)
			}
		}
	}
}

// TestSetUp wants an error from a trial that cannot start, and nothing left of
// what had started.
func TestSetUp(t *testing.T) {
	no := errors.New("no")
	closed := 0
	workload := func() (*harness.Workload, error) {
		w, err := sleeper(constant(time.Second), nil)()
		w.Close = func() ([]servers.Entry, error) { closed++; return nil, nil }
		return w, err
	}
	for _, tt := range []struct {
		name  string
		spoil func(*harness.Trial)
		want  string
	}{
		{
			"no workload",
			func(tr *harness.Trial) { tr.Workload = func() (*harness.Workload, error) { return nil, no } },
			"eight on pool/2: no",
		},
		{
			"a nil workload",
			func(tr *harness.Trial) { tr.Workload = func() (*harness.Workload, error) { return nil, nil } },
			"eight on pool/2: the workload is nil",
		},
		{"no plan", func(tr *harness.Trial) {
			tr.Workload = func() (*harness.Workload, error) {
				w, err := workload()
				w.Plan = nil
				return w, err
			}
		}, "eight on pool/2: the workload has no plan: want a Plan, such as one that returns " +
			"record.Planned{PlannedClass: record.OK} for tasks that are to succeed"},
		{"no executor", func(tr *harness.Trial) {
			tr.Workload = workload
			tr.Executor = func() (executor.Executor, error) { return nil, no }
		}, "eight on pool/2: no"},
		{"a nil executor", func(tr *harness.Trial) {
			tr.Executor = func() (executor.Executor, error) { return nil, nil }
		}, "eight on pool/2: the executor is nil"},
		{
			"a panic", func(tr *harness.Trial) { tr.Executor = func() (executor.Executor, error) { panic("planted") } },
			"eight on pool/2: panic: planted",
		},
		{
			"nothing to run", func(tr *harness.Trial) { tr.Executor = nil },
			"harness: a trial needs an executor and a workload",
		},
		{"two to run", func(tr *harness.Trial) {
			tr.Batch = func() (harness.Batch, error) { return nil, nil }
		}, "harness: a trial has several of an executor, a map and a batch: want one of them"},
		{"a batch with a pacer", func(tr *harness.Trial) {
			tr.Executor = nil
			tr.Batch = func() (harness.Batch, error) { return nil, nil }
			tr.Pacer = harness.Closed(1)
		}, "harness: a batch has all keys at once: want no pacer"},
		{"a batch without a server", func(tr *harness.Trial) {
			tr.Executor = nil
			tr.Batch = func() (harness.Batch, error) {
				return func(context.Context, *servers.Server, []string, func(string, record.Seen)) error {
					return nil
				}, nil
			}
		}, "eight on pool/2: a batch needs a server, whose journal tells when its tasks start"},
		{
			"fewer than no workers", func(tr *harness.Trial) { tr.Workers = -1 },
			"harness: workers: -1: want 0 for no limit, or more",
		},
		{"another clock", func(tr *harness.Trial) { tr.Clock = "wall" }, `harness: clock "wall": want real or virtual`},
		{
			"another delivery", func(tr *harness.Trial) { tr.Delivery = "" },
			`harness: delivery "": want map or as_completed`,
		},
	} {
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			tr := trial(clock)
			tt.spoil(&tr)
			if _, err := harness.Run(t.Context(), tr); err == nil || err.Error() != tt.want {
				t.Errorf("%s, %s clock: %v, want %s", tt.name, clock, err, tt.want)
			}
		}
	}
	if closed != 4 {
		t.Errorf("the workload was closed %d times, want once a run", closed)
	}
}

// TestPacer submits tasks when they fall due, and no later ones than the pacer
// has.
func TestPacer(t *testing.T) {
	tr := trial(record.Virtual)
	tr.Pacer = everySecond(5)
	rec, got := caught(t, tr)
	if got != "" || len(rec.Samples) != 5 {
		t.Fatalf("%d samples, caught by %q", len(rec.Samples), got)
	}
	for i, s := range rec.Samples {
		if want := time.Duration(i) * time.Second; s.Due != want || s.Submitted != want || s.Started != want {
			t.Errorf("task %d: due %v, submitted %v, started %v, want %v", i, s.Due, s.Submitted, s.Started, want)
		}
	}
}

type everySecond int

func (n everySecond) Due(seq int) (time.Duration, bool) {
	return time.Duration(seq) * time.Second, seq < int(n)
}
func (everySecond) String() string { return "1/s" }

// TestBubbleOutsideGoTest is where a Go release would say that it has ended the
// virtual clock of plain programs: the runs of every other test here have a
// blank testing.T as well.
func TestBubbleOutsideGoTest(t *testing.T) {
	start := time.Now()
	tr := trial(record.Virtual)
	tr.Workload = sleeper(constant(24*time.Hour), nil)
	rec, got := caught(t, tr)
	if got != "" || rec.Makespan != 4*24*time.Hour {
		t.Errorf("caught by %q, makespan %v", got, rec.Makespan)
	}
	if time.Since(start) > time.Hour {
		t.Error("the clock was not virtual")
	}
}
