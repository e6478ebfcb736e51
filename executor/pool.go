package executor

import (
	"context"
	"fmt"
	"runtime"
	"sync"
)

// pool runs tasks on workers that it starts as they are needed. Its active goroutines are the workers, idle ones too.
type pool struct {
	gate
	limit int
	idle  int       // workers that wait on wake and that nobody has signalled
	wake  sync.Cond // a task waits, or the gate is shut
}

var _ Executor = (*pool)(nil)

// NewPool returns an executor with at most that many workers. 0 means [DefaultWorkers]; a negative number is an
// error. Tasks start in the order of submission. Execute never blocks and the queue has no bound.
//
// A worker starts when a task finds none idle, and lives until Shutdown. One that a task ends with [runtime.Goexit] is replaced.
func NewPool(workers int) (Executor, error) {
	if workers < 0 {
		return nil, fmt.Errorf("executor: a pool needs at least 1 worker, or 0 for the default, not %d", workers)
	}
	if workers == 0 {
		workers = DefaultWorkers()
	}
	p := &pool{limit: workers}
	p.init()
	p.wake.L = &p.mu
	return p, nil
}

// DefaultWorkers is how many workers a pool has unless it is told: min(32, [runtime.GOMAXPROCS] + 4).
func DefaultWorkers() int { return min(32, runtime.GOMAXPROCS(0)+4) }

// Execute implements [Executor].
func (p *pool) Execute(t Task) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shut {
		return ErrShutdown
	}
	p.waiting.push(t)
	switch {
	case p.idle > 0:
		p.idle-- // here, not by the worker: until it runs, the next caller must not count on it as well
		p.wake.Signal()
	case p.active < p.limit:
		p.active++
		go p.work()
	}
	return nil
}

// work is a worker's life.
func (p *pool) work() {
	over := false
	defer func() {
		if !over {
			go p.work() // a task ended this goroutine
		}
	}()
	p.mu.Lock()
	for {
		for p.waiting.size == 0 {
			if p.shut {
				p.leave()
				over = true
				p.mu.Unlock()
				return
			}
			p.idle++
			p.wake.Wait()
		}
		t := p.waiting.pop()
		p.mu.Unlock()
		t.Run(context.Background())
		p.mu.Lock()
	}
}

// Shutdown implements [Executor].
func (p *pool) Shutdown(ctx context.Context) error {
	p.mu.Lock()
	p.close()
	p.idle = 0
	p.wake.Broadcast()
	p.mu.Unlock()
	return p.wait(ctx)
}
