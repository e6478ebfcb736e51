package scenarios

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// A Case is a scenario on one executor. It is the unit that a [Runner] runs and
// judges, and that reports show.
type Case struct {
	Scenario *Scenario
	Kind     string // the executor's kind
	Workers  int    // how many tasks the executor runs at once; 0 means no limit

	// fileWorkers is the number in the file, or 0 if the file gives none. The
	// meaning of a file must not depend on the machine, so names in the file
	// are compared with this number and not with Workers.
	fileWorkers   int
	executorIndex int // the index of the executor in the file's list
	index         int // the index of the case among the scenario's cases
}

// Cases returns one case for each executor that the scenario lists, and for
// each number of an executor with a list of numbers, in the order of the file.
func (s *Scenario) Cases() []Case {
	var cases []Case
	for i, e := range s.Executors {
		limits := slices.Concat(e.Workers, e.Limit)
		if len(limits) == 0 {
			limits = countList{0}
		}
		for _, n := range limits {
			c := Case{Scenario: s, Kind: e.Kind, Workers: n, fileWorkers: n, executorIndex: i, index: len(cases)}
			if workers := builtInExecutors[e.Kind].workers; n == 0 && workers != nil {
				c.Workers = workers()
			}
			cases = append(cases, c)
		}
	}
	return cases
}

// Executor returns the name of the case's executor, such as "sequential" or
// "pool/30".
func (c Case) Executor() string { return record.Label(c.Kind, c.Workers) }

// fileLabel returns the name of the case's executor as the file gives it: a
// pool without a number is "pool", whatever its size on this machine.
func (c Case) fileLabel() string { return record.Label(c.Kind, c.fileWorkers) }

// Name returns the name of the case, which is unique among all scenarios, such
// as "error-100/pool/30".
func (c Case) Name() string { return c.Scenario.Name + "/" + c.Executor() }

// under returns the case under another clock.
func (c Case) under(clock clockName) Case {
	s := *c.Scenario
	s.Clock = clock
	c.Scenario = &s
	return c
}

// Tasks returns the number of tasks in one run of the case. Of users who do
// tasks for a time it is how many they do at most, if no task takes any time.
func (c Case) Tasks() int { return c.Scenario.tasks() }

// streams reports whether a run of the case can be judged without the samples
// of all tasks: by requests that name their tasks, as those of the built-in
// tasks do, and by no order or time of each task.
func (c Case) streams() bool {
	s := c.Scenario
	_, builtIn := builtInTasks[s.Workload.Task.Name]
	ordered := s.Expect.Order != "" && s.Expect.Order != ordering(checks.AnyOrder)
	foreign := s.Server != nil && s.Server.Content.foreign()
	return builtIn && s.Workload.Task.Command == nil && !foreign && !ordered && s.Expect.Schedule == nil &&
		s.Find == nil && s.Hunt == nil &&
		!slices.ContainsFunc(s.figures(), func(f boundedFigure) bool { return f.figure.Each })
}

// Clock returns the clock that the run is first tried under.
func (c Case) Clock() record.Clock {
	if c.Scenario.Clock == clockVirtual || c.Scenario.Clock == clockAuto {
		return record.Virtual
	}
	return record.Real
}

// CommandLine returns the command that runs the case again. teapot is the
// command that runs teapot itself, such as "teapot".
func (c Case) CommandLine(teapot string) string {
	s := c.Scenario
	command := fmt.Sprintf("%s run %s --only %s --clock %s --seed %d", teapot, shellWord(s.file), c.Name(), s.Clock,
		s.Seed)
	if s.cluster != "" {
		command += " --cluster " + shellWord(redacted(s.cluster))
	}
	return command
}

var shellSafe = regexp.MustCompile(`^[\w./@:+-]+$`)

