package cluster_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
)

// A context ends a task in each of the states that it can be in.
func TestCancel(t *testing.T) {
	left := errors.New("the caller left")
	for _, tt := range []struct {
		name string
		// prepare brings the task to the state, in a world with one slot
		prepare func(w *world, submit func() *executor.Future[int]) *executor.Future[int]
		starts  int
		kind    error // nil if its result wins
	}{
		{"in the queue", func(w *world, submit func() *executor.Future[int]) *executor.Future[int] {
			waits.Submit(w.life, w.ex, 0)
			return submit()
		}, 0, executor.ErrCancelled},
		{"sent, and not with a worker", func(w *world, submit func() *executor.Future[int]) *executor.Future[int] {
			w.workers[0].kill()
			time.Sleep(time.Millisecond)
			return submit()
		}, 0, executor.ErrCancelled},
		{"running", func(w *world, submit func() *executor.Future[int]) *executor.Future[int] {
			return submit()
		}, 1, nil},
		{"with a result on its way", func(w *world, submit func() *executor.Future[int]) *executor.Future[int] {
			f := submit()
			time.Sleep(9 * time.Second)
			w.own.cutFor(0, 2*time.Second)
			time.Sleep(1500 * time.Millisecond)
			return f
		}, 1, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var r starts
				task := executor.Define("task", func(ctx context.Context, n int) (int, error) {
					r.add(n)
					select {
					case <-time.After(10 * time.Second):
						return n, nil
					case <-ctx.Done():
						return n, context.Cause(ctx)
					}
				})
				all := []executor.Definition{task, waits}
				w := newWorld(t, cluster.Config{})
				w.work(1, all)
				w.join(1)
				ctx, leave := context.WithCancelCause(within(t))
				f := tt.prepare(w, func() *executor.Future[int] {
					f := task.Submit(ctx, w.ex, 7)
					time.Sleep(time.Second)
					return f
				})
				leave(left)
				time.Sleep(time.Second)
				w.work(1, all)
				time.Sleep(time.Minute)
				w.leave()
				_, err := f.Result(within(t))
				ends := tt.kind == nil && (err == nil || err.Error() == left.Error()) ||
					tt.kind != nil && errors.Is(err, tt.kind)
				if !ends || r.of(7) != tt.starts {
					t.Errorf("it started %d times and ended with %v, want %d and %v", r.of(7), err, tt.starts, tt.kind)
				}
				if tt.name == "with a result on its way" && err != nil {
					t.Errorf("got %v, want the result", err)
				}
			})
		})
	}
}

// A deadline holds on the worker.
func TestDeadline(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ex := start(t, cluster.Config{Workers: 1})
		ctx, cancel := context.WithTimeout(within(t), 3*time.Second)
		defer cancel()
		began := time.Now()
		if _, err := waits.Submit(ctx, ex, 0).Result(within(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("it took %v, want 3s", took)
		}
	})
}
