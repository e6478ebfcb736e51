package executor

import (
	"fmt"
	"time"

	"github.com/teapot-go/teapot/executor/internal/gate"
)

// Settings are what [Tune] sets of an executor. The zero value is that of
// NewPool(0) and NewAsync(0).
type Settings struct {
	Workers int           // as for [NewPool] and [NewAsync]
	Queue   int           // how many tasks may wait for a worker; 0 means any number
	Full    Full          // what Execute does with a task for which there is no room
	Idle    time.Duration // how long a worker of a pool waits for a task before it ends; 0 means until Shutdown
	Name    string        // names the goroutines in profiles, by the label "executor"; "" means no label
}

// Full says what Execute does when as many tasks wait as [Settings] allow. The
// zero value is Block.
type Full int

const (
	// Block waits for room. A task's context, if it has a method Context as
	// those of [Submit] and [Map] have, ends the wait: the task never starts,
	// as if it had been queued. Shutdown ends it with [ErrShutdown]. A task
	// that submits to its own executor counts as waiting meanwhile.
	Block = Full(gate.Block)

	// Reject refuses the task with [ErrFull].
	Reject = Full(gate.Reject)

	// Caller makes the caller wait while its task runs, beside those that hold
	// the workers.
	Caller = Full(gate.Caller)
)

// ErrFull is the refusal of an executor whose queue is full, where that is what
// [Settings] ask for.
var ErrFull = gate.ErrFull

// Tune replaces the settings of an executor while it runs. More workers start
// at once if tasks wait; fewer are reached when as many tasks have ended. An
// executor that can't be tuned is an error: of those here that is
// [NewSequential]'s. One of another package takes part by a method
// Tune(Settings) error.
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

func (s Settings) ofGate() gate.Settings {
	return gate.Settings{Limit: s.Workers, Queue: s.Queue, Full: gate.Full(s.Full), Idle: s.Idle, Name: s.Name}
}
