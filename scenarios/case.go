package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

const (
	clockVirtual   = clockName(record.Virtual)
	defaultClock   = clockName(record.Real)
	defaultDeliver = delivery(record.InOrder)
)

// A Case is one scenario on one executor: what is run, judged and reported as a
// whole.
type Case struct {
	Scenario *Scenario
	Kind     string // the executor's
	Workers  int    // its limit: 1 for sequential, 0 for none
	asked    int    // the number that stands in the file, 0 for none: what a file means never depends on the machine
	entry    int    // its number in the list of executors, from 0
	position int    // its own among the scenario's cases, from 0
}

// Executor names the case's executor: "sequential", "pool/30".
func (c Case) Executor() string { return record.Label(c.Kind, c.Workers) }

// said names the case's executor as the file does: a pool without a number has
// none, whatever it comes to on this machine.
func (c Case) said() string { return record.Label(c.Kind, c.asked) }

// Name names the case among all: "error-100/pool/30".
func (c Case) Name() string { return c.Scenario.Name + "/" + c.Executor() }

// reference is the case that the others' speedup is measured over: the one that
// the file names so, or else the only one of that kind.
func (s *Scenario) reference() (Case, error) {
	over := s.Expect.Speedup.Over
	var names []string
	var found []Case
	for _, c := range s.Cases() {
		if c.said() == over {
			return c, nil
		}
		if names = append(names, c.said()); c.Kind == over {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Case{}, fmt.Errorf("%q is not in the list of executors: want one of %s", over, strings.Join(names, ", "))
	default:
		return Case{}, fmt.Errorf("%q is %d executors of the list: want one of %s", over, len(found), strings.Join(names, ", "))
	}
}

// keys are the workload's, limited.
func (s *Scenario) keys() []string {
	keys := []string(s.Workload.Keys)
	if s.Workload.Flags != nil {
		keys = s.Workload.Flags
	}
	if n := int(s.Workload.Limit); n > 0 && n < len(keys) {
		keys = keys[:n]
	}
	return keys
}

// File is the scenario's file, as messages and reports name it.
func (s *Scenario) File() string { return s.file }

// With returns the scenario with another clock or seed; "" and nil leave them
// as the file has them.
func (s *Scenario) With(clock record.Clock, seed *uint64) *Scenario {
	other := *s
	switch {
	case clock == "":
	case clock == record.Virtual && s.needsReal():
		other.warnings = append(slices.Clip(s.warnings), "run under the real clock: work of the CPU takes no time under the virtual one")
	default:
		other.Clock = clockName(clock)
	}
	if seed != nil {
		other.Seed = *seed
		if *seed != s.Seed && s.Expect.Outcomes != nil && !s.turnsAway() { // where some are, nothing else says how many
			other.Expect.Outcomes = nil
			other.warnings = append(slices.Clip(other.warnings), "expect.outcomes was counted for the file's own seed: held to the plan instead")
		}
	}
	return &other
}

// needsReal says whether the scenario means nothing under the virtual clock, in
// which the CPU's work takes no time and other processes have no part.
func (s *Scenario) needsReal() bool {
	return builtInTasks[s.Workload.Task].works || slices.ContainsFunc(s.Executors, func(e Executor) bool { return builtInExecutors[e.Kind].elsewhere })
}

// trial is the case, ready to run.
func (v Vocabulary) trial(c Case) harness.Trial {
	s := c.Scenario
	return harness.Trial{
		Scenario: s.Name, About: s.About, File: s.file, Source: s.source, Position: c.position,
		Kind: c.Kind, Workers: c.Workers,
		Clock: record.Clock(s.Clock), Seed: s.Seed,
		Delivery: record.Delivery(s.Workload.Deliver),
		Timeout:  time.Duration(s.Workload.Timeout),
		Queues:   s.Server != nil && s.Server.Capacity != nil,
		Deadline: time.Duration(s.Deadline),
		Keys:     s.keys(),
		Executor: func() (executor.Executor, error) { return v.executors()[c.Kind].open(c.asked) },
		Workload: func() (*harness.Workload, error) { return s.open(v.tasks()[s.Workload.Task].open) },
	}
}

// Tasks is the number of tasks that one run of the case has.
func (c Case) Tasks() int { return len(c.Scenario.keys()) }

// open starts the server, if there is to be one, and makes the workload.
func (s *Scenario) open(task WorkloadFunc) (*harness.Workload, error) {
	if task == nil {
		return nil, fmt.Errorf("the vocabulary of the runner has no task %q", s.Workload.Task)
	}
	config, ok := s.ServerConfig()
	if !ok {
		return task(s, nil)
	}
	server, err := servers.Start(config)
	if err != nil {
		return nil, err
	}
	w, err := task(s, server)
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	inner := w.Close
	w.Close = func() ([]servers.Entry, error) {
		var err error
		if inner != nil {
			_, err = inner()
		}
		err = errors.Join(err, server.Close())
		return server.Journal(), err
	}
	return w, nil
}
