package checks

import (
	"slices"

	"github.com/teapot-go/teapot/harness/record"
)

// A Check is a pure function that holds what happened, as the recording has it,
// against what should have happened, which is there beside it. It fills in what
// the violation says of the run; [Judge] adds the rest.
type Check func(*record.Recording) []record.Violation

// An Expectation is a check and the place where it was asked for.
type Expectation struct {
	Check Check
	File  string
	Line  int
}

// Judge returns the violations of every expectation, in order, with their
// places and the command that reproduces them, and beside them what is
// inconclusive. A run that was interrupted is not judged. Where a finding is
// final it is told without those that follow from it.
func Judge(r *record.Recording, expectations []Expectation, reproduce string) (violations,
	inconclusive []record.Violation,
) {
	violations = []record.Violation{}
	if r.Interrupted {
		return violations, nil
	}
	var found []record.Violation
	final := false
	for _, e := range expectations {
		for _, v := range e.Check(r) {
			v.File, v.Line, v.Reproduce = e.File, e.Line, reproduce
			found = append(found, v)
			final = final || v.Final
		}
	}
	if final {
		found = slices.DeleteFunc(found, func(v record.Violation) bool { return !v.Final })
	}
	for _, v := range found {
		if v.Inconclusive {
			inconclusive = append(inconclusive, v)
		} else {
			violations = append(violations, v)
		}
	}
	return violations, inconclusive
}
