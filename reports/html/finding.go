package html

import (
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/findings"
)

// mostCases is how many cases of a finding are shown, and mostFindings how many
// findings.
const (
	mostCases    = 4
	mostFindings = 100
)

// A finding is what is wrong with runs, with the places of these runs in the
// page.
type finding struct {
	findings.Finding
	Shown []shownCase
	More  int    // cases
	Runs  []*run // of all cases
}

// A shownCase is a case with its runs.
type shownCase struct {
	findings.Case
	Runs []*run
}

// newFindings returns the findings of the runs that the sections show.
func newFindings(recs []*record.Recording, sections []section) (all []finding) {
	shown := map[*record.Recording]*run{}
	for _, s := range sections {
		for _, v := range s.Runs {
			shown[v.Recording] = v
		}
	}
	found := findings.Of(recs)
	for _, f := range found[:min(len(found), mostFindings)] {
		v := finding{Finding: f, More: max(0, len(f.Cases)-mostCases)}
		for i, c := range f.Cases {
			var runs []*run
			for _, r := range c.Runs {
				runs = append(runs, shown[r])
			}
			if i < mostCases {
				v.Shown = append(v.Shown, shownCase{c, runs})
			}
			v.Runs = append(v.Runs, runs...)
		}
		all = append(all, v)
	}
	return all
}

// Hung returns why the run could not go on, where no finding says it.
func (v *run) Hung() string { return findings.Deadlock(v.Recording) }
