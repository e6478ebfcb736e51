// Package adapters makes executors of the worker pools of other libraries. It
// is a module of its own, so that no other user of teapot gets those libraries.
//
//	pool, err := ants.NewPool(10)
//	…
//	ex := executor.Queued(adapters.Ants(pool))
//
// Each adapter is thin: it submits tasks to the pool, and refuses them once
// Shutdown was called. Its Execute waits for room if the pool does, and its
// Shutdown waits for all tasks that the pool has, and then closes the pool. The
// adapter owns the pool: the caller must not close it, and must give it no more
// work.
//
// docs/executors.md has the rows of the law that each adapter breaks, with
// [executor.Queued] and without.
package adapters

import (
	"context"
	"fmt"
	"sync"

	"github.com/teapot-go/teapot/executor"
)

// An adapter is a pool as an executor.
type adapter struct {
	submit func(f func()) error // has the pool call f once, or returns an error
	close  func() error         // returns when the pool has called all functions, and closes it

	mu       sync.Mutex
	shut     bool           // Shutdown was called
	inside   sync.WaitGroup // calls of submit; none is added when shut
	shutting sync.Once
	closed   chan struct{} // closed when the pool is
	err      error         // of close; set before closed is closed
}

var _ executor.Executor = (*adapter)(nil)

func adapt(submit func(f func()) error, close func() error) executor.Executor {
	return &adapter{submit: submit, close: close, closed: make(chan struct{})}
}

// Execute implements [executor.Executor].
func (a *adapter) Execute(t executor.Task) error {
	if !a.enter() {
		return executor.ErrShutdown
	}
	defer a.inside.Done()
	return a.submit(func() { t.Run(context.Background()) })
}

// enter counts a call of submit, unless it is too late for one. Most pools
// panic when they get work after they were closed.
func (a *adapter) enter() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.shut {
		a.inside.Add(1)
	}
	return !a.shut
}

// Shutdown implements [executor.Executor]. When ctx is done first, the tasks
// that the pool has go on: no pool can give them back.
func (a *adapter) Shutdown(ctx context.Context) error {
	a.mu.Lock()
	a.shut = true
	a.mu.Unlock()
	a.shutting.Do(func() { go a.end() })
	select {
	case <-a.closed:
		return a.err
	default:
	}
	select {
	case <-a.closed:
		return a.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// end closes the pool, once.
func (a *adapter) end() {
	defer close(a.closed)
	defer func() {
		if v := recover(); v != nil { // conc passes on what a task has panicked with
			a.err = fmt.Errorf("the pool panicked: %v", v)
		}
	}()
	a.inside.Wait()
	a.err = a.close()
}
