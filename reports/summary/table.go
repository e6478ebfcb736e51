package summary

import (
	"fmt"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// columns are the names of the figures of a run, in the order of figures. A run
// that did not end has a makespan, but no efficiency or speedup: the makespan
// ends where the run was stopped.
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
	ended := r.Deadlock == "" && !r.Interrupted && r.LostGenerators() == 0
	ideal, measured, speedup := text.None, text.None, ""
	if r.IdealMakespan > 0 {
		ideal = text.Short(r.IdealMakespan)
		if ended {
			if measured = fmt.Sprintf("%.1f%%", 100*r.Efficiency()); r.Beaten() != "" {
				measured = ">100%" // which says nothing of the executor
			}
		}
	}
	if r.Speedup > 0 && ended {
		speedup = fmt.Sprintf("%.1f×", r.Speedup)
	}
	row := []string{r.Name()}
	for _, o := range Outcomes {
		row = append(row, fmt.Sprint(r.Outcomes[o]))
	}
	row = append(row, Measured(r, text.Short(r.Makespan)), ideal, Measured(r, measured), Measured(r, speedup))
	row = append(row, Percentiles(r, "p50", "p95", "p99")...)
	return append(row, Verdict(r))
}

// Table returns the names of columns, a row of figures for each recording, and
// notes that explain what a reader could take for something else. It leaves out
// the columns not_found and speedup if no run has a value there.
func Table(recs []*record.Recording) (head []string, rows [][]string, notes []string) {
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
	return head, rows, notesOf(recs)
}

// Outcomes are all outcomes of a task, in the order in which reports show them.
var Outcomes = [...]record.Outcome{record.OutcomeOK, record.OutcomeNotFound, record.OutcomeError}

// Percentiles returns the percentiles of a run with these names, such as "p95",
// as text: of the tasks that ended without an error. They are [text.None] for a
// run that has no such task.
func Percentiles(r *record.Recording, names ...string) (figures []string) {
	of := r.WithoutErrors()
	for _, name := range names {
		figure := text.None
		if d, known := of[name]; known {
			figure = Measured(r, text.Short(d))
		}
		figures = append(figures, figure)
	}
	return figures
}

// notesOf explains the figures of a table of these runs.
func notesOf(recs []*record.Recording) (notes []string) {
	if mark := Marked(recs...); mark != "" {
		notes = append(notes, mark)
	}
	if slices.ContainsFunc(recs, func(r *record.Recording) bool { return r.Outcomes[record.OutcomeError] > 0 }) {
		notes = append(notes, "p50, p95 and p99 are of the tasks without an error")
	}
	return append(notes, keptOf(recs)...)
}

// Measured returns a figure that depends on time, as text, with a mark if the
// run is invalid. [Marked] says what the mark means.
func Measured(r *record.Recording, figure string) string {
	if !r.Invalid() || figure == "" || figure == text.None {
		return figure
	}
	return figure + "?"
}

// Marked explains the mark of [Measured], if a run has it, or else returns "".
func Marked(recs ...*record.Recording) string {
	lost := func(r *record.Recording) bool { return r.LostGenerators() > 0 }
	bottleneck := func(r *record.Recording) bool { return r.Invalid() && !lost(r) }
	const behind, missing = "the generator was the bottleneck, so this time is not the client's",
		"a load generator was lost, so this time is of the tasks of the others"
	switch some := slices.ContainsFunc(recs, bottleneck); {
	case slices.ContainsFunc(recs, lost) && some:
		return "?: " + behind + "; or " + missing
	case slices.ContainsFunc(recs, lost):
		return "?: " + missing
	case some:
		return "?: " + behind
	}
	return ""
}
