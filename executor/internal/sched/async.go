package sched

// An Async runs each task in its own goroutine.
type Async struct{ Scheduler }

// NewAsync returns an Async without a limit.
func NewAsync() *Async {
	a := &Async{}
	a.init(a)
	return a
}

// Execute runs t once, or returns an error and never runs it.
func (a *Async) Execute(t Task) error {
	a.mu.Lock()
	defer a.unlock()
	if a.shut || a.full() {
		return a.executeFull(t)
	}
	setScheduler(t, &a.Scheduler)
	if a.queue.Len() == 0 && a.hasFreeSlot() {
		a.running++
		a.start(assignment{task: t})
	} else {
		a.queue.Push(t)
	}
	return nil
}

// Set replaces the settings.
func (a *Async) Set(s Settings) {
	a.mu.Lock()
	defer a.unlock()
	a.set(s)
}

func (a *Async) start(as assignment) { a.spawn(func() { a.run(as) }) }

// run passes its slot on when the task ends, even by runtime.Goexit. Goroutines
// that compete for a semaphore would start in any order.
func (a *Async) run(as assignment) {
	defer func() {
		a.mu.Lock()
		defer a.unlock()
		if as.task != nil {
			if t := a.nextAfter(as); t != nil {
				a.start(assignment{task: t})
			}
		}
		a.removeGoroutine()
	}()
	if as.task == nil {
		a.stop()
		a.mu.Lock()
		as.task = a.nextWoken()
		a.unlock()
	}
	if as.task != nil {
		as.task.Run(a.ctx)
	}
}
