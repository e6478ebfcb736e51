package scenarios

import (
	"maps"
	"slices"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
)

const (
	taskPath  = "workload.task"
	flagsPath = "workload.flags"
	keysPath  = "workload.keys"
)

// A WorkloadFunc makes the workload of one run. server is the scenario's,
// started; it is nil where the scenario has none, and is closed after the
// workload.
type WorkloadFunc func(s *Scenario, server *servers.Server) (*harness.Workload, error)

// A taskKind is what the language knows of a task. All that is said of a task
// anywhere follows from here.
type taskKind struct {
	// noun names the task in messages: "a download".
	noun string
	// open makes the workload of one run.
	open WorkloadFunc
	// server reports whether the task needs a server.
	server bool
	// keys is the path of its keys, "" for either.
	keys string
	// key returns what is wrong with a key, nil for nothing. A nil func takes
	// every key.
	key func(string) error
	// refused has the paths that mean nothing to the task, with the reason.
	refused map[string]string
	// here reports whether the task can run in this process alone.
	here bool
	// works reports whether the task's time is the CPU's, which the virtual
	// clock does not see.
	works bool
}

// builtInTasks are the tasks that every vocabulary has.
var builtInTasks = map[string]taskKind{
	"download": downloadTask,
	"loiter":   loiterTask,
	"prime":    primeTask,
}

// tasks is everything that a file may name as a task. The built-in tasks cannot
// be replaced.
func (v Vocabulary) tasks() map[string]taskKind {
	tasks := map[string]taskKind{}
	for name, open := range v.Tasks {
		tasks[name] = taskKind{noun: "this task", open: open}
	}
	maps.Copy(tasks, builtInTasks)
	return tasks
}

func (v Vocabulary) validateWorkload(d *strict.Document, s *Scenario) {
	if !d.Has(taskPath) || !d.Sound(taskPath) {
		return
	}
	if n := s.Workload.Attempts; n > maxAttempts {
		d.Wrong("workload.attempts", "%d: want 1 to %d", n, maxAttempts)
	}
	tasks := v.tasks()
	task, known := tasks[s.Workload.Task]
	if !known {
		d.Unknown(taskPath, s.Workload.Task, slices.Sorted(maps.Keys(tasks)))
		return
	}
	if task.server {
		d.Needs(taskPath, task.noun, "server")
	}
	for _, path := range slices.Sorted(maps.Keys(task.refused)) {
		d.Refuses(path, task.refused[path])
	}
	task.validateKeys(d, s)
}

// validateKeys wants a list of keys where the task has them, and every key one
// that it can take.
func (t taskKind) validateKeys(d *strict.Document, s *Scenario) {
	switch t.keys {
	case flagsPath:
		if !d.Refuses(keysPath, t.noun+" has no keys: want flags") {
			d.Needs(taskPath, t.noun, flagsPath)
		}
	case keysPath:
		if !d.Refuses(flagsPath, t.noun+" has no flags: want keys") {
			d.Needs(taskPath, t.noun, keysPath)
		}
	default:
		if d.Has(flagsPath) {
			d.Refuses(keysPath, "flags and keys are both there: want one of them")
		} else if d.Sound(flagsPath) {
			d.Needs(taskPath, t.noun, keysPath)
		}
	}
	if t.key == nil {
		return
	}
	for i, key := range s.Workload.Keys {
		if err := t.key(key); err != nil {
			d.Wrong(item(keysPath, i), "%v", err)
		}
	}
}
