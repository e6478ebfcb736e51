package scenarios

import (
	"fmt"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
)

// Auto is the clock of a scenario that runs under the virtual clock if that can
// carry out the run, and else under the real one. It is the clock of no
// recording.
const Auto record.Clock = "auto"

const (
	clockAuto      = clockName(Auto)
	clockReal      = clockName(record.Real)
	clockVirtual   = clockName(record.Virtual)
	defaultClock   = clockReal
	defaultDeliver = delivery(record.InOrder)
)

// File returns the scenario's file as messages and reports name it.
func (s *Scenario) File() string { return s.file }

// Text returns the text of the scenario's file.
func (s *Scenario) Text() string { return s.source }

// Line returns the line of a key of the file, such as workload.task.
func (s *Scenario) Line(key string) int {
	line, _ := s.document.Position(key)
	return line
}

// Keys returns the keys of the workload, one for each task. Of users they are
// the keys of the first tasks of all, then of the second ones, and so on, for
// as many tasks as they may come to. Of a workload of more than a million
// arrivals they are those of the first tasks.
func (s *Scenario) Keys() []string { return slices.Clone(s.keys()) }

// Warnings returns what the file asks for in vain, and what [Scenario.With] has
// made impossible to judge. The recordings of its runs have them too.
func (s *Scenario) Warnings() []string { return slices.Clone(s.warnings) }

// warnOfLimit warns of a limit above the number of keys.
func (s *Scenario) warnOfLimit() {
	limit := int(s.Workload.Limit)
	if keys := len(s.listed()); keys > 0 && limit > keys {
		s.warnings = append(s.warnings, fmt.Sprintf("workload.limit: %d: there are only %d keys", limit, keys))
	}
}

// With returns a copy of the scenario with another clock or seed. "" and nil
// keep the clock and the seed of the file. Runs of the copy warn about
// expectations that the change makes impossible to judge.
func (s *Scenario) With(clock record.Clock, seed *uint64) *Scenario {
	other := *s
	switch {
	case clock == "":
	case clock == record.Virtual && s.needsRealClock():
		other.warnings = append(slices.Clip(s.warnings),
			"the scenario runs under the real clock: "+realClock)
	default:
		other.Clock = clockName(clock)
		other.warnings = append(slices.Clip(s.warnings), s.warnOfInterleave(clock)...)
	}
	if seed != nil {
		other.Seed = *seed
		// A server that may reject requests plans no outcomes: only the counts
		// in the file can be judged.
		if *seed != s.Seed && s.Expect.Outcomes != nil && !s.mayReject() {
			other.Expect.Outcomes = nil
			other.warnings = append(slices.Clip(other.warnings),
				"expect.outcomes holds for the seed of the file only: the plan is judged instead")
		}
	}
	for _, u := range other.unmet() {
		other.void = append(slices.Clip(other.void), u.path)
		other.warnings = append(slices.Clip(other.warnings),
			fmt.Sprintf("%s holds for the seed and the clock of the file only: %s", u.path, u.why))
	}
	return &other
}

// upstream reports whether the content is that of another server.
func (s *Scenario) upstream() bool {
	return s.Server != nil && s.Server.Content.Source != nil && s.Server.Content.Source.Upstream != ""
}

// answersFreely reports whether the answers are those of another server or of a
// content of the user's program, of which the file says nothing.
func (s *Scenario) answersFreely() bool {
	return s.upstream() || s.Server != nil && s.Server.Content.Name != "" && s.Server.Content.Name != flagsContent
}

// needsRealClock reports whether the scenario cannot run under the virtual
// clock, because it spends CPU time, runs tasks in other processes, or asks
// another server.
func (s *Scenario) needsRealClock() bool {
	return s.upstream() || s.spreads() ||
		s.Workload.Driver != "" || s.Workload.Task.Command != nil || s.Workload.Batch.Command != nil ||
		builtInTasks[s.Workload.Task.Name].cpuBound ||
		slices.ContainsFunc(s.Executors, Executor.elsewhere)
}

// realClock is why a scenario needs the real clock.
const realClock = "the virtual clock does not measure CPU time, and does not reach other processes, servers or drivers"
