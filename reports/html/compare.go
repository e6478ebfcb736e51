package html

import (
	"cmp"
	"fmt"
	"html/template"
	"io"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/charts"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// A Side is one of two sets of recordings that are compared. Name is shown for
// the set, such as the name of its file. Host is where its runs were made.
type Side struct {
	Name string
	Host reports.Host
	Runs []*record.Recording
}

// A Change is one figure of one run before and after, with the verdict on it.
// The texts are shown as they are. Verdict must be "better", "worse", "same",
// "inconclusive" or "no data".
type Change struct {
	Scenario, Executor string // which run, as its recording names them: error-100, pool/10
	Figure             string
	Before, After      string
	Change             string // with its interval, "" where there is none
	Verdict, Why       string

	// By, Lo and Hi are the change as a share and its interval, which are drawn
	// beside the others; all 0 where they are not. Equal says that the figure
	// had to be equal, and is: it is only named.
	By, Lo, Hi float64
	Equal      bool
}

// Judged is what a comparison has found: the headline, the changes, the means
// over all runs, whose Scenario and Executor are not shown, and the share by
// which a figure may change and be the same.
type Judged struct {
	Headline  string
	Failed    bool
	Changes   []Change
	Together  []Change
	Tolerance float64
}

// Symbol returns the character that stands beside the verdict, for readers who
// cannot tell its colour. The page's template calls it.
func (c Change) Symbol() string {
	return map[string]string{"better": "▲", "worse": "▼", "same": "=", "inconclusive": "?", "no data": "✗"}[c.Verdict]
}

// Class returns the CSS class of the verdict, which sets its colour. The page's
// template calls it.
func (c Change) Class() string {
	return map[string]string{"better": "good", "worse": "bad", "no data": "bad"}[c.Verdict]
}

// Comparison reports two sets of recordings as one HTML file: first the
// changes, which the caller has judged, the worst first, then the runs that
// both sets have, drawn in the same charts. The file has no script.
func Comparison(before, after Side, found Judged) reports.Reporter {
	return func(w io.Writer) error {
		return write(w, "compare.html.tmpl", newComparison(before, after, found))
	}
}

// comparison is what the template shows.
type comparison struct {
	Style         template.CSS
	Policy        string
	Verdict       string
	Good, Unknown bool
	Before, After Side
	Groups        []changed
	Together      []row
	Axis          *forest
	Pairs         []pair
	Alone         []string // runs without a counterpart
}

// changed are the changes of one run. ID is where its charts are, "" for
// nowhere.
type changed struct {
	ID, Name string
	Changes  []row
	Equal    []string // the names of the figures that are only named
}

// pair is a run before and after.
type pair struct {
	ID, Name, Note string
	Rows           []side
	Course         *charts.Course
	Curves         *charts.Curves
	Percentiles    []quantile
}

// side is a row of the table of a pair.
type side struct {
	Label, Verdict, Makespan, Ideal string
	Good                            bool
	Outcomes                        []int
	Strip                           *charts.Strip
}

type quantile struct{ Name, Before, After, Planned string }

func newComparison(before, after Side, found Judged) *comparison {
	css := style + compact(trendStylesheet)
	c := &comparison{
		Style: template.CSS(css), Policy: policyOf(css, ""), Before: before, After: after,
		Verdict: found.Headline, Good: !found.Failed, Axis: newForest(found),
	}
	for _, change := range found.Together {
		c.Together = append(c.Together, c.Axis.row(change))
	}
	ids := map[string]string{}
	old := byName(before.Runs)
	for _, r := range byName(after.Runs) {
		i := slices.IndexFunc(old, func(o repeats) bool { return o.name == r.name })
		if i < 0 {
			c.Alone = append(c.Alone, show(r.name, 200)+": only after")
			continue
		}
		p := newPair(fmt.Sprintf("pair-%d", len(c.Pairs)+1), old[i], r)
		ids[r.name] = p.ID
		c.Pairs = append(c.Pairs, p)
		old = slices.Delete(old, i, i+1)
	}
	for _, o := range old {
		c.Alone = append(c.Alone, show(o.name, 200)+": only before")
	}
	for _, change := range found.Changes {
		name := runName(change.Scenario, change.Executor)
		i := slices.IndexFunc(c.Groups, func(g changed) bool { return g.Name == show(name, 200) })
		if i < 0 {
			i = len(c.Groups)
			c.Groups = append(c.Groups, changed{ID: ids[name], Name: show(name, 200)})
		}
		if g := &c.Groups[i]; change.Equal {
			g.Equal = append(g.Equal, change.Figure)
		} else {
			g.Changes = append(g.Changes, c.Axis.row(change))
		}
	}
	for _, g := range c.Groups {
		slices.SortStableFunc(g.Changes, func(a, b row) int {
			return cmp.Compare(severity(a.Change), severity(b.Change))
		})
	}
	slices.SortStableFunc(c.Groups, func(a, b changed) int { return cmp.Compare(a.severity(), b.severity()) })
	return c
}

// severity is that of the gravest change.
func (g changed) severity() int {
	if len(g.Changes) == 0 {
		return 1
	}
	return severity(g.Changes[0].Change)
}

// severity is 0 for what is to be read first.
func severity(c Change) int {
	return cmp.Or(map[string]int{"worse": -4, "no data": -3, "inconclusive": -2, "better": -1}[c.Verdict], 0)
}

// repeats are all recordings of one run.
type repeats struct {
	name string
	runs []*record.Recording
}

func runName(scenario, executor string) string { return scenario + " on " + executor }

func byName(recs []*record.Recording) (all []repeats) {
	for _, group := range summary.ByScenario(recs) {
		for _, runs := range byExecutor(group) {
			all = append(all, repeats{runName(runs[0].Scenario, runs[0].Name()), runs})
		}
	}
	return all
}

func newPair(id string, before, after repeats) pair {
	a, b := summary.Median(before.runs), summary.Median(after.runs)
	p := pair{ID: id, Name: show(after.name, 200), Course: charts.NewCourse(b, a), Curves: charts.NewCurves(b, a)}
	if n, m := len(before.runs), len(after.runs); n > 1 || m > 1 {
		p.Note = fmt.Sprintf("The medians of %s before and of %d after.", text.Plural(n, "repeat"), m)
	}
	longest := max(a.Makespan, b.Makespan, a.IdealMakespan, b.IdealMakespan)
	p.Rows = []side{newSide("before", a, longest), newSide("after", b, longest)}
	was := map[string]string{}
	if old := charts.NewCurves(a, nil); old != nil {
		for _, q := range old.Rows {
			was[q.Name] = q.Measured
		}
	}
	if p.Curves != nil {
		for _, q := range p.Curves.Rows {
			p.Percentiles = append(
				p.Percentiles,
				quantile{q.Name, cmp.Or(was[q.Name], text.None), q.Measured, q.Planned},
			)
		}
	}
	return p
}

func newSide(label string, r *record.Recording, longest time.Duration) side {
	s := side{
		Label:    label,
		Verdict:  summary.Verdict(r),
		Makespan: summary.Measured(r, text.Short(r.Makespan)),
		Ideal:    text.None,
		Strip:    charts.NewStrip(r, longest),
	}
	s.Good = s.Verdict == "ok"
	if r.IdealMakespan > 0 {
		s.Ideal = text.Short(r.IdealMakespan)
	}
	for _, o := range summary.Outcomes {
		s.Outcomes = append(s.Outcomes, r.Outcomes[o])
	}
	return s
}
