package runs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/compare"
	"github.com/teapot-go/teapot/reports/html"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// A comparison is what was found between two sides, and the sides themselves
// for the formats that draw them.
type comparison struct {
	Before, After html.Side
	Found         compare.Comparison
}

// reportOf has the formats of a comparison by their names.
var reportOf = map[string]func(comparison) reports.Reporter{
	"text":     func(c comparison) reports.Reporter { return compare.Text(c.Found) },
	"markdown": func(c comparison) reports.Reporter { return compare.Markdown(c.Found) },
	"json":     func(c comparison) reports.Reporter { return compare.JSON(c.Found) },
	"html":     func(c comparison) reports.Reporter { return html.Comparison(c.Before, c.After, judged(c.Found)) },
}

// Report returns the comparison in one of its formats: text, markdown, json or
// html.
func (c comparison) Report(format string) reports.Reporter { return reportOf[format](c) }

// formatOf returns the format of a comparison that a file's name stands for, ""
// for none.
func formatOf(file string) string {
	format := cli.FormatOf(file)
	if reportOf[format] == nil {
		return ""
	}
	return format
}

// judged is a comparison in words and shares.
func judged(found compare.Comparison) html.Judged {
	j := html.Judged{
		Headline: found.Headline(), Failed: found.Failed(), Changes: changes(found), Tolerance: found.Tolerance,
	}
	for _, m := range found.Together() {
		j.Together = append(j.Together, html.Change{
			Figure: m.Metric.Name, Change: text.Change(m.Change, m.Lo, m.Hi), By: m.Change, Lo: m.Lo, Hi: m.Hi,
			Why: text.Plural(m.Cases, "run"),
		})
	}
	return j
}

// changes are the figures of a comparison in words. A case that was not judged
// by any has one that stands for all.
func changes(found compare.Comparison) []html.Change {
	var list []html.Change
	for _, k := range found.Cases {
		if len(k.Figures) == 0 && k.Verdict != "" {
			list = append(list, html.Change{
				Scenario: k.Scenario, Executor: k.Executor, Figure: "all",
				Verdict: string(k.Verdict), Why: k.Why,
			})
		}
		for _, f := range k.Figures {
			c := html.Change{
				Scenario: k.Scenario, Executor: k.Executor, Figure: f.Metric.Name,
				Verdict: string(f.Verdict), Why: f.Why, Equal: f.Exact && f.Verdict == compare.Same,
			}
			c.Before, c.After, c.Change = f.Words()
			c.By, c.Lo, c.Hi, _ = f.Share()
			list = append(list, c)
		}
	}
	return list
}

// recordingsOf returns the recordings of both sides, in the order of the cases.
func recordingsOf(found compare.Comparison) (old, new []*record.Recording) {
	for _, k := range found.Cases {
		old, new = append(old, k.Old...), append(new, k.New...)
	}
	return old, new
}

// blamed is recordings in which what became worse, or could not be judged, is a
// violation too, of the typical run of its case: who reads a report has to see
// what the exit status says. The recordings themselves stay what they are.
func blamed(recs []*record.Recording, found *compare.Comparison, with, reproduce string) []*record.Recording {
	if found == nil || !found.Failed() {
		return recs
	}
	recs = slices.Clone(recs)
	for _, k := range found.Cases {
		if k.Verdict != compare.Worse && k.Verdict != compare.NoData {
			continue
		}
		var got []string
		for _, f := range k.Figures {
			if f.Verdict == k.Verdict {
				_, is, by := f.Words()
				got = append(got, fmt.Sprintf("%s %s (%s)", f.Metric.Name, is, by))
			}
		}
		v := record.Violation{
			Check: "compared", Got: string(k.Verdict) + ": " + cmp.Or(strings.Join(got, ", "), k.Why),
			Want: "no worse than " + with, Line: 1, Reproduce: reproduce,
		}
		blame(recs, k.Name(), v)
	}
	return recs
}

// blame puts a copy of the typical recording of a case in its place, with a
// violation more.
func blame(recs []*record.Recording, name string, v record.Violation) {
	for _, typical := range summary.Typical(recs) {
		if typical.Case() != name {
			continue
		}
		worse := *typical
		v.File = worse.File
		worse.Violations = append(slices.Clone(worse.Violations), v)
		recs[slices.Index(recs, typical)] = &worse
		return
	}
}
