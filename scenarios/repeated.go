package scenarios

import (
	"fmt"

	"github.com/teapot-go/teapot/harness/record"
)

// repeated are the findings that made a case run again.
type repeated struct {
	causes []string // the checks, in the order in which they first found something
	runs   map[string]int
	last   map[string]record.Violation
}

// add adds the findings of a run. Of several of one check the first counts.
func (r *repeated) add(found []record.Violation) {
	if r.runs == nil {
		r.runs, r.last = map[string]int{}, map[string]record.Violation{}
	}
	seen := map[string]bool{}
	for _, v := range found {
		if seen[v.Check] {
			continue
		}
		if seen[v.Check] = true; r.runs[v.Check] == 0 {
			r.causes = append(r.causes, v.Check)
		}
		r.runs[v.Check]++
		r.last[v.Check] = v
	}
}

// warnings returns one warning for each check, with the number of runs.
func (r *repeated) warnings() (all []string) {
	for _, check := range r.causes {
		v, n := r.last[check], r.runs[check]
		got := fmt.Sprintf("got %s, want %s", v.Got, v.Want)
		if v.Inconclusive {
			got = "could not be judged: " + v.Got // what it wants is advice, which says nothing of the run
		}
		runs := "a run that"
		if n > 1 {
			runs = fmt.Sprintf("%d runs, of which the last", n) // never 1
		}
		all = append(all, fmt.Sprintf("%s: run again after %s %s", check, runs, got))
	}
	return all
}

// unrepeated returns a run whose violations may be noise, and that could not be
// repeated to know. They are in doubt then.
func unrepeated(rec *record.Recording, why error) *record.Recording {
	for _, v := range rec.Violations {
		v.Got = fmt.Sprintf("%s, want %s, in a run that may have met a busy machine, and could not be repeated: %v",
			v.Got, v.Want, why)
		v.Want = "a run that can be repeated"
		rec.Inconclusive = append(rec.Inconclusive, v)
	}
	rec.Violations = []record.Violation{}
	return rec
}
