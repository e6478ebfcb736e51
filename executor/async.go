package executor

import (
	"context"
	"fmt"
)

// async runs each task in a goroutine of its own.
type async struct {
	gate
	limit int // of goroutines; 0 for none
}

var _ Executor = (*async)(nil)

// NewAsync returns an executor that starts a goroutine for each task, and never has more than limit of them: the others wait
// and are admitted strictly first in, first out. 0 means no limit; a negative limit is an error. Execute never blocks and the
// queue has no bound.
func NewAsync(limit int) (Executor, error) {
	if limit < 0 {
		return nil, fmt.Errorf("executor: an async executor needs a limit of at least 1, or 0 for none, not %d", limit)
	}
	a := &async{limit: limit}
	a.init()
	return a, nil
}

// Execute implements [Executor].
func (a *async) Execute(t Task) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.shut:
		return ErrShutdown
	case a.limit == 0 || a.active < a.limit:
		a.active++
		go a.run(t)
	default:
		a.waiting.push(t)
	}
	return nil
}

// run hands its place on when the task ends, even by runtime.Goexit. Goroutines that raced for a semaphore instead would start
// in any order.
func (a *async) run(t Task) {
	defer a.pass()
	t.Run(context.Background())
}

func (a *async) pass() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting.size > 0 {
		go a.run(a.waiting.pop())
	} else {
		a.leave()
	}
}
