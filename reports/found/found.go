// Package found says which highest rate a search has found, and shows the rates
// that were tried, the same in every report.
package found

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/search"
	"github.com/teapot-go/teapot/reports/text"
)

// Sentence says what the search of a run has found, or returns "" of a run
// without one.
func Sentence(r *record.Recording) string {
	s := r.Search
	switch {
	case s == nil:
		return ""
	case s.Found == 0 && len(s.Tried) == 0:
		return "no rate was found: the search was interrupted"
	case s.Found == 0 && s.Tried[0].Unknown:
		return fmt.Sprintf("no rate was found: %s cannot be judged%s", search.Text(s.Low), reason(s))
	case s.Found == 0:
		return fmt.Sprintf("no rate was found: even %s does not meet the expectations", search.Text(s.Low))
	case s.Missed == 0 && r.Interrupted:
		return fmt.Sprintf("%s meets the expectations; the search was interrupted", search.Text(s.Found))
	case s.Missed == 0:
		return fmt.Sprintf("%s meets the expectations, and is the highest rate of the range", search.Text(s.Found))
	}
	return fmt.Sprintf("%s is the highest rate that meets the expectations; %s does not%s", search.Text(s.Found),
		search.Text(s.Missed), reason(s))
}

// reason is why the lowest rate that was missed was.
func reason(s *search.Result) string {
	for _, t := range s.Tried {
		if t.Rate == s.Missed && t.Why != "" {
			return ": " + text.Clip(text.Printable(t.Why), 300)
		}
	}
	return ""
}

// Bounds returns the bounds that a run was judged by, and its search looked
// for.
func Bounds(r *record.Recording) (all []string) {
	for _, c := range r.Checked {
		if strings.Contains(c.Want, "<=") || strings.Contains(c.Want, ">=") {
			all = append(all, text.Clip(text.Printable(c.Check+": "+c.Want), 60))
		}
	}
	slices.Sort(all)
	return all
}

// Table returns the rates that the search of a run has tried, in their order,
// or nothing of a run without one.
func Table(r *record.Recording) (head []string, rows [][]string) {
	if r.Search == nil {
		return nil, nil
	}
	for _, t := range r.Search.Tried {
		p99, throughput := text.None, text.None
		if t.P99 > 0 {
			p99 = text.Short(t.P99)
		}
		if t.Throughput > 0 {
			throughput = search.Text(t.Throughput)
		}
		rows = append(rows, []string{
			search.Text(t.Rate), throughput, p99, fmt.Sprintf("%.3g%%", 100*t.Errors), verdict(r.Search, t),
		})
	}
	return []string{"rate", "throughput", "p99 from due", "errors", "expectations"}, rows
}

func verdict(s *search.Result, t search.Tried) string {
	word := "missed"
	switch {
	case t.Meets && t.Rate == s.Found:
		word = "met, the highest"
	case t.Meets:
		word = "met"
	case t.Unknown:
		word = "not judged"
	}
	if t.Runs > 1 {
		word += fmt.Sprintf(", %d of %d", t.Met, t.Runs)
	}
	return word
}
