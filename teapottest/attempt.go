package teapottest

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// A goroutine that was started before the run ends the process if it gets a
// channel of the run's under the virtual clock, and so does a client that keeps
// a channel of one run for the next. A run that was given up may hold a lock of
// the program. So Check tries the scenario in a process of its own first, where
// that may happen:
//
//	clock   | goroutines | runs    | tried first | if it cannot be judged
//	virtual | none       | one     | no          |
//	virtual | some       | one     | yes         | Check fails, and says why
//	virtual | any        | several | yes, twice  | Check fails, and says why
//	auto    | any        | any     | yes, twice  | Check uses the real clock
//
// The process is this test program started again with this test alone. What
// Check says comes from a run in the test's own process all the same, so that
// the test sees what its functions have done.

// childRuns runs the case that this process was started for, if it is one of
// s's, and does not return then. It reports whether this process was started
// for a case, so that Check has nothing to do.
func childRuns(v scenarios.Vocabulary, s *scenarios.Scenario) bool {
	file, source, in := scenarios.InChild()
	if in && file == s.File() && source == s.Text() {
		v.Main()
	}
	return in
}

// attempt tries a scenario in a process of its own, if that is of use. It
// returns the scenario with the clock that it can be run under, and false if
// there is none.
func attempt(t testing.TB, s *scenarios.Scenario, r *scenarios.Runner) (tried *scenarios.Scenario, ok bool) {
	t.Helper()
	auto := record.Clock(s.Clock) == scenarios.Auto
	virtual := s.With(record.Virtual, nil)
	twice := auto || s.Hunt != nil || len(s.Cases()) > 1
	if record.Clock(virtual.Clock) != record.Virtual || record.Clock(s.Clock) == record.Real ||
		!twice && len(harness.Outsiders()) == 0 {
		return s, true
	}
	r.Isolate, r.Rehearse = true, twice
	r.ChildStderr = io.Discard // the run in this process prints it again
	rec, err := r.Run(t.Context(), virtual.Cases()[0])
	switch {
	case err != nil, rec.Limit == "": // a test that does not come to Check again is as good as none
		return s, true
	case auto:
		why, _, _ := strings.Cut(rec.Limit, ": ")
		t.Logf("clock: auto: the test is under the real clock: %s", why)
		return s.With(record.Real, nil), true
	}
	for _, finding := range rec.Findings() {
		t.Errorf("%s: %s", record.Label(rec.Executor, rec.Workers), told(finding))
	}
	return s, false
}

// pattern returns the expression by which go test runs the test of a name
// alone.
func pattern(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}
