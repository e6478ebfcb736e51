package executortest_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
)

// slots is the executor that users write first: a semaphore, and a goroutine
// for each task. Its Execute waits for a slot, and its Shutdown ignores the
// context. It counts on never being called after Shutdown.
type slots struct {
	free    chan struct{}
	running sync.WaitGroup
}

func openSlots(workers int) (executor.Executor, error) {
	if workers < 0 {
		return nil, errors.New("a negative number of workers")
	}
	if workers == 0 {
		workers = executor.DefaultWorkers()
	}
	return &slots{free: make(chan struct{}, workers)}, nil
}

func (s *slots) Execute(t executor.Task) error {
	s.free <- struct{}{}
	s.running.Go(func() {
		defer func() { <-s.free }()
		t.Run(context.Background())
	})
	return nil
}

func (s *slots) Shutdown(context.Context) error {
	close(s.free) // panics in a second call
	s.running.Wait()
	return nil
}

// bounded is a pool whose Execute waits when one task is queued.
func bounded(workers int) (executor.Executor, error) {
	ex, err := executor.NewPool(workers)
	if err != nil {
		return nil, err
	}
	return ex, executor.Tune(ex, executor.Settings{Workers: workers, Queue: 1})
}

// queued puts a queue in front of what is opened.
func queued(open executortest.Open) executortest.Open {
	return func(workers int) (executor.Executor, error) {
		ex, err := open(workers)
		if err != nil {
			return nil, err
		}
		return executor.Queued(ex), nil
	}
}

// inner are executors to be queued, each with the rows that even then it cannot
// have.
var inner = []struct {
	name   string
	open   executortest.Open
	except executortest.Except
}{
	{"slots", openSlots, executortest.Except{
		26: "a goroutine for each task",
		85: "only package executor's own lend the place of a task that waits",
	}},
	{"bounded", bounded, nil},
	{"pool", executor.NewPool, nil},
}

func TestQueued(t *testing.T) {
	settings := executortest.TwoMethods()
	delete(settings, 85)
	for _, in := range inner {
		t.Run(in.name, func(t *testing.T) { executortest.Run(t, queued(in.open), settings, in.except) })
		t.Run(in.name+" in a bubble", func(t *testing.T) {
			runInBubbles(t, queued(in.open), settings, in.except)
		})
	}
}
