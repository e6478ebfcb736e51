package scenarios

import (
	"maps"
	"runtime"
	"slices"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/process"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// An executorKind is what the language knows of a kind of executor. All that is
// said of a kind anywhere follows from here.
type executorKind struct {
	// open makes one, for the number that the file gives it, 0 for none.
	open func(n int) (executor.Executor, error)
	// refused has the keys that the kind does not take, with the reason.
	refused map[string]string
	// workers returns how many tasks at once it runs where the file gives no
	// number. Nil means that there is no limit.
	workers func() int
	// byMachine reports whether workers depends on the machine.
	byMachine bool
	// elsewhere reports whether it runs tasks in other processes, which needs
	// the real clock and tasks that are defined.
	elsewhere bool
}

// builtInExecutors are the kinds that every vocabulary has.
var builtInExecutors = map[string]executorKind{
	"sequential": {
		open: func(int) (executor.Executor, error) { return executor.NewSequential(), nil },
		refused: map[string]string{
			"workers": "a sequential executor has one worker",
			"limit":   "a sequential executor has one worker",
		},
		workers: func() int { return 1 },
	},
	"pool": {
		open:      executor.NewPool,
		refused:   map[string]string{"limit": "a pool is limited by its workers: want workers"},
		workers:   executor.DefaultWorkers,
		byMachine: true,
	},
	"async": {
		open:    executor.NewAsync,
		refused: map[string]string{"workers": "an async executor has no workers: want limit"},
	},
	"process": {
		open:      func(n int) (executor.Executor, error) { return process.New(process.Config{Workers: n}) },
		refused:   map[string]string{"limit": "a process executor is limited by its workers: want workers"},
		workers:   func() int { return runtime.GOMAXPROCS(0) },
		byMachine: true,
		elsewhere: true,
	},
}

// executors is everything that a file may name as an executor's kind. The
// built-in kinds cannot be replaced.
func (v Vocabulary) executors() map[string]executorKind {
	kinds := map[string]executorKind{}
	for name, open := range v.Executors {
		kinds[name] = executorKind{open: open}
	}
	maps.Copy(kinds, builtInExecutors)
	return kinds
}

// Cases lists what the scenario's executors stand for, in the file's order.
func (s *Scenario) Cases() []Case {
	var cases []Case
	for i, e := range s.Executors {
		limits := slices.Concat(e.Workers, e.Limit)
		if len(limits) == 0 {
			limits = countList{0}
		}
		for _, n := range limits {
			c := Case{Scenario: s, Kind: e.Kind, Workers: n, asked: n, entry: i, position: len(cases)}
			if workers := builtInExecutors[e.Kind].workers; n == 0 && workers != nil {
				c.Workers = workers()
			}
			cases = append(cases, c)
		}
	}
	return cases
}

func (v Vocabulary) validateExecutors(d *strict.Document, s *Scenario) {
	if d.Has("executors") && len(s.Executors) == 0 {
		d.Wrong("executors", "the list is empty: want at least one executor")
	}
	kinds := v.executors()
	for i, e := range s.Executors {
		at := item("executors", i)
		kind, known := kinds[e.Kind]
		switch {
		case !d.Sound(at + ".kind"):
			continue
		case !known:
			d.Unknown(at+".kind", e.Kind, slices.Sorted(maps.Keys(kinds)))
			continue
		}
		for _, key := range []string{"workers", "limit"} {
			if why, refused := kind.refused[key]; refused {
				d.Refuses(at+"."+key, why)
			}
		}
		if kind.refused == nil && d.Has(at+".workers") {
			d.Refuses(at+".limit", "workers and limit are both there: want one of them")
		}
		if task := v.tasks()[s.Workload.Task]; kind.elsewhere && task.here {
			d.Wrong(at+".kind", "%s: %s cannot run in another process: want prime, or a task of your own that is defined", e.Kind, task.noun)
		}
		validateSize(d, s, i)
	}
	if s.Clock == clockVirtual && s.needsReal() {
		d.Wrong("clock", "virtual: work of the CPU takes no time under it, and other processes have no part in it: want real")
	}
	validateTwins(d, s)
}

// validateSize rejects an executor whose size depends on the machine beside one
// of its kind whose size is given: on some machine the two are the same.
func validateSize(d *strict.Document, s *Scenario, i int) {
	kind, at := s.Executors[i].Kind, item("executors", i)
	if !builtInExecutors[kind].byMachine || d.Has(at+".workers") {
		return
	}
	for j, e := range s.Executors {
		if sized := item("executors", j); e.Kind == kind && d.Has(sized+".workers") {
			d.Wrong(at, "the default number of workers depends on the machine: beside another %s, %s, say how many", kind, sized)
			return
		}
	}
}

// validateTwins rejects executors that are in the list twice.
func validateTwins(d *strict.Document, s *Scenario) {
	seen := map[string]int{}
	for _, c := range s.Cases() {
		at := item("executors", c.entry)
		switch first, twice := seen[c.said()]; {
		case !d.Sound(at):
		case !twice:
			seen[c.said()] = c.entry
		case first == c.entry:
			d.Wrong(at, "%s is there twice", c.said())
		default:
			d.Wrong(at, "%s is there already, as %s", c.said(), item("executors", first))
		}
	}
}
