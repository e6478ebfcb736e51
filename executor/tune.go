package executor

import (
	"fmt"
	"time"

	"github.com/teapot-go/teapot/executor/internal/sched"
)

// Settings are what [Tune] sets of an executor. NewPool(0) and NewAsync(0) have
// the zero value.
type Settings struct {
	Workers int           // as for [NewPool] and [NewAsync]
	Queue   int           // how many tasks may wait for a worker; 0 means any number
	Full    Full          // what Execute does with a task for which there is no room
	Idle    time.Duration // how long a worker of a pool waits for a task before it ends; 0 means until Shutdown
	Name    string        // names the goroutines in profiles, by the label "executor"; "" means no label
}

// Full tells Execute what to do when as many tasks wait as [Settings] allow.
// The zero value is Block.
type Full int

const (
	// Block waits for room. The tasks of [Submit] and [Map] have a method
	// Context; that context ends the wait, and then the task never starts, as
	// if it had been queued. Shutdown ends the wait with [ErrShutdown]. A task
	// that submits to its own executor counts as waiting until there is room.
	Block = Full(sched.Block)

	// Reject refuses the task with [ErrFull].
	Reject = Full(sched.Reject)

	// Caller starts the task beyond the limit of workers, and makes the caller
	// wait until it has run.
	Caller = Full(sched.Caller)
)

// ErrFull is the error of Execute when the queue is full and [Settings] ask for
// Reject.
var ErrFull = sched.ErrFull

// Tune replaces the settings of an executor while it runs. More workers start
// at once if tasks wait; fewer are reached when as many tasks have ended. It is
// an error if the executor has no settings, as that of [NewSequential]. An
// executor of another package can be tuned if it has a method
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
		return fmt.Errorf("executor: %s: workers: %d: want at least 1, or 0 for the default", kind, s.Workers)
	case s.Queue < 0:
		return fmt.Errorf("executor: %s: queue: %d: want at least 1, or 0 for any number", kind, s.Queue)
	case s.Full < Block || s.Full > Caller:
		return fmt.Errorf("executor: %s: unknown Full(%d): want Block, Reject or Caller", kind, int(s.Full))
	case s.Idle < 0:
		return fmt.Errorf("executor: %s: an idle time of %v: want more than 0s, or 0s for no end", kind, s.Idle)
	default:
		return nil
	}
}
