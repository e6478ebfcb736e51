// Package summary computes what every report says of recordings: verdicts,
// totals, the table of runs and the table of truth. The reports show it.
package summary

import (
	"fmt"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// Verdict returns the judgement of one run in a word or two: "deadlock",
// "interrupted", the number of violations, "invalid", "inconclusive" or "ok".
// The first of them that is true counts.
func Verdict(r *record.Recording) string {
	switch {
	case r.Deadlock != "":
		return "deadlock"
	case r.Interrupted:
		return "interrupted"
	case len(r.Violations) > 0:
		return text.Plural(len(r.Violations), "violation")
	case r.Invalid():
		return "invalid"
	case len(r.Inconclusive) > 0, r.Limit != "":
		return "inconclusive"
	}
	return "ok"
}

// A Total counts the runs of a report, and what was found in them. Failed are
// the runs whose [Verdict] is not "ok".
type Total struct{ Runs, Violations, Deadlocks, Interrupted, Invalid, Inconclusive, Warnings, Failed int }

// Unknown returns the number of runs that cannot be judged, and have no
// violation.
func (t Total) Unknown() int { return t.Invalid + t.Inconclusive }

// Sum returns the total of the recordings, each of which is one run.
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
		switch Verdict(r) {
		case "ok":
			continue
		case "invalid":
			t.Invalid++
		case "inconclusive":
			t.Inconclusive++
		}
		t.Failed++
	}
	return t
}

// String returns the last line of a text report, such as "3 runs, 0 violations,
// 1 warning". Of the other counts it leaves out those that are 0.
func (t Total) String() string {
	return strings.Join(
		append([]string{text.Plural(t.Runs, "run"), text.Plural(t.Violations, "violation")}, t.others()...),
		", ",
	)
}

// OtherCounts returns the counts that are not of runs or violations, such as
// "1 deadlock, 2 warnings". It leaves out those that are 0.
func (t Total) OtherCounts() string { return strings.Join(t.others(), ", ") }

func (t Total) others() (parts []string) {
	if t.Deadlocks > 0 {
		parts = append(parts, text.Plural(t.Deadlocks, "deadlock"))
	}
	if t.Interrupted > 0 {
		parts = append(parts, fmt.Sprintf("%d interrupted", t.Interrupted))
	}
	if t.Invalid > 0 {
		parts = append(parts, fmt.Sprintf("%d invalid", t.Invalid))
	}
	if t.Inconclusive > 0 {
		parts = append(parts, fmt.Sprintf("%d inconclusive", t.Inconclusive))
	}
	if t.Warnings > 0 {
		parts = append(parts, text.Plural(t.Warnings, "warning"))
	}
	return parts
}

// ByScenario groups recordings by scenario name and file. Groups stand in the
// order of their first recording, and recordings in the given order.
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
