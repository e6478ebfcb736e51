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
// inconclusive, first of all why the run is invalid. A run that was interrupted
// is not judged. Where a finding is final it is told without those that follow
// from it.
//
// The times of an invalid run are those of its generator. So what would be a
// violation by them is inconclusive there. What does not depend on time, such
// as a wrong class, stays a violation.
func Judge(r *record.Recording, expectations []Expectation, reproduce string) (violations,
	inconclusive []record.Violation,
) {
	violations = []record.Violation{}
	if r.Interrupted {
		return violations, nil
	}
	found := findings(r, expectations, reproduce)
	late := slices.ContainsFunc(found, func(v record.Violation) bool { return v.Invalid })
	var invalid []record.Violation
	for _, v := range found {
		timed := v.Timed || v.Noise && v.Margin <= Guard(r)
		switch {
		case v.Invalid:
			invalid = append(invalid, v)
		case v.Inconclusive:
			inconclusive = append(inconclusive, v)
		case late && timed:
			v.Got, v.Want = v.Got+" where "+v.Want+" is wanted, but the generator was the bottleneck", keepUp
			v.Inconclusive, v.Noise, v.Culprit = true, true, record.ByMachine
			inconclusive = append(inconclusive, v)
		default:
			violations = append(violations, v)
		}
	}
	return violations, slices.Concat(invalid, inconclusive)
}

// findings returns all that the expectations find, or only what is final.
func findings(r *record.Recording, expectations []Expectation, reproduce string) (found []record.Violation) {
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
	return found
}
