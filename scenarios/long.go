package scenarios

import (
	"fmt"
	"slices"

	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers/interleave"
)

// A long workload has more arrivals than can be listed. Its tasks take the keys
// in turn, and its runs are judged while they go on.

// mostFirst is how many tasks of a long workload are looked at before a run, or
// as many as there are keys.
const mostFirst = 10_000

// tasks returns the number of tasks, and of users of those that they may come
// to.
func (s *Scenario) tasks() int {
	if s.Workload.Arrivals == nil {
		return len(s.keys())
	}
	if _, schedule, err := s.draw(); err == nil {
		return schedule.Len()
	}
	return 0
}

// long reports whether the workload is long.
func (s *Scenario) long() bool { return s.Workload.Arrivals != nil && s.tasks() > arrivals.Limit }

// schedule returns when tasks fall due. Only where they take keys in turn, each
// of which is there once, may there be more than can be listed.
func (s *Scenario) schedule(rate float64) (*arrivals.Schedule, error) {
	a, way := s.Workload.Arrivals, s.Workload.Pick.Way
	if len(s.listed()) == 0 { // a trace has the keys
		return a.Schedule(s.Seed, rate)
	}
	schedule, err := a.LongSchedule(s.Seed, rate)
	if err != nil || schedule.Len() <= arrivals.Limit {
		return schedule, err
	}
	inTurn := way == "" || way == "cycle"
	if !inTurn || len(a.KeysOfTraces()) > 0 || repeats(s.listed()) {
		return nil, fmt.Errorf("arrivals: %d of them: want at most %d, or keys that are taken in turn, each there once",
			schedule.Len(), arrivals.Limit)
	}
	return schedule, nil
}

// repeats reports whether a key is there twice.
func repeats(keys []string) bool {
	sorted := slices.Sorted(slices.Values(keys))
	return len(slices.Compact(sorted)) < len(keys)
}

// firstKeys returns the keys of the first tasks.
func (s *Scenario) firstKeys() []string {
	all, key := make([]string, max(mostFirst, len(s.listed()))), s.keyOf()
	for i := range all {
		all[i], _ = key(i)
	}
	return all
}

// keyOf returns a function that returns the key of a task of a long workload,
// and which of its key it is.
func (s *Scenario) keyOf() func(seq int) (key string, occurrence int) {
	all := s.listed()
	return func(seq int) (string, int) { return all[seq%len(all)], seq/len(all) + 1 }
}

// validateLong reports a long workload whose runs need the samples of all
// tasks, to be judged or because of what runs them.
func validateLong(d *strict.Document, s *Scenario) {
	if !d.Valid("workload") || !d.Valid("executors") || !s.long() {
		return
	}
	for _, c := range s.Cases() {
		if why := c.whole(); why != "" {
			d.Errorf(arrivalsPath, "%d of them: want at most %d, as %s", s.tasks(), arrivals.Limit, why)
			return
		}
	}
}

// whole returns why the runs of a case take the samples of all tasks, "" if
// they do not.
func (c Case) whole() string {
	s := c.Scenario
	switch {
	case !c.builtIn() || builtInExecutors[c.Kind].remote:
		return "the task or the executor is not one that runs in this process"
	case s.generators() > 1:
		return "several load generators share them"
	case s.Server != nil && s.Server.Capacity != nil:
		return "server.capacity makes tasks wait for one another"
	case s.Interleave.Way != interleave.Way{}:
		return "interleave decides the order"
	case s.Find != nil || s.Hunt != nil:
		return "the scenario is run again and again"
	case !c.streams():
		return "an expectation is about the order or the times of single tasks, or about a window"
	}
	return ""
}
