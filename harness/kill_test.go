package harness_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/record"
)

// A deaf executor ends its goroutines, its tasks and its Shutdown only when it
// is killed, as one with a stopped child process does.
type deaf struct {
	once   sync.Once
	killed chan struct{}
	dead   atomic.Bool
}

var _ executor.Executor = (*deaf)(nil)

func (d *deaf) Execute(t executor.Task) error {
	go func() {
		<-d.killed
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		t.Run(ctx)
	}()
	return nil
}

func (d *deaf) Shutdown(ctx context.Context) error {
	select {
	case <-d.killed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *deaf) Kill() { d.once.Do(func() { d.dead.Store(true); close(d.killed) }) }

// TestKill has a run that is given up kill an executor that does not shut down,
// so that nothing outlives the run.
func TestKill(t *testing.T) {
	trial := trial(record.Virtual)
	var made *deaf
	trial.Executor = func() (executor.Executor, error) {
		made = &deaf{killed: make(chan struct{})}
		return made, nil
	}
	rec, _ := caught(t, trial)
	if rec.Deadlock == "" || len(rec.Leaks) > 0 {
		t.Errorf("deadlock %q and leaks %q, want a deadlock and no leaks", rec.Deadlock, rec.Leaks)
	}
	if !made.dead.Load() {
		t.Error("the executor was not killed")
	}
}
