package executortest

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/teapot-go/teapot/executor"
)

// StandInHere makes an executor that runs only defined tasks, but can run them
// in this process, fit for the checks of [Checks], which submit closures: a
// defined task runs the closure whose number it gets. In contrast to
// [StandIn] it needs no other process, and so runs under the virtual clock too.
func StandInHere(open Open) Open {
	return func(workers int) (executor.Executor, error) {
		ex, err := open(workers)
		if err != nil {
			return nil, err
		}
		return &standInHere{ex}, nil
	}
}

type standInHere struct{ ex executor.Executor }

var _ executor.Executor = (*standInHere)(nil)

// The closures that have not started, by their numbers, which are unique in the
// process.
var (
	closures    sync.Map
	lastClosure atomic.Int64
)

// procHere runs a closure.
var procHere = executor.Define("executortest.here", func(_ context.Context, id int64) (struct{}, error) {
	if t, ok := closures.LoadAndDelete(id); ok {
		t.(executor.Task).Run(context.Background())
	}
	return struct{}{}, nil
})

// Execute implements [executor.Executor].
func (s *standInHere) Execute(t executor.Task) error {
	id := lastClosure.Add(1)
	closures.Store(id, t)
	r := &refusal{Executor: s.ex}
	f := procHere.Submit(context.Background(), r, id)
	if r.err != nil {
		closures.Delete(id)
		return r.err
	}
	f.OnDone(func(f *executor.Future[struct{}]) {
		if t, ok := closures.LoadAndDelete(id); ok { // given up
			_, err := f.Result(context.Background())
			ctx, cancel := context.WithCancelCause(context.Background())
			cancel(err)
			t.(executor.Task).Run(ctx)
		}
	})
	return nil
}

// Shutdown implements [executor.Executor].
func (s *standInHere) Shutdown(ctx context.Context) error { return s.ex.Shutdown(ctx) }

// A refusal remembers what an executor said to one task.
type refusal struct {
	executor.Executor
	err error
}

func (r *refusal) Execute(t executor.Task) error {
	r.err = r.Executor.Execute(t)
	return r.err
}
