package gate

import (
	"context"
	"errors"
	"runtime/pprof"
	"time"
)

// Settings are what can be changed while tasks run.
type Settings struct {
	Limit int // of tasks that run at once; 0 for none
	Queue int // how many tasks may wait for a place; 0 for any number
	Full  Full
	Idle  time.Duration // how long a worker of a pool waits for a task before it ends; 0 for no end
	Name  string        // a label of the goroutines, or ""
}

// Full says what Execute does with a task for which there is no room in the
// queue.
type Full int

// The zero value waits for room, Reject refuses the task, Caller makes the
// caller wait while it runs.
const (
	Block Full = iota
	Reject
	Caller
)

// ErrFull is the refusal of a gate whose queue is full.
var ErrFull = errors.New("executor: queue full")

// set takes over all settings that a gate has itself. The caller holds mu.
func (g *Gate) set(s Settings) {
	g.limit, g.bound, g.full = s.Limit, s.Queue, s.Full
	g.labels = nil
	if s.Name != "" {
		g.labels = pprof.WithLabels(context.Background(), pprof.Labels("executor", s.Name))
	}
	for g.free() {
		a := pick(&g.returning)
		if a == nil {
			break
		}
		g.running++
		close(a.granted)
	}
	g.admit()
	g.summon()
}

// crowded reports whether the queue is full: as many tasks are accepted and
// neither ended nor waiting as there are places and room to wait for one. The
// caller holds mu.
func (g *Gate) crowded() bool {
	return g.bound > 0 && g.limit > 0 && g.waiting.size()+g.running-g.coming >= g.limit+g.bound
}

// admit lets those in that wait for room, in their order. The caller holds mu.
func (g *Gate) admit() {
	for g.entering.size() > 0 && !g.crowded() {
		if a := pick(&g.entering); a != nil {
			adopt(a.task, g)
			g.waiting.push(a.task)
			close(a.granted)
		}
	}
}

// deny deals with a task for which there is no room. The caller holds mu, and
// does so again when deny returns.
func (g *Gate) deny(t Task) error {
	switch {
	case g.shut:
		return ErrShutdown
	case g.full == Reject:
		return ErrFull
	case g.full == Caller:
		over := make(chan struct{})
		adopt(t, g)
		g.running++ // beyond the limit, so that no other task starts in this place
		g.crew.begin(errand{task: watched{t, over}})
		g.unlock()
		defer g.mu.Lock()
		Receive(contextOf(t), over, nil)
		return nil
	}
	a := &applicant{task: t, granted: make(chan struct{})}
	g.entering.push(a)
	g.unlock()
	ctx := contextOf(t)
	_, _ = Receive(ctx, a.granted, nil)
	g.mu.Lock()
	select {
	case <-a.granted:
		return a.err
	default:
	}
	a.gone = true
	g.unlock()
	defer g.mu.Lock()
	t.Run(ctx) // which cancels it: its context is done
	return nil
}

// watched tells when a task has run.
type watched struct {
	Task
	over chan<- struct{}
}

func (w watched) Run(ctx context.Context) {
	defer close(w.over)
	w.Task.Run(ctx)
}
