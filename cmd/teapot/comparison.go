package main

import (
	"path/filepath"
	"strings"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/compare"
	"github.com/teapot-go/teapot/reports/page"
)

// A judged comparison, and the two sides of it for those who draw them.
type comparison struct {
	before, after page.Side
	found         compare.Comparison
}

// comparisonOf are the formats of a comparison by their names.
var comparisonOf = map[string]func(comparison) reports.Reporter{
	"text":     func(c comparison) reports.Reporter { return compare.Text(c.found) },
	"markdown": func(c comparison) reports.Reporter { return compare.Markdown(c.found) },
	"json":     func(c comparison) reports.Reporter { return compare.JSON(c.found) },
	"html":     func(c comparison) reports.Reporter { return page.Comparison(c.before, c.after, changes(c.found)) },
}

// comparisonFormat is the format that a file's name says, "" if it says none that a comparison has.
func comparisonFormat(file string) string {
	format := byExtension[strings.ToLower(filepath.Ext(file))]
	if comparisonOf[format] == nil {
		return ""
	}
	return format
}

// changes are the figures of a comparison in words. A case that was not judged by any has one of its own.
func changes(found compare.Comparison) []page.Change {
	var list []page.Change
	for _, k := range found.Cases {
		if len(k.Figures) == 0 && k.Verdict != "" {
			list = append(list, page.Change{Scenario: k.Scenario, Executor: k.Executor, Figure: "all", Verdict: string(k.Verdict), Why: k.Why})
		}
		for _, f := range k.Figures {
			c := page.Change{Scenario: k.Scenario, Executor: k.Executor, Figure: f.Metric.Name, Verdict: string(f.Verdict), Why: f.Why}
			c.Before, c.After, c.Change, c.Interval = f.Words()
			list = append(list, c)
		}
	}
	return list
}

func recordingsOf(found compare.Comparison) (old, new []*harness.Recording) {
	for _, k := range found.Cases {
		old, new = append(old, k.Old...), append(new, k.New...)
	}
	return old, new
}
