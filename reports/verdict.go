package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness"
)

// verdict is the judgement of one run in a word or two.
func verdict(r *harness.Recording) string {
	switch {
	case r.Deadlock != "":
		return "deadlock"
	case r.Interrupted:
		return "interrupted"
	case len(r.Violations) > 0:
		return plural(len(r.Violations), "violation")
	}
	return "ok"
}

// total counts what the runs came to.
type total struct{ Runs, Violations, Deadlocks, Interrupted, Warnings, Failed int }

func add(recs []*harness.Recording) (t total) {
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
		if verdict(r) != "ok" {
			t.Failed++
		}
	}
	return t
}

// String is the last line of a text report. What did not happen is left out, but for violations.
func (t total) String() string {
	return strings.Join(append([]string{plural(t.Runs, "run"), plural(t.Violations, "violation")}, t.rest()...), ", ")
}

// Besides is what a headline of runs and violations leaves unsaid, "" for nothing.
func (t total) Besides() string { return strings.Join(t.rest(), ", ") }

func (t total) rest() (parts []string) {
	if t.Deadlocks > 0 {
		parts = append(parts, plural(t.Deadlocks, "deadlock"))
	}
	if t.Interrupted > 0 {
		parts = append(parts, fmt.Sprintf("%d interrupted", t.Interrupted))
	}
	if t.Warnings > 0 {
		parts = append(parts, plural(t.Warnings, "warning"))
	}
	return parts
}

// byScenario groups recordings by scenario, both in the order of their first appearance.
func byScenario(recs []*harness.Recording) [][]*harness.Recording {
	var groups [][]*harness.Recording
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

// columns names the figures of a run, and figures gives them in that order. A run that did not end has a makespan so far, but it
// says nothing about the executor's efficiency.
var columns = [...]string{"executor", "ok", "not_found", "error", "makespan", "ideal", "efficiency", "speedup", "p50", "p95", "p99", "verdict"}

func figures(r *harness.Recording) []string {
	ended := r.Deadlock == "" && !r.Interrupted
	ideal, efficiency, speedup := none, none, ""
	if r.IdealMakespan > 0 {
		ideal = short(r.IdealMakespan)
		if ended {
			efficiency = fmt.Sprintf("%.1f%%", 100*r.Efficiency())
		}
	}
	if r.Speedup > 0 && ended {
		speedup = fmt.Sprintf("%.1f×", r.Speedup)
	}
	row := []string{r.Name()}
	for _, o := range outcomes {
		row = append(row, fmt.Sprint(r.Outcomes[o]))
	}
	row = append(row, short(r.Makespan), ideal, efficiency, speedup)
	for _, p := range []string{"p50", "p95", "p99"} {
		row = append(row, percentile(r, p))
	}
	return append(row, verdict(r))
}

// table is the runs' figures under their names; the columns for not_found and speedup go where no run has any.
func table(recs []*harness.Recording) (head []string, rows [][]string) {
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

// outcomes in the order in which reports list them.
var outcomes = [...]harness.Outcome{harness.OutcomeOK, harness.OutcomeNotFound, harness.OutcomeError}

// percentile is the recording's figure of that name; a run that finished nothing has none.
func percentile(r *harness.Recording, name string) string {
	d, known := r.Percentiles[name]
	if !known {
		return none
	}
	return short(d)
}
