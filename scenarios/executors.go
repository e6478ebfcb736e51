package scenarios

import (
	"maps"
	"runtime"
	"slices"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/process"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// An executorKind holds the facts about one kind of executor. The validation
// and the runner read all that they need to know about a kind from it.
type executorKind struct {
	// open returns a new executor. n is the number in the file, or 0 if the
	// file gives none.
	open func(n int) (executor.Executor, error)
	// openMap returns a new map. It takes the place of open.
	openMap func(n int) (harness.Map, error)
	// own reports whether the pool is that of a batch.
	own bool
	// refused maps each key that the kind does not take to the reason.
	refused map[string]string
	// workers returns how many tasks run at once if the file gives no number.
	// Nil means that there is no limit.
	workers func() int
	// machineSized reports whether workers depends on the machine.
	machineSized bool
	// remote reports whether the executor runs tasks in other processes, or
	// can. It then needs tasks that are not localOnly.
	remote bool
	// here reports whether a remote executor runs them in this process all the
	// same, unless the file names a server. Otherwise it needs the real clock.
	here bool
}

// builtInExecutors are the kinds of every vocabulary.
var builtInExecutors = map[string]executorKind{
	"sequential": {
		open: func(int) (executor.Executor, error) { return executor.NewSequential(), nil },
		refused: map[string]string{
			"workers": "a sequential executor always has one worker: remove workers",
			"limit":   "a sequential executor always has one worker: remove limit",
		},
		workers: func() int { return 1 },
	},
	"pool": {
		open:         executor.NewPool,
		refused:      map[string]string{"limit": "a pool does not take this key: want workers"},
		workers:      executor.DefaultWorkers,
		machineSized: true,
	},
	"async": {
		open:    executor.NewAsync,
		refused: map[string]string{"workers": "an async executor does not take this key: want limit"},
	},
	"process": {
		open:         func(n int) (executor.Executor, error) { return process.New(process.Config{Workers: n}) },
		refused:      map[string]string{"limit": "a process executor does not take this key: want workers"},
		workers:      func() int { return runtime.GOMAXPROCS(0) },
		machineSized: true,
		remote:       true,
	},
	clusterKind: { // Vocabulary.Cluster opens it
		refused:      map[string]string{"limit": "a cluster executor does not take this key: want workers"},
		workers:      executor.DefaultWorkers,
		machineSized: true,
		remote:       true,
		here:         true,
	},
	ownPool: {
		own:     true,
		refused: map[string]string{"limit": "the pool of a batch does not take this key: want workers"},
	},
}

// ownPool is the kind of the executor that a batch has.
const ownPool = "own"

// executors returns the kinds of executor that a file may name. A program
// cannot replace the built-in kinds.
func (v Vocabulary) executors() map[string]executorKind {
	kinds := map[string]executorKind{}
	for name, open := range v.Maps {
		kinds[name] = executorKind{openMap: open}
	}
	for name, open := range v.Executors {
		kinds[name] = executorKind{open: open}
	}
	maps.Copy(kinds, builtInExecutors)
	return kinds
}

// validateExecutors reports unknown kinds, keys that a kind does not take,
// tasks and clocks that it cannot work with, and executors listed twice.
func (v Vocabulary) validateExecutors(d *strict.Document, s *Scenario) {
	if d.Has("executors") && len(s.Executors) == 0 {
		d.Errorf("executors", "the list is empty: want at least one executor")
	}
	kinds := v.executors()
	for i, e := range s.Executors {
		at := itemPath("executors", i)
		kind, known := kinds[e.Kind]
		switch {
		case !d.Valid(at + ".kind"):
			continue
		case !known:
			d.RejectName(at+".kind", e.Kind, slices.Sorted(maps.Keys(kinds)),
				others(len(v.Executors)+len(v.Maps), "executor"))
			continue
		}
		for _, key := range []string{"workers", "limit"} {
			if why, refused := kind.refused[key]; refused {
				d.Reject(at+"."+key, why)
			}
		}
		if kind.refused == nil && d.Has(at+".workers") {
			d.Reject(at+".limit", "both workers and limit are present: want one of them")
		}
		if task, _ := v.taskOf(s); kind.remote && task.localOnly && !d.Has(batchPath) {
			d.Errorf(at+".kind",
				"%s: %s cannot run in another process: want prime, or a task that your program defines for other "+
					"processes", e.Kind, task.noun)
		}
		if kind.openMap != nil && s.Workload.Users != nil {
			d.Errorf(at+".kind", "%s: it is a map, which may read keys ahead, and users go on as their tasks end: "+
				"want an executor, or a workload without users", e.Kind)
		}
		validateSize(d, s, i)
		validateGenerating(d, s, i, kind)
		validateOwn(d, s, i)
		v.validateCluster(d, s, i)
	}
	if s.Clock == clockVirtual && s.needsRealClock() {
		d.Errorf("clock", "virtual: %s: want real or auto", realClock)
	}
	validateDuplicates(d, s)
}

// validateSize reports executor i if its default size depends on the machine,
// and another executor of its kind has a size in the file: on some machine both
// would have the same size.
func validateSize(d *strict.Document, s *Scenario, i int) {
	kind, at := s.Executors[i].Kind, itemPath("executors", i)
	if !builtInExecutors[kind].machineSized || d.Has(at+".workers") {
		return
	}
	for j, e := range s.Executors {
		if sized := itemPath("executors", j); e.Kind == kind && d.Has(sized+".workers") {
			d.Errorf(at, "the default number of workers depends on the machine and may equal that of %s: want workers",
				sized)
			return
		}
	}
}

// validateOwn reports executor i if it is the pool of a batch and there is no
// batch, or if it is another one beside a batch.
func validateOwn(d *strict.Document, s *Scenario, i int) {
	at := itemPath("executors", i)
	switch own, batch := builtInExecutors[s.Executors[i].Kind].own, d.Has(batchPath); {
	case own && !batch && d.Valid(batchPath):
		d.Errorf(at+".kind", "%s: it is the pool of a batch: want %s", ownPool, batchPath)
	case own:
		d.Require(at+".kind", "kind "+ownPool, at+".workers")
	case batch:
		d.Errorf(at+".kind", "%s: %s has a pool of its own: want kind: %s", s.Executors[i].Kind, batchPath, ownPool)
	}
}

// validateDuplicates reports executors that are listed twice.
func validateDuplicates(d *strict.Document, s *Scenario) {
	seen := map[string]int{}
	for _, c := range s.Cases() {
		at := itemPath("executors", c.executorIndex)
		switch first, twice := seen[c.fileLabel()]; {
		case !d.Valid(at):
		case !twice:
			seen[c.fileLabel()] = c.executorIndex
		case first == c.executorIndex:
			d.Errorf(at, "%s is listed twice: want it once", c.fileLabel())
		default:
			d.Errorf(at, "%s is listed twice, first as %s: want it once", c.fileLabel(), itemPath("executors", first))
		}
	}
}
