package executor_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/teapot-go/teapot/executor"
)

// methods is an executor of two functions.
type methods struct {
	execute  func(executor.Task) error
	shutdown func(context.Context) error
}

func (m methods) Execute(t executor.Task) error {
	return m.execute(t)
}

func (m methods) Shutdown(ctx context.Context) error {
	if m.shutdown == nil {
		return nil
	}
	return m.shutdown(ctx)
}

// inGoroutine runs one task after another, each in a goroutine, and waits in
// Execute until the one before has ended.
func inGoroutine() (execute func(executor.Task) error) {
	free := make(chan struct{}, 1)
	return func(t executor.Task) error {
		free <- struct{}{}
		go func() {
			defer func() { <-free }()
			t.Run(context.Background())
		}()
		return nil
	}
}

func TestQueuedOwnErrors(t *testing.T) {
	own := errors.New("out of memory")
	for name, refuse := range map[string]func(executor.Task) error{
		"refused":             func(executor.Task) error { return own },
		"refused with a run":  func(t executor.Task) error { go t.Run(context.Background()); return own },
		"a panic":             func(executor.Task) error { panic("out of memory") },
		"an end of goroutine": func(executor.Task) error { runtime.Goexit(); return nil },
	} {
		synctest.Test(t, func(t *testing.T) {
			execute := inGoroutine()
			n := 0
			ex := executor.Queued(methods{execute: func(t executor.Task) error {
				if n++; n == 2 {
					return refuse(t)
				}
				return execute(t)
			}})
			var ran atomic.Int32
			var fs []*executor.Future[int32]
			for range 4 {
				fs = append(fs, executor.Submit(t.Context(), ex, func(context.Context) (int32, error) {
					return ran.Add(1), nil
				}))
			}
			synctest.Wait()
			var lost []error
			for _, f := range fs {
				if _, err := f.Result(done(t)); err != nil {
					lost = append(lost, err)
				}
			}
			if len(lost) > 1 || int(ran.Load())+len(lost) != 4 {
				t.Errorf("%s: %d of 4 tasks ran, and %v", name, ran.Load(), lost)
			}
			for _, err := range lost {
				if !errors.Is(err, executor.ErrCancelled) || name == "refused" && !errors.Is(err, own) {
					t.Errorf("%s: got %v, want a cancelled task, with the executor's own error", name, err)
				}
			}
			if err := ex.Shutdown(t.Context()); err != nil {
				t.Errorf("%s: Shutdown: %v", name, err)
			}
		})
	}
}

// done returns a context that is done.
func done(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// A permit that is run again runs no task again, and one that comes late finds
// nothing to run.
func TestQueuedRunsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept []executor.Task
		execute := inGoroutine()
		ex := executor.Queued(methods{execute: func(t executor.Task) error {
			kept = append(kept, t)
			return execute(t)
		}})
		var order []int
		for i := range 10 {
			ex.Execute(run(func(context.Context) { order = append(order, i) }))
		}
		synctest.Wait()
		hold := make(chan struct{})
		for range 2 {
			ex.Execute(run(func(context.Context) { <-hold }))
		}
		synctest.Wait()
		for _, t := range kept[:10] {
			t.Run(context.Background()) // would wait for hold
		}
		close(hold)
		if want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}; !slices.Equal(order, want) {
			t.Errorf("got the runs %v, want %v", order, want)
		}
	})
}

type run func(context.Context)

func (r run) Run(ctx context.Context) { r(ctx) }

