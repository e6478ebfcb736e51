package executor

import (
	"context"
	"errors"
	"fmt"
	"runtime/pprof"
	"time"
)

// Settings are what [Tune] sets of an executor. The zero value is that of NewPool(0) and NewAsync(0).
type Settings struct {
	Workers int           // as for [NewPool] and [NewAsync]
	Queue   int           // how many tasks may wait for a worker; 0 means any number
	Full    Full          // what Execute does with a task for which there is no room
	Idle    time.Duration // how long a worker of a pool waits for a task before it ends; 0 means until Shutdown
	Name    string        // names the goroutines in profiles, by the label "executor"; "" means no label
}

// Full says what Execute does when as many tasks wait as [Settings] allow. The zero value is Block.
type Full int

const (
	// Block waits for room. A task's context, if it has a method Context as those of [Submit] and [Map] have, ends the wait:
	// the task never starts, as if it had been queued. Shutdown ends it with [ErrShutdown]. A task that submits to its own
	// executor counts as waiting meanwhile.
	Block Full = iota

	// Reject refuses the task with [ErrFull].
	Reject

	// Caller makes the caller wait while its task runs, beside those that hold the workers.
	Caller
)

// ErrFull is the refusal of an executor whose queue is full, where that is what [Settings] ask for.
var ErrFull = errors.New("executor: queue full")

// Tune replaces the settings of an executor while it runs. More workers start at once if tasks wait; fewer are reached when as
// many tasks have ended. An executor that can't be tuned is an error: of those here that is [NewSequential]'s. One of another
// package takes part by a method Tune(Settings) error.
func Tune(ex Executor, s Settings) error {
	tunable, ok := ex.(interface{ Tune(Settings) error })
	if !ok {
		return fmt.Errorf("executor: %T has no settings", ex)
	}
	return tunable.Tune(s)
}

func (s Settings) check(kind string) error {
	switch {
	case s.Workers < 0:
		return fmt.Errorf("executor: the number of workers of %s must be at least 1, or 0 for the default, not %d", kind, s.Workers)
	case s.Queue < 0:
		return fmt.Errorf("executor: the queue of %s must have room for at least 1 task, or 0 for any number, not %d", kind, s.Queue)
	case s.Full < Block || s.Full > Caller:
		return fmt.Errorf("executor: %s can't do Full(%d) when the queue is full", kind, int(s.Full))
	case s.Idle < 0:
		return fmt.Errorf("executor: a worker of %s can't be idle for %v", kind, s.Idle)
	default:
		return nil
	}
}

// tune takes over all settings that a gate has itself. The caller holds mu.
func (g *gate) tune(s Settings) {
	g.limit, g.bound, g.full = s.Workers, s.Queue, s.Full
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

// crowded reports whether the queue is full: as many tasks are accepted and neither ended nor waiting as there are places and
// room to wait for one. The caller holds mu.
func (g *gate) crowded() bool {
	return g.bound > 0 && g.limit > 0 && g.waiting.size()+g.running-g.coming >= g.limit+g.bound
}

// admit lets those in that wait for room, in their order. The caller holds mu.
func (g *gate) admit() {
	for g.entering.size() > 0 && !g.crowded() {
		if a := pick(&g.entering); a != nil {
			adopt(a.task, g)
			g.waiting.push(a.task)
			close(a.granted)
		}
	}
}

// deny deals with a task for which there is no room. The caller holds mu, and does so again when deny returns.
func (g *gate) deny(t Task) error {
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
		receive(contextOf(t), over, nil)
		return nil
	}
	a := &applicant{task: t, granted: make(chan struct{})}
	g.entering.push(a)
	g.unlock()
	ctx := contextOf(t)
	_, _ = receive(ctx, a.granted, nil)
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
