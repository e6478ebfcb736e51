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

// A WorkloadFunc returns the workload of one run. server is the scenario's
// server, already started, or nil if the scenario has none. It is closed after
// the workload.
type WorkloadFunc func(s *Scenario, server *servers.Server) (*harness.Workload, error)

// A taskKind holds the facts about one kind of task. The validation and the
// runner read all that they need to know about a task from it.
type taskKind struct {
	// noun names the task in messages: "the task download".
	noun string
	// open returns the workload of one run.
	open WorkloadFunc
	// server reports whether the task needs a server.
	server bool
	// keys is the path of the task's keys. "" means either path.
	keys string
	// key returns an error if the task does not take a key. A nil func means
	// that the task takes every key.
	key func(string) error
	// refused maps the path of each key that the task does not take to the
	// reason.
	refused map[string]string
	// localOnly reports whether the task cannot run in another process.
	localOnly bool
	// cpuBound reports whether the task spends CPU time, which the virtual
	// clock does not measure.
	cpuBound bool
}

// builtInTasks are the tasks of every vocabulary.
var builtInTasks = map[string]taskKind{
	"download": downloadTask,
	"loiter":   loiterTask,
	"prime":    primeTask,
}

// tasks returns the tasks that a file may name. A program cannot replace the
// built-in tasks.
func (v Vocabulary) tasks() map[string]taskKind {
	tasks := map[string]taskKind{}
	for name, open := range v.Tasks {
		tasks[name] = taskKind{noun: "the task " + name, open: open}
	}
	maps.Copy(tasks, builtInTasks)
	return tasks
}

// validateWorkload reports an unknown task, and keys of the scenario that the
// task needs or does not take.
func (v Vocabulary) validateWorkload(d *strict.Document, s *Scenario) {
	if !d.Has(taskPath) || !d.Valid(taskPath) {
		return
	}
	tasks := v.tasks()
	task, known := tasks[s.Workload.Task]
	if !known {
		d.RejectName(taskPath, s.Workload.Task, slices.Sorted(maps.Keys(tasks)))
		return
	}
	if task.server {
		d.Require(taskPath, task.noun, "server")
	}
	for _, path := range slices.Sorted(maps.Keys(task.refused)) {
		d.Reject(path, task.refused[path])
	}
	task.validateKeys(d, s)
}

// validateKeys reports a workload without keys, keys at the wrong path, and
// keys that the task does not take.
func (t taskKind) validateKeys(d *strict.Document, s *Scenario) {
	switch t.keys {
	case flagsPath:
		if !d.Reject(keysPath, t.noun+" does not take this key: want flags") {
			d.Require(taskPath, t.noun, flagsPath)
		}
	case keysPath:
		if !d.Reject(flagsPath, t.noun+" does not take this key: want keys") {
			d.Require(taskPath, t.noun, keysPath)
		}
	default:
		if d.Has(flagsPath) {
			d.Reject(keysPath, "both flags and keys are present: want one of them")
		} else if d.Valid(flagsPath) {
			d.Require(taskPath, t.noun, keysPath)
		}
	}
	if t.key == nil {
		return
	}
	for i, key := range s.Workload.Keys {
		if err := t.key(key); err != nil {
			d.Errorf(itemPath(keysPath, i), "%v", err)
		}
	}
}