// The inner executor hears of Shutdown once, with no call of Execute at the
// same time or later, and when all tasks have run.
func TestQueuedShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inside, shut, ran atomic.Int32
		own := errors.New("a file was not closed")
		execute := inGoroutine()
		ex := executor.Queued(methods{
			func(t executor.Task) error {
				inside.Add(1)
				defer inside.Add(-1)
				if shut.Load() > 0 {
					panic("Execute after Shutdown")
				}
				return execute(t)
			},
			func(ctx context.Context) error {
				if n := shut.Add(1); n > 1 || inside.Load() > 0 || ran.Load() != 1 || ctx.Err() != nil {
					t.Errorf("call %d of Shutdown, while %d of Execute, after %d tasks, with a context that is %v",
						n, inside.Load(), ran.Load(), ctx.Err())
				}
				return own
			},
		})
		hold := make(chan struct{})
		var givenUp atomic.Int32
		for range 5 {
			ex.Execute(run(func(ctx context.Context) {
				if ctx.Err() != nil {
					givenUp.Add(1)
					return
				}
				<-hold
				ran.Add(1)
			}))
		}
		synctest.Wait()
		if err := ex.Shutdown(done(t)); !errors.Is(err, context.Canceled) || givenUp.Load() != 4 {
			t.Errorf("Shutdown with a done context: got %v and %d tasks given up, want 4", err, givenUp.Load())
		}
		if err := ex.Execute(run(func(context.Context) {})); !errors.Is(err, executor.ErrShutdown) {
			t.Errorf("Execute after Shutdown: got %v", err)
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if err := ex.Shutdown(t.Context()); err != own {
					t.Errorf("Shutdown: got %v, want the inner executor's error", err)
				}
			})
		}
		synctest.Wait()
		close(hold)
		all.Wait()
	})
}

// The inner executor is not shut down while a task runs, though it has room.
func TestQueuedShutdownWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shut atomic.Bool
		ex := executor.Queued(methods{inGoroutine(), func(context.Context) error { shut.Store(true); return nil }})
		hold := make(chan struct{})
		ex.Execute(run(func(context.Context) { <-hold }))
		synctest.Wait()
		stopped := make(chan error, 1)
		go func() { stopped <- ex.Shutdown(t.Context()) }()
		synctest.Wait()
		if shut.Load() || len(stopped) > 0 {
			t.Error("the executor was shut down while a task ran")
		}
		close(hold)
		if err := <-stopped; err != nil || !shut.Load() {
			t.Errorf("got %v, and the inner executor shut down: %v", err, shut.Load())
		}
	})
}

// The inner executor is not shut down while it is asked to take a task, though
// that task was given up.
func TestQueuedShutdownInExecute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inside, shut atomic.Bool
		room := make(chan struct{})
		ex := executor.Queued(methods{
			func(executor.Task) error {
				inside.Store(true)
				defer inside.Store(false)
				<-room
				return nil
			},
			func(context.Context) error {
				shut.Store(true)
				if inside.Load() {
					t.Error("Shutdown was called during Execute")
				}
				return nil
			},
		})
		ex.Execute(run(func(context.Context) {}))
		synctest.Wait()
		if err := ex.Shutdown(done(t)); !errors.Is(err, context.Canceled) {
			t.Errorf("Shutdown with a done context: got %v", err)
		}
		synctest.Wait()
		close(room)
		if err := ex.Shutdown(t.Context()); err != nil || !shut.Load() {
			t.Errorf("got %v, and the inner executor shut down: %v", err, shut.Load())
		}
	})
}

// Many goroutines submit while Shutdown gives up: each task runs exactly once
// or is refused, and no goroutine is left, for which the bubble looks.
func TestQueuedRace(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			var ran, accepted atomic.Int32
			ex := executor.Queued(methods{execute: inGoroutine()})
			var all sync.WaitGroup
			for i := range 4 {
				all.Go(func() {
					for range 100 * (i + 1) {
						if ex.Execute(run(func(context.Context) { ran.Add(1) })) == nil {
							accepted.Add(1)
						}
					}
				})
			}
			ex.Shutdown(done(t))
			all.Wait()
			if err := ex.Shutdown(t.Context()); err != nil || ran.Load() != accepted.Load() {
				t.Errorf("%d of %d accepted tasks ran: %v", ran.Load(), accepted.Load(), err)
			}
		})
	}
}

// A task may shut down its own executor, and a panic of the inner executor is
// an error of Shutdown.
func TestQueuedShutdownInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := executor.Queued(methods{inGoroutine(), func(context.Context) error { panic("closed twice") }})
		stopped := make(chan error, 1)
		ex.Execute(run(func(context.Context) { stopped <- ex.Shutdown(done(t)) }))
		if err := <-stopped; !errors.Is(err, context.Canceled) {
			t.Errorf("Shutdown in a task: got %v", err)
		}
		if err := ex.Shutdown(t.Context()); err == nil {
			t.Error("Shutdown of an executor that panics: got no error")
		}
	})
}
