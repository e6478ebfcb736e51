package harness_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// unplanned makes a workload's plan silent about how long tasks take.
func unplanned(open func() (*harness.Workload, error)) func() (*harness.Workload, error) {
	return func() (*harness.Workload, error) {
		w, err := open()
		w.Plan = func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} }
		return w, err
	}
}

// until waits for a key's turn to hang, and hangs until the run is given up.
func until(key string) func(context.Context, string) {
	return func(ctx context.Context, k string) {
		if k == key {
			<-ctx.Done()
		}
	}
}

// TestProgress judges runs by whether tasks end, however long they take
// together.
func TestProgress(t *testing.T) {
	sequential := func() (executor.Executor, error) { return executor.NewSequential(), nil }
	tests := []struct {
		name  string
		spoil func(*harness.Trial)
		want  string // what the deadlock says, "" for none
	}{
		{"hours of tasks that no plan foresees", func(tr *harness.Trial) {
			tr.Keys = numbers(100)
			tr.Executor, tr.Workers = sequential, 1
			tr.Workload = unplanned(sleeper(constant(4*time.Minute), nil))
		}, ""},
		{"tasks ten times as long as planned", func(tr *harness.Trial) {
			tr.Workload = sleeper(constant(time.Second), func(context.Context, string) { time.Sleep(9 * time.Second) })
		}, ""},
		{"nothing to do for hours", func(tr *harness.Trial) { tr.Pacer = hourly(3) }, ""},
		{"one that hangs", func(tr *harness.Trial) {
			tr.Workload = sleeper(constant(time.Second), until("3"))
		}, "no task ended for 1m10s: 1 running (3 for 1m15s), 4 finished and not delivered"},
		{"one that hangs, of which nothing is planned", func(tr *harness.Trial) {
			tr.Workload = unplanned(sleeper(constant(time.Second), until("3")))
		}, "no task ended for 5m0s: 1 running (3 for 5m5s), 4 finished and not delivered"},
		{"one that hangs between others that are due later", func(tr *harness.Trial) {
			tr.Pacer = hourly(3)
			tr.Workload = sleeper(constant(time.Second), until("1"))
		}, "no task ended for 1m10s: 1 running (1 for 1m10s)"},
		{"one that holds up the others", func(tr *harness.Trial) {
			tr.Executor, tr.Workers = sequential, 1
			tr.Delivery = record.AsCompleted
			tr.Workload = sleeper(constant(time.Second), until("3"))
		}, "no task ended for 1m10s: 1 running (3 for 1m10s)"},
		{"tasks that wait for a worker", func(tr *harness.Trial) {
			tr.Workload = sleeper(constant(time.Second), func(ctx context.Context, _ string) { <-ctx.Done() })
			tr.Deadline = 3 * time.Second
		}, "no task ended for 4s: 2 running (0 for 4s, 1 for 4s), 6 not started"},
		{"one that is run again and again", func(tr *harness.Trial) {
			tr.Executor = func() (executor.Executor, error) {
				pool, err := executor.NewPool(2)
				return wrapped{Executor: pool, execute: func(task executor.Task) error {
					return pool.Execute(again{task})
				}}, err
			}
		}, "no task ended for 1m10s: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := trial(record.Virtual)
			tt.spoil(&tr)
			rec, err := harness.Run(t.Context(), tr)
			if rec != nil {
				if err := rec.Validate(); err != nil {
					t.Error(err)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" && rec.Deadlock != "" || !strings.HasPrefix(rec.Deadlock, tt.want) {
				t.Errorf("got %q, want %q", rec.Deadlock, tt.want)
			}
		})
	}
}

// again runs a task until its context is done, which is once too often.
type again struct{ executor.Task }

func (a again) Run(ctx context.Context) {
	for range 1000 {
		a.Task.Run(ctx)
		time.Sleep(time.Second)
	}
}

type hourly int

func (n hourly) Due(seq int) (time.Duration, bool) {
	return time.Duration(seq) * time.Hour, seq < int(n)
}
func (hourly) String() string { return "1/h" }

// TestHung announces a run under the real clock that does not go on, long
// before it is given up, and one that goes on never.
func TestHung(t *testing.T) {
	stuck := wrapped{
		Executor: executor.NewSequential(),
		shutdown: func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) },
	}
	tests := []struct {
		name  string
		spoil func(*harness.Trial)
		want  string // how the announcement begins, "" for none
	}{
		{"a run that goes on", func(*harness.Trial) {}, ""},
		{"a task that hangs", func(tr *harness.Trial) {
			tr.Deadline = 100 * time.Millisecond
			tr.Workload = sleeper(constant(time.Millisecond), until("0"))
		}, "no task has ended for "},
		{"an executor that does not shut down", func(tr *harness.Trial) {
			tr.Deadline = 100 * time.Millisecond
			tr.Executor = func() (executor.Executor, error) { return stuck, nil }
		}, ""}, // the limit is over before there is anything to announce
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := trial(record.Real)
			tt.spoil(&tr)
			said := make(chan string, 10)
			tr.Hung = func(message string) { said <- message }
			if _, err := harness.Run(t.Context(), tr); err != nil {
				t.Fatal(err)
			}
			close(said)
			got := <-said
			if tt.want == "" && got != "" || !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if tt.want != "" && !strings.Contains(got, "1 running (0 for ") {
				t.Errorf("got %q, which does not name the task that hangs", got)
			}
		})
	}
}

