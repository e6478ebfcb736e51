package scenarios

import (
	"fmt"

	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

// repeated are the findings that made a case run again.
type repeated struct {
	causes []string // the checks, or spoilt, in the order in which they first found something
	runs   map[string]int
	last   map[string]record.Violation
}

// spoilt is the cause of all that follows from a generator that could not keep
// up.
const spoilt = "generator"

// causeOf returns what a finding that made a case run again is told under.
func causeOf(v record.Violation) string {
	if v.Invalid || v.Inconclusive && v.Timed && v.Culprit == record.ByMachine {
		return spoilt
	}
	return v.Check
}

// add adds the findings of a run. Of several of one cause the first counts.
func (r *repeated) add(found []record.Violation) {
	if r.runs == nil {
		r.runs, r.last = map[string]int{}, map[string]record.Violation{}
	}
	seen := map[string]bool{}
	for _, v := range found {
		cause := causeOf(v)
		if seen[cause] {
			continue
		}
		if seen[cause] = true; r.runs[cause] == 0 {
			r.causes = append(r.causes, cause)
		}
		r.runs[cause]++
		r.last[cause] = v
	}
}

// warnings returns one warning for each cause, with the number of runs.
func (r *repeated) warnings() (all []string) {
	for _, cause := range r.causes {
		v, n := r.last[cause], r.runs[cause]
		got := fmt.Sprintf("got %s, want %s", v.Got, v.Want)
		if v.Inconclusive {
			got = "could not be judged: " + v.Got // what it wants is advice, which says nothing of the run
		}
		runs := "a run that"
		if n > 1 {
			runs = fmt.Sprintf("%d runs, of which the last", n) // never 1
		}
		all = append(all, fmt.Sprintf("%s: run again after %s %s", cause, runs, got))
	}
	return all
}

// unrepeated returns a run whose violations may be noise, and that could not be
// repeated to know. They are in doubt then.
func unrepeated(rec *record.Recording, why error) *record.Recording {
	putInDoubt(rec, func(record.Violation) bool { return true },
		fmt.Sprintf("that may have met a busy machine, and could not be repeated: %v", why),
		"a run that can be repeated")
	return rec
}

// doubtNoise puts in doubt what a busy machine can have caused in a run that
// was not repeated, because something else is wrong with it.
func doubtNoise(rec *record.Recording) {
	near := checks.Guard(rec)
	putInDoubt(rec, func(v record.Violation) bool { return isNoise(v, near) && v.Culprit != record.ByFile },
		"that may have met a busy machine, and was not repeated, because more is wrong with it",
		"mend what is wrong for certain first, or use clock: virtual")
}

// putInDoubt makes some violations of a run inconclusive, which was a run such
// as it says.
func putInDoubt(rec *record.Recording, which func(record.Violation) bool, run, want string) {
	var kept []record.Violation
	for _, v := range rec.Violations {
		if !which(v) {
			kept = append(kept, v)
			continue
		}
		for i := range rec.Checked {
			if c := &rec.Checked[i]; c.Check == v.Check && c.Line == v.Line && c.Verdict == "missed" {
				c.Verdict = "inconclusive"
			}
		}
		v.Got = fmt.Sprintf("%s, want %s, in a run %s", v.Got, v.Want, run)
		v.Want, v.Culprit = want, ""
		rec.Inconclusive = append(rec.Inconclusive, v)
	}
	rec.Violations = append([]record.Violation{}, kept...)
}
