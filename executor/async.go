package executor

import "github.com/teapot-go/teapot/executor/internal/gate"

// async runs each task in a goroutine of its own.
type async struct{ *gate.Async }

var _ Executor = async{}

// NewAsync returns an executor that starts a goroutine for each task, and never
// has more than limit of them running: the others wait and are admitted
// strictly first in, first out. 0 means no limit; a negative limit is an error.
// Execute never blocks and the queue has no bound, unless [Tune] says
// otherwise.
func NewAsync(limit int) (Executor, error) {
	a := async{gate.NewAsync()}
	if err := a.Tune(Settings{Workers: limit}); err != nil {
		return nil, err
	}
	return a, nil
}

// Execute implements [Executor].
func (a async) Execute(t Task) error { return a.Async.Execute(t) }

// Tune implements [Tune].
func (a async) Tune(s Settings) error {
	if err := s.check("async"); err != nil {
		return err
	}
	a.Set(s.ofGate())
	return nil
}
