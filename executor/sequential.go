package executor

import "github.com/teapot-go/teapot/executor/internal/gate"

// sequential runs tasks one after another.
type sequential struct{ *gate.Sequential }

var _ Executor = sequential{}

// NewSequential returns an executor that runs tasks one after another in the
// order of submission.
//
// Execute, and so Submit, returns when the task has run, and with it those that
// were submitted meanwhile. While a task is running, be it another goroutine's
// or the one that calls Execute, Execute only puts the task in the queue and
// returns. Tasks run in a goroutine of their own, so that one which panics or
// calls [runtime.Goexit] does its caller no harm.
func NewSequential() Executor { return sequential{gate.NewSequential()} }

// Execute implements [Executor].
func (s sequential) Execute(t Task) error { return s.Sequential.Execute(t) }
