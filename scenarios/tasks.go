package scenarios

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

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

// taskOf returns the task of a scenario, and reports whether there is one.
func (v Vocabulary) taskOf(s *Scenario) (task taskKind, known bool) {
	if s.Workload.Task.Command != nil {
		return commandTask, true
	}
	task, known = v.tasks()[s.Workload.Task.Name]
	return task, known
}

// openTask returns what opens the workload of a scenario's task, nil if there
// is none.
func (v Vocabulary) openTask(s *Scenario) WorkloadFunc {
	if open := v.Drivers[s.Workload.Driver]; open != nil {
		return driven(open)
	}
	task, _ := v.taskOf(s)
	return task.open
}

// validateWorkload reports an unknown task, and keys of the scenario that the
// task needs or does not take.
func (v Vocabulary) validateWorkload(d *strict.Document, s *Scenario) {
	if d.Has(batchPath) {
		v.validateBatch(d, s)
		return
	}
	if d.Has("workload") && !d.Has(taskPath) && d.Valid(taskPath) && d.Valid(batchPath) {
		d.Errorf("workload", "the key task is missing, or batch")
	}
	if s.Workload.Task.Command != nil {
		validateCommand(d, s)
	}
	if !d.Has(taskPath) || !d.Valid(taskPath) {
		return
	}
	task, known := v.taskOf(s)
	if !known {
		d.RejectName(taskPath, s.Workload.Task.Name, slices.Sorted(maps.Keys(v.tasks())), others(len(v.Tasks), "task"))
		return
	}
	if task.server {
		d.Require(taskPath, task.noun, "server")
	}
	for _, path := range slices.Sorted(maps.Keys(task.refused)) {
		d.Reject(path, task.refused[path])
	}
	task.validateKeys(d, s)
	v.validateDriver(d, s)
}

// validatePaths reports keys of a task that are not paths of the server's
// content.
func (t taskKind) validatePaths(d *strict.Document, s *Scenario) {
	if !d.Reject(flagsPath, "the content of the server is not the flags: want keys, such as [/items?page=3]") {
		t.requireKeys(d, s, keysPath)
	}
	eachKey(d, s, checkPath)
}

// checkPath returns an error for a key that is not the path of a URL.
func checkPath(key string) error {
	if _, err := url.ParseRequestURI(key); err != nil || key[0] != '/' || strings.ContainsAny(key, " #") {
		return fmt.Errorf("%s: want a path such as /items?page=3, with %%20 for a blank and no fragment",
			strict.Quote(key))
	}
	return nil
}

// requireKeys reports a workload without the keys at a path, unless a trace has
// them.
func (t taskKind) requireKeys(d *strict.Document, s *Scenario, path string) {
	if !s.keysRecorded() {
		d.Require(taskPath, t.noun, path)
	}
}

// eachKey reports the keys that a function returns an error for: each of those
// that the file lists, and the first of those that it makes or reads.
func eachKey(d *strict.Document, s *Scenario, wrong func(key string) error) {
	for i, key := range s.Workload.Keys.List {
		if err := wrong(key); err != nil && s.Workload.Keys.Source == nil {
			d.Errorf(itemPath(keysPath, i), "%v", err)
		} else if err != nil {
			d.Errorf(keysPath, "%v", err)
			return
		}
	}
	if s.Workload.Arrivals == nil || !d.Valid(arrivalsPath) {
		return
	}
	for _, key := range s.Workload.Arrivals.KeysOfTraces() {
		if err := wrong(key); err != nil {
			d.Errorf(arrivalsPath, "%v", err)
			return
		}
	}
}

// validateKeys reports a workload without keys, keys at the wrong path, and
// keys that the task does not take.
func (t taskKind) validateKeys(d *strict.Document, s *Scenario) {
	foreign := s.Server != nil && s.Server.Content.foreign()
	switch t.keys {
	case flagsPath:
		if foreign {
			t.validatePaths(d, s)
			return
		}
		t.validateFlags(d, s)
	case keysPath:
		if !d.Reject(flagsPath, t.noun+" does not take this key: want keys") {
			t.requireKeys(d, s, keysPath)
		}
	default:
		validateAnyKeys(d, s, taskPath, t.noun)
	}
	if t.key != nil {
		eachKey(d, s, t.key)
	}
}

// validateFlags reports keys of a task that are not those of flags, unless the
// server has a body for every key.
func (t taskKind) validateFlags(d *strict.Document, s *Scenario) {
	if d.Has("server.body") {
		validateAnyKeys(d, s, taskPath, t.noun)
		eachKey(d, s, func(key string) error {
			if strings.HasPrefix(key, "/") {
				return checkPath(key) // as it is one
			}
			return nil
		})
		return
	}
	if d.Reject(keysPath, t.noun+" does not take this key: want flags, or server.body or server.content") {
		return
	}
	t.requireKeys(d, s, flagsPath)
	eachKey(d, s, func(key string) error {
		if isCode(key) {
			return nil
		}
		return fmt.Errorf("%s: want the code of a flag such as BR, or server.body or server.content", strict.Quote(key))
	})
}

// validateAnyKeys reports a workload without keys, or with keys at both paths.
// what needs them stands at a path.
func validateAnyKeys(d *strict.Document, s *Scenario, at, what string) {
	if d.Has(flagsPath) {
		d.Reject(keysPath, "both flags and keys are present: want one of them")
	} else if d.Valid(flagsPath) && !s.keysRecorded() {
		d.Require(at, what, keysPath)
	}
}
