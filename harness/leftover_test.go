package harness_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
)

// TestGivenUpBeginsNothing has one worker wait for a channel until the run is
// given up, and then lets it go on: the tasks behind must not begin.
func TestGivenUpBeginsNothing(t *testing.T) {
	for _, tt := range []struct {
		clock   record.Clock
		defined bool
	}{{record.Virtual, false}, {record.Virtual, true}, {record.Real, false}} {
		var begun atomic.Int32
		hold, free := make(chan struct{}), make(chan struct{})
		ended := make(chan struct{})
		do := func(context.Context, string, int) record.Seen {
			begun.Add(1)
			<-hold
			close(free)
			return record.Seen{Class: record.OK}
		}
		tr := trial(tt.clock)
		tr.Stall, tr.Deadline, tr.Grace = 100*time.Millisecond, 100*time.Millisecond, 50*time.Millisecond
		tr.Workers = 1
		tr.Executor = func() (executor.Executor, error) {
			ex, err := executor.NewPool(1)
			return wrapped{Executor: ex, shutdown: func(ctx context.Context) error {
				defer close(ended)
				return ex.Shutdown(context.WithoutCancel(ctx))
			}}, err
		}
		tr.Workload = func() (*harness.Workload, error) {
			w, err := sleeper(constant(time.Millisecond), nil)()
			if w.Do = do; tt.defined {
				w.Defined = waitsAlone
				waiting.Store(do)
			}
			return w, err
		}
		if rec, _ := caught(t, tr); rec.Limit == "" && rec.Deadlock == "" {
			t.Fatal("the run was not given up")
		}
		close(hold)
		<-free
		if tt.clock == record.Virtual {
			<-ended
		}
		if n := begun.Load(); n != 1 {
			t.Errorf("%s clock, defined %v: %d tasks began, want 1", tt.clock, tt.defined, n)
		}
	}
}

var (
	waiting    atomic.Value
	waitsAlone = harness.Define("leftover-waits", func(ctx context.Context, key string, attempt int) record.Seen {
		return waiting.Load().(func(context.Context, string, int) record.Seen)(ctx, key, attempt)
	})
)