// TestSooner: a run under the real clock that is given up by the default limit
// says what has it given up sooner. A run with a deadline does not.
func TestSooner(t *testing.T) {
	const hint = " (sooner with a deadline, such as deadline: 10s)"
	for deadline, want := range map[time.Duration]string{0: hint, time.Minute: ""} {
		synctest.Test(t, func(t *testing.T) {
			tr := trial(record.Real)
			tr.Workload = sleeper(constant(time.Millisecond), until("0"))
			tr.Deadline = deadline
			said := ""
			tr.Hung = func(message string) { said = message }
			rec, err := harness.Run(t.Context(), tr)
			if err != nil {
				t.Fatal(err)
			}
			after := "no task ended for 1m0s" + want + ": "
			if deadline > 0 {
				after = "no task ended for 1m0s: "
			}
			if !strings.HasPrefix(rec.Deadlock, after) || strings.HasSuffix(said, hint) != (want != "") {
				t.Errorf("deadline %v: got %q and %q, want %q", deadline, rec.Deadlock, said, after)
			}
		})
	}
}

// TestEveryWaitEnds plants a wait without an end, or a panic, into each
// function that a trial calls, and wants the rest to be closed all the same.
func TestEveryWaitEnds(t *testing.T) {
	forever := func(done <-chan struct{}) { <-done }
	tests := []struct {
		name   string
		spoil  func(tr *harness.Trial, w *harness.Workload, done <-chan struct{})
		err    string // "" for a recording
		stuck  string // what the recording's deadlock says
		opened int32  // executors that must be shut down
	}{
		{"a panic in Plan", func(_ *harness.Trial, w *harness.Workload, _ <-chan struct{}) {
			w.Plan = func(string, int, int) record.Planned { panic("planted") }
		}, "eight on pool/2: panic: planted", "", 1},
		{"a panic in Truth", func(_ *harness.Trial, w *harness.Workload, _ <-chan struct{}) {
			w.Truth = func(servers.Entry) record.Planned { panic("planted") }
		}, "eight on pool/2: panic: planted", "", 1},
		{"a panic in the pacer", func(tr *harness.Trial, _ *harness.Workload, _ <-chan struct{}) {
			tr.Pacer = panics{}
		}, "eight on pool/2: panic: planted", "", 1},
		{"a panic in Close", func(_ *harness.Trial, w *harness.Workload, _ <-chan struct{}) {
			end := w.Close
			w.Close = func() ([]servers.Entry, error) { _, _ = end(); panic("planted") }
		}, "eight on pool/2: close of the workload: panic: planted", "", 1},
		{"an error of Close", func(_ *harness.Trial, w *harness.Workload, _ <-chan struct{}) {
			end := w.Close
			w.Close = func() ([]servers.Entry, error) { _, _ = end(); return nil, errors.New("planted") }
		}, "eight on pool/2: close of the workload: planted", "", 1},
		{"a Close without an end", func(_ *harness.Trial, w *harness.Workload, done <-chan struct{}) {
			end := w.Close
			w.Close = func() ([]servers.Entry, error) { _, _ = end(); forever(done); return nil, nil }
		}, "", "the workload did not close: no return within 2.001s", 1},
		{"an executor that never opens", func(tr *harness.Trial, _ *harness.Workload, done <-chan struct{}) {
			tr.Executor = func() (executor.Executor, error) { forever(done); return nil, errors.New("late") }
		}, "eight on pool/2: no return within 2s", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			done := make(chan struct{})
			defer close(done)
			tr := trial(record.Real)
			tr.Deadline = 2 * time.Second // in which a busy machine ends some task of a millisecond
			var closed, shut atomic.Int32
			tr.Executor = func() (executor.Executor, error) {
				pool, err := executor.NewPool(2)
				return wrapped{
					Executor: pool,
					shutdown: func(ctx context.Context) error { shut.Add(1); return pool.Shutdown(ctx) },
				}, err
			}
			w, _ := tr.Workload()
			w.Close = func() ([]servers.Entry, error) {
				closed.Add(1)
				return []servers.Entry{{Key: "0", Attempt: 1}},
					nil
			}
			tr.Workload = func() (*harness.Workload, error) { return w, nil }
			tt.spoil(&tr, w, done)
			rec, err := harness.Run(t.Context(), tr)
			if rec != nil {
				if err := rec.Validate(); err != nil {
					t.Error(err)
				}
			}
			switch {
			case tt.err != "" && (err == nil || err.Error() != tt.err):
				t.Errorf("got %v, want %s", err, tt.err)
			case tt.err == "" && (err != nil || rec.Deadlock != tt.stuck):
				t.Errorf("got %+v, %v, want a deadlock: %s", rec, err, tt.stuck)
			}
			if closed.Load() != 1 || shut.Load() != tt.opened {
				t.Errorf("the workload was closed %d times, and executors shut down %d times: want 1 and %d",
					closed.Load(), shut.Load(), tt.opened)
			}
		})
	}
}

type panics struct{}

func (panics) Due(int) (time.Duration, bool) { panic("planted") }
func (panics) String() string                { return "panics" }
