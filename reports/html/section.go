package html

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/charts"
	"github.com/teapot-go/teapot/reports/text"
)

// A source is shown up to so many lines.
const mostLines = 400

// section is one scenario with its runs.
type section struct {
	ID                template.URL // its anchor
	Name, About, File string
	Facts             string
	Runs              []*run
	Sweep             *charts.Sweep
	Source            []sourceLine
}

// Good reports whether all runs are ok.
func (s section) Good() bool {
	return !slices.ContainsFunc(s.Runs, func(v *run) bool { return !v.Good })
}

// Ordered reports whether the order of results is drawn of any run.
func (s section) Ordered() bool {
	return slices.ContainsFunc(s.Runs, func(v *run) bool { return v.Order != nil })
}

// sourceLine is a line of the scenario's file, and whether an expectation
// stands there that was not met.
type sourceLine struct {
	Text     string
	Violated bool
}

// space is what a run may take up: bars with titles, samples, and samples where
// more than so many failed.
type space struct{ titles, samples, failed int }

// carried is how many samples of a run are carried: all that failed if at all
// possible, with room for others.
func (s space) carried(r *record.Recording) int {
	failed := r.Outcomes[record.OutcomeError]
	return max(s.samples, min(failed+failed/4, s.failed))
}

// newSection is a scenario with its runs.
func newSection(a anchors, group []*record.Recording, room space) section {
	r := group[0]
	facts := []string{text.Plural(r.Tasks(), "task"), string(r.Clock) + " clock", fmt.Sprintf("seed %d", r.Seed)}
	if n := len(r.Generators); n > 1 {
		facts = append(facts, text.Plural(n, "load generator"))
	}
	switch r.Delivery {
	case record.InOrder:
		facts = append(facts, "delivered in order of submission")
	case record.AsCompleted:
		facts = append(facts, "delivered as completed")
	}
	s := section{
		ID:     a.of(r.Scenario),
		Name:   show(r.Scenario, 200),
		About:  show(r.About, 2000),
		File:   show(r.File, 500),
		Facts:  strings.Join(facts, " · "),
		Sweep:  charts.NewSweep(group),
		Source: source(group),
	}
	longest := time.Duration(1)
	for _, r := range group {
		longest = max(longest, r.Makespan, r.IdealMakespan)
	}
	bars := newBars(group)
	for i, r := range group {
		v := newRun(r, a.of(r.Case()), longest, room)
		v.Bar = bars[i]
		s.Runs = append(s.Runs, v)
	}
	return s
}

// source is the scenario's file by line.
func source(group []*record.Recording) (lines []sourceLine) {
	if group[0].Source == "" {
		return nil
	}
	var violated []int
	for _, r := range group {
		for _, v := range r.Violations {
			violated = append(violated, v.Line)
		}
	}
	all := strings.Split(strings.TrimRight(group[0].Source, "\n"), "\n")
	for i, line := range all[:min(len(all), mostLines)] {
		lines = append(lines, sourceLine{show(strings.TrimSuffix(line, "\r"), 500), slices.Contains(violated, i+1)})
	}
	if more := len(all) - mostLines; more > 0 {
		lines = append(lines, sourceLine{Text: fmt.Sprintf("… (%s)", text.Plural(more, "more line"))})
	}
	return lines
}
