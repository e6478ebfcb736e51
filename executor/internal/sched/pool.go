package sched

import (
	"context"
	"runtime"
	"time"
)

// A Pool runs tasks on workers, which it starts as they are needed.
type Pool struct {
	Scheduler
	idle        *worker // a list, the latest first, so that those that are not needed end
	idleCount   int     // at most limit: a worker that stood in for a waiting task ends when that is back
	idleTimeout time.Duration
}

// A worker is one that is idle. It has no slot.
type worker struct {
	wake chan assignment // with room for one, so that waking never waits; closed when there is nothing to do
	next *worker
}

// NewPool returns a pool without a limit. Set gives it one.
func NewPool() *Pool {
	p := &Pool{}
	p.init(p)
	return p
}

// Execute runs t once, or returns an error and never runs it.
func (p *Pool) Execute(t Task) error {
	p.mu.Lock()
	if p.shut || p.full() {
		defer p.unlock()
		return p.executeFull(t)
	}
	setScheduler(t, &p.Scheduler)
	p.queue.Push(t)
	p.wakeOne()
	p.unlock()
	return nil
}

// ExecuteBatch is Execute for a batch. It ignores the limit of the queue: see
// [Pool.Bounded].
func (p *Pool) ExecuteBatch(b *Batch) error {
	p.mu.Lock()
	defer p.unlock()
	if p.shut {
		return ErrShutdown
	}
	b.scheduler = &p.Scheduler
	p.queue.Push(b)
	p.wakeOne()
	return nil
}

// Bounded reports whether there is a limit of queued tasks.
func (p *Pool) Bounded() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queueLimit > 0
}

// Set replaces the settings.
func (p *Pool) Set(s Settings) {
	p.mu.Lock()
	defer p.unlock()
	p.set(s)
	p.idleTimeout = s.Idle
	p.wakeIdle() // to wait again, with the new timeout
}

func (p *Pool) start(a assignment) {
	w := p.idle
	if w == nil {
		p.spawn(func() { p.work(a) })
		return
	}
	p.idle = w.next
	p.idleCount--
	w.wake <- a
}

// work is the main loop of a worker. It begins with a slot.
func (p *Pool) work(a assignment) {
	returned := false
	defer func() {
		if !returned {
			a.task = noTask{}
			go p.work(a) // a task has ended this goroutine
		}
	}()
	var self worker
	for hasSlot := true; ; {
		if a.task != nil {
			a.task.Run(p.ctx)
			if a.lender == nil {
				if t := p.nextFast(); t != nil {
					a.task = t
					continue
				}
			}
		} else if hasSlot {
			p.stop()
		}
		p.mu.Lock()
		switch {
		case a.task != nil:
			if a = (assignment{task: p.nextAfter(a)}); a.task == nil {
				a.task = p.yield()
			}
		case hasSlot:
			a.task = p.nextWoken()
		}
		if a.task != nil {
			p.unlock()
			continue
		}
		if p.shut || p.idleCount >= p.limit {
			returned = true
			p.removeGoroutine()
			p.unlock()
			return
		}
		if a, hasSlot, returned = p.waitIdle(&self); returned {
			return
		}
	}
}

// nextFast returns the next task for a worker that may keep its slot. It
// returns nil if the worker must call next.
func (p *Pool) nextFast() Task {
	if !p.fast.Load() {
		return nil
	}
	t, _ := p.queue.Take()
	if b, ok := t.(*Batch); ok {
		p.mu.Lock()
		p.share(b)
		p.unlock()
	}
	return t
}

// yield lets other goroutines run before the worker becomes idle. If one of
// them has waited for the last task and submits the next one at once, then
// neither has to wake the other. The caller holds mu.
func (p *Pool) yield() Task {
	if p.shut || p.waking > 0 || !p.hasFreeSlot() {
		return nil
	}
	p.waking, p.running = 1, p.running+1
	p.unlock()
	runtime.Gosched()
	p.mu.Lock()
	return p.nextWoken()
}

// waitIdle waits for an assignment, and reports whether it has got one. It
// reports timedOut when the worker must end. The caller holds mu, which
// waitIdle releases.
func (p *Pool) waitIdle(w *worker) (a assignment, ok, timedOut bool) {
	if w.wake == nil {
		w.wake = make(chan assignment, 1)
	}
	w.next, p.idle = p.idle, w
	p.idleCount++
	timeout := p.idleTimeout
	p.unlock()
	if timeout == 0 {
		a, ok = <-w.wake
	} else {
		timer := time.NewTimer(timeout)
		defer timer.Stop()
		select {
		case a, ok = <-w.wake:
		case <-timer.C:
			if p.retire(w) {
				return assignment{}, false, true
			}
			a, ok = <-w.wake
		}
	}
	if !ok {
		w.wake = nil
	}
	return a, ok, false
}

// retire removes an idle worker, or reports false if it is being woken.
func (p *Pool) retire(w *worker) bool {
	p.mu.Lock()
	defer p.unlock()
	for at := &p.idle; *at != nil; at = &(*at).next {
		if *at == w {
			*at = w.next
			p.idleCount--
			p.removeGoroutine()
			return true
		}
	}
	return false
}

// wakeIdle wakes all idle workers without an assignment. The caller holds mu.
func (p *Pool) wakeIdle() {
	for w := p.idle; w != nil; w = w.next {
		close(w.wake)
	}
	p.idle, p.idleCount = nil, 0
}

// Shutdown refuses tasks from now on, ends idle workers, and waits until the
// accepted tasks have run. When ctx is done first, it cancels those that have
// not started.
func (p *Pool) Shutdown(ctx context.Context) error {
	p.mu.Lock()
	p.close()
	p.wakeIdle()
	p.unlock()
	return p.wait(ctx)
}
