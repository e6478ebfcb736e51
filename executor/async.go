package executor

// async runs each task in a goroutine of its own.
type async struct{ gate }

var _ Executor = (*async)(nil)

// NewAsync returns an executor that starts a goroutine for each task, and never has more than limit of them running: the others
// wait and are admitted strictly first in, first out. 0 means no limit; a negative limit is an error. Execute never blocks and
// the queue has no bound, unless [Tune] says otherwise.
func NewAsync(limit int) (Executor, error) {
	a := &async{}
	a.init(limit, a)
	if err := a.Tune(Settings{Workers: limit}); err != nil {
		return nil, err
	}
	return a, nil
}

// Execute implements [Executor].
func (a *async) Execute(t Task) error {
	a.mu.Lock()
	defer a.unlock()
	if a.shut || a.crowded() {
		return a.deny(t)
	}
	adopt(t, &a.gate)
	if a.waiting.size() == 0 && a.free() {
		a.running++
		a.begin(errand{task: t})
	} else {
		a.waiting.push(t)
	}
	return nil
}

// Tune implements [Tune].
func (a *async) Tune(s Settings) error {
	if err := s.check("async"); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.unlock()
	a.tune(s)
	return nil
}

func (a *async) begin(e errand) { a.spawn(func() { a.run(e) }) }

// run hands its place on when the task ends, even by runtime.Goexit. Goroutines that raced for a semaphore instead would start
// in any order.
func (a *async) run(e errand) {
	defer func() {
		a.mu.Lock()
		defer a.unlock()
		if e.task != nil {
			if t := a.after(e); t != nil {
				a.begin(errand{task: t})
			}
		}
		a.leave()
	}()
	if e.task == nil {
		a.mu.Lock()
		e.task = a.arrive()
		a.unlock()
	}
	if e.task != nil {
		e.task.Run(a.host)
	}
}
