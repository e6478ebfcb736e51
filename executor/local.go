package executor

import (
	"context"
	"fmt"
	"runtime"

	"github.com/teapot-go/teapot/executor/internal/sched"
)

// A local is an executor of this package: a scheduler, which knows tasks by the
// type that package sched has for them.
type local struct {
	kind string // in errors
	scheduler
}

type scheduler interface {
	Execute(t sched.Task) error
	Shutdown(ctx context.Context) error
}

var _ Executor = (*local)(nil)

// NewSequential returns an executor that runs tasks one after another in the
// order of submission.
//
// Execute, and so Submit, returns when the task has run, and with it the tasks
// that were submitted while it ran. If a task is running already, of this
// goroutine or another one, Execute puts the new task in the queue and returns.
// Tasks run in their own goroutine, so that one which panics or calls
// [runtime.Goexit] does not harm its caller.
func NewSequential() Executor { return &local{"sequential", sched.NewSequential()} }

// NewPool returns an executor that runs at most that many tasks at once. 0
// means [DefaultWorkers]; a negative number is an error. Tasks start in the
// order of submission. Execute never blocks and the queue has no limit, unless
// [Tune] sets one.
//
// A worker starts when a task finds none idle, and lives until Shutdown. If a
// task ends its worker with [runtime.Goexit], another worker takes over, as
// it does while a task waits.
func NewPool(workers int) (Executor, error) {
	return tuned(&local{"pool", sched.NewPool()}, workers)
}

// DefaultWorkers returns the number of workers of a pool that is not given one:
// min(32, [runtime.GOMAXPROCS] + 4).
func DefaultWorkers() int { return min(32, runtime.GOMAXPROCS(0)+4) }

// NewAsync returns an executor that starts a goroutine for each task, and never
// runs more than limit tasks at once. The others wait, and start first in,
// first out. 0 means no limit; a negative limit is an error. Execute never
// blocks and the queue has no limit, unless [Tune] sets one.
func NewAsync(limit int) (Executor, error) {
	return tuned(&local{"async", sched.NewAsync()}, limit)
}

func tuned(l *local, workers int) (Executor, error) {
	if err := l.Tune(Settings{Workers: workers}); err != nil {
		return nil, err
	}
	return l, nil
}

// Execute implements [Executor].
func (l *local) Execute(t Task) error { return l.scheduler.Execute(t) }

// Tune is called by the function [Tune].
func (l *local) Tune(s Settings) error {
	tunable, ok := l.scheduler.(interface{ Set(s sched.Settings) })
	if !ok {
		return fmt.Errorf("executor: %s has no settings", l.kind)
	}
	if err := s.check(l.kind); err != nil {
		return err
	}
	if s.Workers == 0 && l.pool() != nil {
		s.Workers = DefaultWorkers()
	}
	tunable.Set(sched.Settings{
		Limit: s.Workers, Queue: s.Queue, Full: sched.Full(s.Full), Idle: s.Idle, Name: s.Name,
	})
	return nil
}

// SetYield is called by the harness: the executor's goroutines call yield where
// the order in which they go on is open.
func (l *local) SetYield(yield func()) {
	if s, ok := l.scheduler.(interface{ SetYield(func()) }); ok {
		s.SetYield(yield)
	}
}

// pool returns the executor as a pool, or nil.
func (l *local) pool() *sched.Pool {
	p, _ := l.scheduler.(*sched.Pool)
	return p
}

// poolOf returns the pool that ex is, or nil.
func poolOf(ex Executor) *sched.Pool {
	if l, ok := ex.(*local); ok {
		return l.pool()
	}
	return nil
}
