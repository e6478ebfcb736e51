package html

import (
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
func sides() (before, after Side, changes []Change) {
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
	return before, after, []Change{
		{"error-60", "sequential", "makespan / ideal", "1.000", "1.000", "0 %", "", "same", "virtual clock: equal"},
		{"error-60", "pool/10", "p99", "4.97s", "4.97s", "0 %", "", "same", ""},
		{
			"error-60",
			"pool/10",
			"makespan / ideal",
			"1.000",
			"1.147",
			"+14.7 %",
			"[+14.1 %, +15.2 %]",
			"worse",
			"the interval is beyond 5 %",
		},
		{"error-60", "pool/100", "CPU per task", "12µs", "11µs", "−8.0 %", "[−9 %, −7 %]", "better", ""},
		{"error-60", "pool/100", "allocations", "", "", "", "", "inconclusive", "fewer than 6 samples"},
	}
}

func TestComparison(t *testing.T) {
	root := parse(t, render(t, Comparison(sides())))
	if got, want := strings.TrimSpace(
		textOf(all(root, "h1")[0]),
	), "✗ 1 worse, 1 inconclusive, 1 better, 2 same"; got != want {
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

func TestComparisonJudgement(t *testing.T) {
	for _, c := range []struct {
		changes []Change
		want    string
		good    bool
	}{
		{nil, "Nothing was compared", false},
		{[]Change{{Verdict: "same"}}, "1 same", true},
		{[]Change{{Verdict: "same"}, {Verdict: "no data"}}, "1 no data, 1 same", false},
		{[]Change{{Verdict: "better"}, {Verdict: "inconclusive"}}, "1 inconclusive, 1 better", true},
		{[]Change{{Verdict: "better"}, {Verdict: "worse"}}, "1 worse, 1 better", false},
	} {
		if got, good := judgement(c.changes); got != c.want || good != c.good {
			t.Errorf("got %q %v, want %q %v", got, good, c.want, c.good)
		}
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
	hostile := Comparison(bad, bad, []Change{{worse, worse, worse, worse, worse, worse, worse, "worse", worse}})
	for name, r := range map[string]reports.Reporter{
		"compared": Comparison(sides()), "hostile": hostile,
		"nothing": Comparison(Side{}, Side{}, nil),
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
