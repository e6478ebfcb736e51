package executor

import (
	"context"
	"sync"
)

// A gate is what the executors here have in common: it admits tasks until it is shut, keeps those that wait, and knows when the
// last one has run.
type gate struct {
	mu      sync.Mutex
	waiting queue[Task]
	active  int           // goroutines that run tasks; while tasks wait there is at least one
	shut    bool          // no task is admitted, and active does not grow any more
	empty   chan struct{} // closed when the gate is shut and active is 0
}

func (g *gate) init() { g.empty = make(chan struct{}) }

// leave takes a goroutine that found nothing to run out of the count. The caller holds mu.
func (g *gate) leave() {
	g.active--
	if g.shut && g.active == 0 {
		close(g.empty)
	}
}

// close shuts the gate. The caller holds mu.
func (g *gate) close() {
	if g.shut {
		return
	}
	g.shut = true
	if g.active == 0 {
		close(g.empty)
	}
}

// Shutdown implements [Executor].
func (g *gate) Shutdown(ctx context.Context) error {
	g.mu.Lock()
	g.close()
	g.mu.Unlock()
	return g.wait(ctx)
}

// wait returns when the last task has run and its goroutine is done. When ctx is done first, the waiting tasks are run
// with it here, which cancels them.
func (g *gate) wait(ctx context.Context) error {
	select {
	case <-g.empty:
		return nil
	default:
	}
	select {
	case <-g.empty:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	given := make([]Task, 0, g.waiting.size)
	for g.waiting.size > 0 {
		given = append(given, g.waiting.pop())
	}
	g.mu.Unlock()
	each(given, func(t Task) { t.Run(ctx) })
	return context.Cause(ctx)
}
