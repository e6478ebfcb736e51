package harness_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/record"
)

// TestLeftoversOfEarlierRun has a task of a run that is given up go on during a
// later run, and leave something open then. The later run is not accused.
func TestLeftoversOfEarlierRun(t *testing.T) {
	const byEither = ", by this run or by an earlier one that was given up: run it alone"
	both := []record.Clock{record.Virtual, record.Real}
	for _, tt := range []struct {
		name  string
		after []record.Clock
		leave func(t *testing.T, end <-chan struct{})
		doubt string
	}{
		{"files", both, func(t *testing.T, _ <-chan struct{}) {
			for range 5 {
				f, err := os.Open(os.DevNull)
				if err != nil {
					t.Error(err)
				}
				t.Cleanup(func() { _ = f.Close() })
			}
		}, "5 file descriptors left open (5 × /dev/null)" + byEither},
		{"a child process", both[:1], func(t *testing.T, _ <-chan struct{}) {
			cmd := exec.Command("cat")
			in, err := cmd.StdinPipe()
			if err == nil {
				err = cmd.Start()
			}
			if err != nil {
				t.Error(err)
			}
			t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
		}, "1 child process left (1 × cat)" + byEither},
		{"a goroutine", both, func(_ *testing.T, end <-chan struct{}) {
			go func() { <-end }()
		}, ""},
		{"nothing", both[:1], func(*testing.T, <-chan struct{}) {}, ""},
	} {
		for _, clock := range tt.after {
			t.Run(tt.name+" after the "+string(clock)+" clock", func(t *testing.T) {
				hold, done, end := make(chan struct{}), make(chan struct{}), make(chan struct{})
				defer close(end)
				first := trial(clock)
				first.Stall, first.Deadline = 100*time.Millisecond, 100*time.Millisecond
				first.Grace, first.Workers = 50*time.Millisecond, 1
				first.Executor = func() (executor.Executor, error) { return executor.NewPool(1) }
				first.Workload = sleeper(constant(time.Millisecond), func(context.Context, string) {
					<-hold
					tt.leave(t, end)
					close(done)
				})
				if rec, _ := caught(t, first); rec.Limit == "" && rec.Deadlock == "" {
					t.Fatal("the first run was not given up")
				}
				later := trial(record.Real)
				later.Grace = 50 * time.Millisecond
				later.Workload = sleeper(constant(time.Millisecond), func(_ context.Context, key string) {
					if key == "0" {
						close(hold)
						<-done
					}
				})
				rec, got := caught(t, later)
				if got != "" {
					t.Errorf("the later run is accused: %s", got)
				}
				doubt := strings.Join(rec.MaybeHeld, "; ")
				if !strings.Contains(doubt, tt.doubt) || (tt.doubt == "") != (doubt == "") {
					t.Errorf("the doubt is %q, want %q", doubt, tt.doubt)
				}
			})
		}
	}
}

// TestLeaksBesideLeftovers has goroutines of an earlier run that only wait:
// what a later run leaves is its own.
func TestLeaksBesideLeftovers(t *testing.T) {
	hold := make(chan struct{})
	defer close(hold)
	first := trial(record.Real)
	first.Deadline = 100 * time.Millisecond
	first.Workload = sleeper(constant(time.Millisecond), func(context.Context, string) { <-hold })
	if rec, _ := caught(t, first); rec.Deadlock == "" {
		t.Fatal("the first run was not given up")
	}
	later := trial(record.Real)
	later.Grace = 50 * time.Millisecond
	later.Workload = sleeper(constant(time.Millisecond), func(context.Context, string) {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Error(err)
		}
		t.Cleanup(func() { _ = f.Close() })
	})
	if _, got := caught(t, later); got != "leaks" {
		t.Errorf("caught by %q, want leaks", got)
	}
}