// shellWord quotes a path for a POSIX shell, if necessary.
func shellWord(path string) string {
	if shellSafe.MatchString(path) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// reference returns the case that the speedup of the others is measured over:
// the case whose label in the file is expect.speedup.over, or else the only
// case of that kind.
func (s *Scenario) reference() (Case, error) {
	over := s.Expect.Speedup.Over
	var names []string
	var found []Case
	for _, c := range s.Cases() {
		if c.fileLabel() == over {
			return c, nil
		}
		if names = append(names, c.fileLabel()); c.Kind == over {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Case{}, fmt.Errorf("%q is not in the list of executors: want one of %s", over, strings.Join(names, ", "))
	default:
		return Case{}, fmt.Errorf("%q matches %d executors: want one of %s", over, len(found),
			strings.Join(names, ", "))
	}
}

// isReference reports whether the speedup of other cases is measured over c.
func (c Case) isReference() bool {
	if c.Scenario.Expect.Speedup == nil {
		return false
	}
	reference, err := c.Scenario.reference()
	return err == nil && reference.index == c.index
}

// trial returns the case as the harness runs it.
func (v Vocabulary) trial(c Case) harness.Trial {
	s := c.Scenario
	kind := v.executors()[c.Kind]
	t := harness.Trial{
		Scenario: s.Name, About: s.About, File: s.file, Source: s.source, Position: c.index,
		Kind: c.Kind, Workers: c.Workers,
		Clock: record.Clock(s.Clock), Seed: s.Seed,
		Delivery: record.Delivery(s.Workload.Deliver),
		Timeout:  time.Duration(s.Workload.Timeout), Interleave: s.Interleave.Way,
		Queues:   s.Server != nil && s.Server.Capacity != nil,
		Deadline: time.Duration(s.Deadline),
		Ignore:   stringsOf(s.Expect.Leaks.Ignore), Grace: time.Duration(s.Expect.Leaks.Grace),
		Keys:     s.keys(),
		Workload: func() (*harness.Workload, error) { return v.open(s, v.openTask(s)) },
	}
	if s.Workload.Users != nil {
		t.Users = s.users()
	}
	if s.Workload.Arrivals != nil {
		if _, schedule, err := s.draw(); err == nil { // as the file is valid
			t.Pacer, t.Generators = schedule, int(s.Workload.Generators)
		}
		if s.long() {
			t.Keys, t.Tasks, t.Key = nil, s.tasks(), s.keyOf()
		}
	}
	if s.spreads() {
		t.Fleet, t.Ignore = v.fleet(c), append(t.Ignore, natsClient)
	}
	switch {
	case kind.own:
		v.batchTrial(&t, s, c.fileWorkers)
	case c.Kind == clusterKind:
		t.Ignore = append(t.Ignore, clusterTimers)
		t.Executor = func() (executor.Executor, error) { return v.openCluster(c) }
	case kind.openMap != nil:
		t.Map = func() (harness.Map, error) { return kind.openMap(c.fileWorkers) }
	default:
		t.Executor = func() (executor.Executor, error) { return kind.open(c.fileWorkers) }
	}
	return t
}

// open starts the scenario's server, if it has one, and returns the workload.
// The harness closes the server after the workload, and then its content.
func (v Vocabulary) open(s *Scenario, workload WorkloadFunc) (*harness.Workload, error) {
	if workload == nil {
		return nil, fmt.Errorf("the vocabulary of the runner has no task %q", s.Workload.Task.Name)
	}
	config, ok, err := v.ServerConfig(s)
	if err != nil {
		return nil, err
	}
	if s.generators() > 1 && !s.spreads() {
		one := workload
		workload = func(s *Scenario, server *servers.Server) (*harness.Workload, error) {
			return openGenerators(s, server, one)
		}
	}
	if !ok {
		return workload(s, nil)
	}
	content, _ := config.Content.(io.Closer)
	if err := s.reachable(&config); err != nil {
		return nil, errors.Join(err, closed(content))
	}
	server, err := servers.Start(config)
	if err != nil {
		return nil, errors.Join(err, closed(content))
	}
	w, err := workload(s, server)
	if err != nil {
		return nil, errors.Join(err, server.Close(), closed(content))
	}
	w.Server, w.Content = server, content
	return w, nil
}

// closed closes c, which may be nil.
func closed(c io.Closer) error {
	if c == nil {
		return nil
	}
	return c.Close()
}
