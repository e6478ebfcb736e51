// Package summary is what every report says of recordings: verdicts, totals,
// the table of runs, the table of truth. It shows none of it.
package summary

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// Verdict is the judgement of one run in a word or two.
func Verdict(r *record.Recording) string {
	switch {
	case r.Deadlock != "":
		return "deadlock"
	case r.Interrupted:
		return "interrupted"
	case len(r.Violations) > 0:
		return text.Plural(len(r.Violations), "violation")
	case len(r.Inconclusive) > 0:
		return "inconclusive"
	}
	return "ok"
}

// Total counts what the runs came to.
type Total struct{ Runs, Violations, Deadlocks, Interrupted, Inconclusive, Warnings, Failed int }

// Sum counts what the recordings came to.
func Sum(recs []*record.Recording) (t Total) {
	for _, r := range recs {
		t.Runs++
		t.Violations += len(r.Violations)
		t.Warnings += len(r.Warnings)
		if r.Deadlock != "" {
			t.Deadlocks++
		}
		if r.Interrupted {
			t.Interrupted++
		}
		if Verdict(r) == "inconclusive" {
			t.Inconclusive++
		}
		if Verdict(r) != "ok" {
			t.Failed++
		}
	}
	return t
}

// String is the last line of a text report. What did not happen is left out,
// but for violations.
func (t Total) String() string {
	return strings.Join(
		append([]string{text.Plural(t.Runs, "run"), text.Plural(t.Violations, "violation")}, t.rest()...),
		", ",
	)
}

// Besides is what a headline of runs and violations leaves unsaid, "" for
// nothing.
func (t Total) Besides() string { return strings.Join(t.rest(), ", ") }

func (t Total) rest() (parts []string) {
	if t.Deadlocks > 0 {
		parts = append(parts, text.Plural(t.Deadlocks, "deadlock"))
	}
	if t.Interrupted > 0 {
		parts = append(parts, fmt.Sprintf("%d interrupted", t.Interrupted))
	}
	if t.Inconclusive > 0 {
		parts = append(parts, fmt.Sprintf("%d inconclusive", t.Inconclusive))
	}
	if t.Warnings > 0 {
		parts = append(parts, text.Plural(t.Warnings, "warning"))
	}
	return parts
}

// ByScenario groups recordings by scenario, both in the order of their first
// appearance.
func ByScenario(recs []*record.Recording) [][]*record.Recording {
	var groups [][]*record.Recording
	index := map[[2]string]int{}
	for _, r := range recs {
		key := [2]string{r.Scenario, r.File}
		i, known := index[key]
		if !known {
			i = len(groups)
			index[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// columns names the figures of a run, and figures gives them in that order. A
// run that did not end has a makespan so far, but it says nothing about the
// executor's efficiency.
var columns = [...]string{
	"executor",
	"ok",
	"not_found",
	"error",
	"makespan",
	"ideal",
	"efficiency",
	"speedup",
	"p50",
	"p95",
	"p99",
	"verdict",
}

func figures(r *record.Recording) []string {
	ended := r.Deadlock == "" && !r.Interrupted
	ideal, efficiency, speedup := text.None, text.None, ""
	if r.IdealMakespan > 0 {
		ideal = text.Short(r.IdealMakespan)
		if ended {
			efficiency = fmt.Sprintf("%.1f%%", 100*r.Efficiency())
		}
	}
	if r.Speedup > 0 && ended {
		speedup = fmt.Sprintf("%.1f×", r.Speedup)
	}
	row := []string{r.Name()}
	for _, o := range Outcomes {
		row = append(row, fmt.Sprint(r.Outcomes[o]))
	}
	row = append(row, text.Short(r.Makespan), ideal, efficiency, speedup)
	for _, p := range []string{"p50", "p95", "p99"} {
		row = append(row, Percentile(r, p))
	}
	return append(row, Verdict(r))
}

// Table is the runs' figures under their names; the columns for not_found and
// speedup go where no run has any.
func Table(recs []*record.Recording) (head []string, rows [][]string) {
	head = slices.Clone(columns[:])
	for _, r := range recs {
		rows = append(rows, figures(r))
	}
	for _, name := range []string{"speedup", "not_found"} {
		c := slices.Index(head, name)
		if slices.ContainsFunc(rows, func(row []string) bool { return row[c] != "" && row[c] != "0" }) {
			continue
		}
		head = slices.Delete(head, c, c+1)
		for i := range rows {
			rows[i] = slices.Delete(rows[i], c, c+1)
		}
	}
	return head, rows
}

// Outcomes lists them in the order in which reports list them.
var Outcomes = [...]record.Outcome{record.OutcomeOK, record.OutcomeNotFound, record.OutcomeError}

// Percentile is the recording's figure of that name; a run that finished
// nothing has none.
func Percentile(r *record.Recording, name string) string {
	d, known := r.Percentiles[name]
	if !known {
		return text.None
	}
	return text.Short(d)
}
