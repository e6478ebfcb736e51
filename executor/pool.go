package executor

import (
	"runtime"

	"github.com/teapot-go/teapot/executor/internal/gate"
)

// pool runs tasks on workers that it starts as they are needed.
type pool struct{ *gate.Pool }

var _ Executor = pool{}

// NewPool returns an executor that runs at most that many tasks at once. 0
// means [DefaultWorkers]; a negative number is an error. Tasks start in the
// order of submission. Execute never blocks and the queue has no bound, unless
// [Tune] says otherwise.
//
// A worker starts when a task finds none idle, and lives until Shutdown. One
// that a task ends with [runtime.Goexit] is replaced, and another one takes
// over while a task waits.
func NewPool(workers int) (Executor, error) {
	p := pool{gate.NewPool()}
	if err := p.Tune(Settings{Workers: workers}); err != nil {
		return nil, err
	}
	return p, nil
}

// DefaultWorkers is how many workers a pool has unless it is told: min(32,
// [runtime.GOMAXPROCS] + 4).
func DefaultWorkers() int { return min(32, runtime.GOMAXPROCS(0)+4) }

// Execute implements [Executor].
func (p pool) Execute(t Task) error { return p.Pool.Execute(t) }

// Tune implements [Tune].
func (p pool) Tune(s Settings) error {
	if err := s.check("pool"); err != nil {
		return err
	}
	if s.Workers == 0 {
		s.Workers = DefaultWorkers()
	}
	p.Set(s.ofGate())
	return nil
}
