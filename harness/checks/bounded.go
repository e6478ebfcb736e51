package checks

import (
	"fmt"
	"strings"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/record"
)

// Bounded expects a figure of the run to be within a bound. What the plan says
// of the figure stands beside what was measured, where it is known.
//
// Under both clocks it is judged as it was measured, at once: a bound is what
// its user means, and the best of several runs is not what the others met.
func Bounded(check string, f bounds.Figure, b bounds.Bound) Check {
	name := ""
	if f.Name != "" && f.Name != check { // which stands in front of both
		name = f.Name + " "
	}
	return func(r *record.Recording) []record.Violation {
		least, x, why := f.Within(r, b.Unit)
		reason, remedy, inconclusive := strings.Cut(why, ": ")
		switch {
		case inconclusive:
			return []record.Violation{{Check: check, Inconclusive: true, Got: reason, Want: remedy}}
		case why != "":
			return found(check, f, name+why, name+b.String())
		case b.Met(x) && b.Met(least):
			return nil
		case b.Met(x) || b.Met(least):
			return []record.Violation{{
				Check: check, Inconclusive: true, Timed: f.Timed,
				Got: fmt.Sprintf("%sbetween %s and %s, which is not known more exactly of so many tasks, where %s "+
					"is wanted", name, b.Unit.Format(least), b.Unit.Format(x), b),
				Want: "keep all samples, or a bound that is farther away",
			}}
		}
		culprit := record.Culprit("")
		got := name + b.Tell(x)
		if planned, known := f.Planned(r, b.Unit); known {
			got += ", planned " + b.Tell(planned)
			switch {
			case !b.Met(planned):
				culprit = record.ByFile
			case !f.Timed:
				culprit = miscount(r)
			case check != "recovery": // of which the fault has a part
				culprit = overran(r, f, b.Unit, x, planned)
			}
		}
		return by(culprit, found(check, f, got, name+b.String()))
	}
}

// found is the violation of a bound. By the times of a generator that was late
// no figure can be judged that depends on them.
func found(check string, f bounds.Figure, got, want string) []record.Violation {
	return []record.Violation{{Check: check, Got: got, Want: want, Timed: f.Timed}}
}
