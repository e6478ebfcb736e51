package main

import (
	"context"
	"sync"

	"github.com/teapot-go/teapot/executor"
)

// twice runs some tasks twice.
type twice struct {
	mu      sync.Mutex
	n       int
	running sync.WaitGroup
	slots   chan struct{}
}

func openTwice(workers int) (executor.Executor, error) {
	return &twice{slots: make(chan struct{}, workers)}, nil
}

func (e *twice) Execute(t executor.Task) error {
	e.mu.Lock()
	e.n++
	runs := 1 + e.n%2
	e.mu.Unlock()
	e.slots <- struct{}{}
	e.running.Go(func() {
		defer func() { <-e.slots }()
		for range runs {
			t.Run(context.Background())
		}
	})
	return nil
}

func (e *twice) Shutdown(context.Context) error {
	e.running.Wait()
	return nil
}
