package html

import (
	"fmt"
	"strings"

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

// A shownCase is a case with its runs, and of the first case of a finding the
// evidence.
type shownCase struct {
	findings.Case
	Runs     []*run
	Evidence *evidence
	Last     bool // of the cases that want the same
}

// Blames names the cause of the finding in a word or three, for it to be found
// by.
func (f finding) Blames() string {
	switch {
	case f.Culprit != "":
		return string(f.Culprit)
	case f.Cause() == "":
		return "not known"
	}
	return strings.ReplaceAll(f.Cause(), "the ", "")
}

// newFindings returns the findings of the runs that the sections show.
func newFindings(recs []*record.Recording, sections []section) (all []finding) {
	shown := map[*record.Recording]*run{}
	for _, s := range sections {
		for _, v := range s.Runs {
			shown[v.Recording] = v
		}
	}
	found, strips := findings.Of(recs), map[*run]bool{}
	for n, f := range found[:min(len(found), mostFindings)] {
		v := finding{Finding: f, More: max(0, len(f.Cases)-mostCases)}
		for i, c := range f.Cases {
			var runs []*run
			for _, r := range c.Runs {
				runs = append(runs, shown[r])
				shown[r].Shows = append(shown[r].Shows, n)
			}
			if i < mostCases {
				last := i+1 == min(len(f.Cases), mostCases) || f.Cases[i+1].Want != c.Want
				v.Shown = append(v.Shown, shownCase{Case: c, Runs: runs, Last: last})
			}
			v.Runs = append(v.Runs, runs...)
		}
		e := newEvidence(f, v.Shown[0].Case, v.Shown[0].Runs[0])
		if e != nil && e.Strip && e.Ladder == nil { // which several findings may show
			e.Strip, strips[e.Run] = !strips[e.Run], true
		}
		if e != nil && (e.Strip || e.Order || e.Ladder != nil) {
			v.Shown[0].Evidence = e
		}
		all = append(all, v)
	}
	for _, s := range sections {
		s.compareFailures(found)
	}
	return all
}

// compareFailures notes of each run of the section that fails as an earlier one
// does which that is.
func (s section) compareFailures(found []findings.Finding) {
	shows := map[*record.Recording]string{} // the cases of each run
	for i, f := range found {
		for j, c := range f.Cases {
			for _, r := range c.Runs {
				shows[r] += fmt.Sprintf("%d.%d ", i, j)
			}
		}
	}
	first := map[string]*run{}
	for _, v := range s.Runs {
		switch what := shows[v.Recording]; {
		case what == "" || v.Hung() != "":
		case first[what] == nil:
			first[what] = v
		default:
			v.As = first[what]
		}
	}
}

// Hung returns why the run could not go on, where no finding says it.
func (v *run) Hung() string { return findings.Deadlock(v.Recording) }
