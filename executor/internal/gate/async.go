package gate

// An Async runs each task in a goroutine of its own.
type Async struct{ Gate }

// NewAsync returns an Async without a limit.
func NewAsync() *Async {
	a := &Async{}
	a.init(a)
	return a
}

// Execute is that of an executor.
func (a *Async) Execute(t Task) error {
	a.mu.Lock()
	defer a.unlock()
	if a.shut || a.crowded() {
		return a.deny(t)
	}
	adopt(t, &a.Gate)
	if a.waiting.size() == 0 && a.free() {
		a.running++
		a.begin(errand{task: t})
	} else {
		a.waiting.push(t)
	}
	return nil
}

// Set takes over settings.
func (a *Async) Set(s Settings) {
	a.mu.Lock()
	defer a.unlock()
	a.set(s)
}

func (a *Async) begin(e errand) { a.spawn(func() { a.run(e) }) }

// run hands its place on when the task ends, even by runtime.Goexit. Goroutines
// that raced for a semaphore instead would start in any order.
func (a *Async) run(e errand) {
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
