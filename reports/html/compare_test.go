package html

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// sides are a suite before, and after each task has become slower; each side
// has a run that the other has not.
func sides() (before, after Side, found Judged) {
	before = Side{
		Name: "old.json",
		Host: testHost,
		Runs: append(fixture.Suite(60)[:3], fixture.Simulate("gone", "pool", 2, 5, 0)),
	}
	after = Side{Name: "new.json", Host: testHost, Runs: []*record.Recording{
		fixture.Simulate(
			"error-60",
			"sequential",
			1,
			60,
			0,
		),
		fixture.Simulate("error-60", "pool", 10, 60, 400*time.Millisecond),
		fixture.Simulate("error-60", "pool", 100, 60, 0),
		fixture.Simulate("come", "pool", 2, 5, 0),
	}}
	found = Judged{
		Headline: "✗ slower: 1 of 3 runs, makespan +15 % (14 to 15)", Failed: true, Tolerance: 0.05,
		Together: []Change{{
			Figure: "makespan / ideal", Change: "+6.8 % (5.9 to 7.8)", By: 0.068, Lo: 0.059, Hi: 0.078, Why: "2 runs",
		}},
	}
	found.Changes = []Change{
		{
			Scenario: "error-60", Executor: "sequential", Figure: "makespan / ideal", Before: "1×", After: "1×",
			Change: "0", Verdict: "same", Equal: true,
		},
		{
			Scenario: "error-60", Executor: "pool/10", Figure: "p99", Before: "4.97s", After: "4.97s", Change: "+0.0 %",
			Verdict: "same", By: 0.0004, Lo: -0.01, Hi: 0.01,
		},
		{
			Scenario: "error-60", Executor: "pool/10", Figure: "makespan / ideal", Before: "1×", After: "1.147×",
			Change: "+15 % (14 to 15)", Verdict: "worse", Why: "and +14.7% when run again",
			By: 0.147, Lo: 0.141, Hi: 0.152,
		},
		{
			Scenario: "error-60", Executor: "pool/100", Figure: "CPU per task", Before: "12µs", After: "11µs",
			Change: "−8.0 % (−9.0 to −7.0)", Verdict: "better", By: -0.08, Lo: -0.09, Hi: -0.07,
		},
		{
			Scenario: "error-60", Executor: "pool/100", Figure: "allocations", Before: "10", After: "200",
			Change: "×20 (1.2 to 90)", Verdict: "inconclusive", Why: "fewer than 6 samples", By: 19, Lo: 0.2, Hi: 89,
		},
	}
	return before, after, found
}

func TestComparison(t *testing.T) {
	root := parse(t, render(t, Comparison(sides())))
	if got, want := strings.TrimSpace(
		textOf(all(root, "h1")[0]),
	), "✗ slower: 1 of 3 runs, makespan +15 % (14 to 15)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var heads []string
	for _, h := range all(root, "h2") {
		heads = append(heads, textOf(h))
	}
	want := []string{
		"Changes",
		"error-60 on sequential",
		"error-60 on pool/10",
		"error-60 on pool/100",
		"Only on one side",
	}
	if !slices.Equal(heads, want) {
		t.Errorf("got headings %q, want %q", heads, want)
	}
	said := textOf(root)
	if strings.Index(said, "makespan / ideal") > strings.Index(said, "CPU per task") ||
		!strings.Contains(said, "▼ worse") {
		t.Error("what is worse does not come first")
	}
	for _, alone := range []string{"gone on pool/2: only before", "come on pool/2: only after"} {
		if !strings.Contains(said, alone) {
			t.Errorf("the page does not say %q", alone)
		}
	}
	if n := len(all(root, "script")); n > 0 {
		t.Errorf("%d scripts in a page that needs none", n)
	}
	checkLinks(t, root)
	checkDrawings(t, root)
}

// TestForest wants the line of a change to hold the change, and to lie outside
// the shade of the tolerance only if its whole interval does.
func TestForest(t *testing.T) {
	for _, c := range []struct {
		by, lo, hi float64
		beyond     string
	}{
		{0.147, 0.141, 0.152, ""},
		{0.01, -0.02, 0.04, ""},
		{-0.3, -0.4, -0.2, ""},
		{0.06, 0.02, 0.1, ""},
		{19, 0.2, 89, "right"},
		{-0.9, -0.99, -0.1, "left"},
		{1e-6, 1e-6, 1e-6, ""},
	} {
		change := Change{By: c.by, Lo: c.lo, Hi: c.hi}
		f := newForest(Judged{Tolerance: 0.05, Changes: []Change{change, {By: 0.5, Lo: 0.4, Hi: 0.6}}})
		r := f.row(change)
		var x, from, wide, band, bandWide float64
		drawn := strings.Join([]string{r.X, r.From, r.Wide, f.Band, f.Wide}, " ")
		if _, err := fmt.Sscanf(drawn, "%f%% %f%% %f%% %f%% %f%%", &x, &from, &wide, &band, &bandWide); err != nil {
			t.Fatalf("%q: %v", drawn, err)
		}
		const off = 0.25 // a thin line has a width too
		if x < from-off || x > from+wide+off || r.Beyond != c.beyond {
			t.Errorf("%+v: the dot at %v, the line from %v, %v wide, beyond %q", c, x, from, wide, r.Beyond)
		}
		outside := from+off > band+bandWide || from+wide-off < band
		if want := c.lo > 0.05 || c.hi < -0.0477; outside != want {
			t.Errorf("%+v: drawn from %v, %v wide, the shade from %v, %v wide", c, from, wide, band, bandWide)
		}
	}
	if r := newForest(Judged{}).row(Change{}); r.X != "" {
		t.Errorf("no change is drawn at %s", r.X)
	}
}

// TestBrowserComparison holds the comparison, and one of hostile names, to the
// same as the report.
func TestBrowserComparison(t *testing.T) {
	ctx := browse(t)
	heard := overhear(t, ctx)
	rules := axe(t)
	bad := Side{fixture.Alien().Scenario, testHost, []*record.Recording{fixture.Alien()}}
	worse := bad.Name
	hostile := Comparison(bad, bad, Judged{Headline: worse, Changes: []Change{
		{worse, worse, worse, worse, worse, worse, "worse", worse, 1, 0, 2, false},
		{worse, worse, worse, worse, worse, worse, "worse", worse, 1, 0, 2, true},
	}})
	for name, r := range map[string]reports.Reporter{
		"compared": Comparison(sides()), "hostile": hostile,
		"nothing": Comparison(Side{}, Side{}, Judged{Headline: "∅ nothing was compared", Failed: true}),
	} {
		path := filepath.Join(t.TempDir(), "report.html")
		if err := reports.WriteFile(path, r); err != nil {
			t.Fatal(err)
		}
		heard.Lock()
		heard.requests = nil
		heard.Unlock()
		look(t, ctx, "file://"+path, 1280, "dark", name)
		look(t, ctx, "file://"+path, 390, "light", name)
		if rules != "" {
			accessible(t, ctx, rules, name)
		}
		heard.Lock()
		if len(slices.Compact(heard.requests)) != 1 || len(heard.complaints) > 0 {
			t.Errorf("%s: the page asked for %q, and the browser says %q", name, heard.requests, heard.complaints)
		}
		heard.Unlock()
	}
}
