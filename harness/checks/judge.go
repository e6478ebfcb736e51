package checks

import (
	"cmp"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
)

// A Check is a pure function that holds what happened, as the recording has it,
// against what should have happened, which is there beside it. It fills in what
// the violation says of the run; [Judge] adds the rest.
type Check func(*record.Recording) []record.Violation

// An Expectation is a check and the place where it was asked for. With a name
// it is among what [Settle] says was checked.
type Expectation struct {
	Check Check
	Name  string // as its violations name the check; "" for one that is told only where it finds something
	Want  string // what it wants, in words
	// Got says what a run had that met it; "" is that there was nothing to
	// judge, which is not told.
	Got  func(*record.Recording) string
	File string
	Line int
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
func Judge(r *record.Recording, expectations []Expectation, reproduce string) (violations, doubts []record.Violation) {
	judged := *r
	Settle(&judged, expectations, reproduce)
	return judged.Violations, judged.Inconclusive
}

// Settle judges as [Judge] does, and keeps in the recording what was found and
// what was checked.
func Settle(r *record.Recording, expectations []Expectation, reproduce string) {
	r.Violations, r.Inconclusive, r.Checked = []record.Violation{}, nil, nil
	if r.Interrupted {
		return
	}
	found := findings(r, expectations, reproduce)
	late := slices.ContainsFunc(found, func(f finding) bool { return f.Invalid })
	var invalid []record.Violation
	verdicts := make([]string, len(expectations))
	for _, f := range found {
		v := &f.Violation
		timed := v.Timed || v.Noise && v.Margin <= Guard(r)
		switch {
		case v.Invalid:
			invalid = append(invalid, *v)
		case v.Inconclusive:
			r.Inconclusive = append(r.Inconclusive, *v)
		case late && timed:
			v.Got, v.Want = v.Got+" where "+v.Want+" is wanted, but the generator was the bottleneck", keepUp
			v.Inconclusive, v.Noise, v.Timed, v.Culprit = true, true, true, record.ByMachine
			r.Inconclusive = append(r.Inconclusive, *v)
		default:
			r.Violations = append(r.Violations, *v)
			verdicts[f.of] = missed
		}
		verdicts[f.of] = cmp.Or(verdicts[f.of], inconclusive)
	}
	r.Inconclusive = slices.Concat(invalid, r.Inconclusive)
	r.Checked = checked(r, expectations, verdicts)
}

// The verdicts on one expectation, as recordings have them.
const (
	met          = "met"
	missed       = "missed"
	inconclusive = "inconclusive"
)

// A finding is a violation of the expectation of a number.
type finding struct {
	record.Violation
	of int
}

// findings returns all that the expectations find, or only what is final.
func findings(r *record.Recording, expectations []Expectation, reproduce string) (found []finding) {
	final := false
	for i, e := range expectations {
		for _, v := range e.Check(r) {
			v.File, v.Line, v.Reproduce = e.File, e.Line, reproduce
			found = append(found, finding{v, i})
			final = final || v.Final
		}
	}
	if final {
		found = slices.DeleteFunc(found, func(f finding) bool { return !f.Final })
	}
	return found
}

// checked says what each expectation with a name wanted and what the run had.
// Where a finding was final, nothing else was judged.
func checked(r *record.Recording, expectations []Expectation, verdicts []string) (all []record.Checked) {
	final := slices.ContainsFunc(slices.Concat(r.Violations, r.Inconclusive),
		func(v record.Violation) bool { return v.Final })
	for i, e := range expectations {
		verdict := cmp.Or(verdicts[i], met)
		if e.Name == "" || final && verdict == met {
			continue
		}
		c := record.Checked{Check: e.Name, Want: e.Want, Verdict: verdict, Line: e.Line}
		if verdict == met {
			if c.Got = e.Got(r); c.Got == "" {
				continue
			}
		}
		all = append(all, c)
	}
	return all
}
