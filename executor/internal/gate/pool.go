package gate

import (
	"context"
	"runtime"
	"time"
)

// A Pool runs tasks on workers that it starts as they are needed.
type Pool struct {
	Gate
	idle    *worker // those without a place, the latest first, so that a crowd shrinks to those that are used
	idlers  int     // how many; never more than limit, as those that a waiting task was replaced by go when it is back
	idleFor time.Duration
}

// A worker is one that is idle.
type worker struct {
	wake chan errand // with room for one: whoever wakes a worker does not wait for it; closed when there is nothing to do
	next *worker
}

// NewPool returns a pool without workers to be: Set says how many.
func NewPool() *Pool {
	p := &Pool{}
	p.init(p)
	return p
}

// Execute is that of an executor.
func (p *Pool) Execute(t Task) error {
	p.mu.Lock()
	if p.shut || p.crowded() {
		defer p.unlock()
		return p.deny(t)
	}
	adopt(t, &p.Gate)
	p.waiting.push(t)
	p.summon()
	p.unlock()
	return nil
}

// ExecuteAll is Execute for a batch, which needs no room: whether tasks count
// is asked before.
func (p *Pool) ExecuteAll(b *Batch) error {
	p.mu.Lock()
	defer p.unlock()
	if p.shut {
		return ErrShutdown
	}
	b.gate = &p.Gate
	p.waiting.push(b)
	p.summon()
	return nil
}

// Counts reports whether there is a bound on how many tasks wait.
func (p *Pool) Counts() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bound > 0
}

// Set takes over settings.
func (p *Pool) Set(s Settings) {
	p.mu.Lock()
	defer p.unlock()
	p.set(s)
	p.idleFor = s.Idle
	p.dismiss() // those that stay begin to wait anew
}

func (p *Pool) begin(e errand) {
	w := p.idle
	if w == nil {
		p.spawn(func() { p.work(e) })
		return
	}
	p.idle = w.next
	p.idlers--
	w.wake <- e
}

// work is a worker's life. It begins with a place.
func (p *Pool) work(e errand) {
	over := false
	defer func() {
		if !over {
			e.task = nothing{}
			go p.work(e) // a task ended this goroutine
		}
	}()
	var self worker
	for placed := true; ; {
		if e.task != nil {
			e.task.Run(p.host)
			if e.owner == nil {
				if t := p.another(); t != nil {
					e.task = t
					continue
				}
			}
		}
		p.mu.Lock()
		switch {
		case e.task != nil:
			if e = (errand{task: p.after(e)}); e.task == nil {
				e.task = p.linger()
			}
		case placed:
			e.task = p.arrive()
		}
		if e.task != nil {
			p.unlock()
			continue
		}
		if p.shut || p.idlers >= p.limit {
			over = true
			p.leave()
			p.unlock()
			return
		}
		if e, placed, over = p.rest(&self); over {
			return
		}
	}
}

// another returns the next task for a worker that keeps its place, or nil if it
// has to ask for one.
func (p *Pool) another() Task {
	if !p.quick.Load() {
		return nil
	}
	t, _ := p.waiting.take()
	if b, many := t.(*Batch); many {
		p.mu.Lock()
		p.open(b)
		p.unlock()
	}
	return t
}

// linger lets other goroutines run before the worker becomes idle: if all that
// was missing is the next task of whoever waits for the last one, neither has
// to wake the other. The caller holds mu.
func (p *Pool) linger() Task {
	if p.shut || p.coming > 0 || !p.free() {
		return nil
	}
	p.coming, p.running = 1, p.running+1
	p.unlock()
	runtime.Gosched()
	p.mu.Lock()
	return p.arrive()
}

// rest waits for an errand. The caller holds mu, which rest lets go.
func (p *Pool) rest(w *worker) (e errand, woken, over bool) {
	if w.wake == nil {
		w.wake = make(chan errand, 1)
	}
	w.next, p.idle = p.idle, w
	p.idlers++
	patience := p.idleFor
	p.unlock()
	if patience == 0 {
		e, woken = <-w.wake
	} else {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case e, woken = <-w.wake:
		case <-timer.C:
			if p.retire(w) {
				return errand{}, false, true
			}
			e, woken = <-w.wake
		}
	}
	if !woken {
		w.wake = nil
	}
	return e, woken, false
}

// retire lets an idle worker go, unless it is being woken.
func (p *Pool) retire(w *worker) bool {
	p.mu.Lock()
	defer p.unlock()
	for at := &p.idle; *at != nil; at = &(*at).next {
		if *at == w {
			*at = w.next
			p.idlers--
			p.leave()
			return true
		}
	}
	return false
}

// dismiss wakes all idle workers for nothing. The caller holds mu.
func (p *Pool) dismiss() {
	for w := p.idle; w != nil; w = w.next {
		close(w.wake)
	}
	p.idle, p.idlers = nil, 0
}

// Shutdown is that of an executor.
func (p *Pool) Shutdown(ctx context.Context) error {
	p.mu.Lock()
	p.close()
	p.dismiss()
	p.unlock()
	return p.wait(ctx)
}
