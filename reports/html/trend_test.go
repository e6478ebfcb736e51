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
	"github.com/teapot-go/teapot/reports/trend"
)

// timed is the trend of n recordings of as many cases as there are levels.
func timed(n int, levels ...func(int) float64) trend.Trend {
	var all []trend.Entry
	for i, d := range fixture.History(n, 1, levels...) {
		h := testHost
		h.Commit, h.Started, h.Branch = d.Commit, d.Started, "main"
		if i%17 == 3 {
			d.Runs[0].Interrupted = true
		}
		if i == n*5/6 {
			d.Runs[0].Violations = []record.Violation{{Check: "order"}}
		}
		all = append(all, trend.Measure(fmt.Sprintf("run-%03d.json", i), h, d.Runs))
	}
	return trend.Of(all, trend.Rule{})
}

// A calm level, one that rises by 18 % in a step, one that drifts, and one that
// falls.
func levelsOf(n int) []func(int) float64 {
	after := func(at int, by float64) func(int) float64 {
		return func(i int) float64 {
			if i < at {
				return 1
			}
			return 1 + by
		}
	}
	return []func(int) float64{
		after(n, 0), after(n*2/3, 0.18), func(i int) float64 { return 1 + 0.3*float64(i)/float64(n) }, after(n/2, -0.2),
	}
}

// hostileTrend is a trend whose every text tries to break out of the page.
func hostileTrend() trend.Trend {
	bad := fixture.Alien().Scenario
	var all []trend.Entry
	for i, d := range fixture.History(40, 2, levelsOf(40)[1]) {
		r := d.Runs[0]
		r.Scenario, r.Executor = bad, bad
		h := reports.Host{
			Go: fmt.Sprint(bad, i/25), OS: bad, Arch: bad, Commit: bad, Branch: bad,
			Job: "javascript:alert(1)", Started: d.Started,
		}
		all = append(all, trend.Measure(bad, h, d.Runs))
	}
	return trend.Of(all, trend.Rule{})
}

func TestTrend(t *testing.T) {
	root := parse(t, render(t, Trend(timed(60, levelsOf(60)...))))
	said := textOf(root)
	const headline = "✗ 2 of 4 histories have become worse: shop/pool/4, shop/pool/6"
	if got := strings.TrimSpace(textOf(all(root, "h1")[0])); got != headline {
		t.Errorf("got the headline %q", got)
	}
	for _, want := range []string{
		"shop/pool/4 is slower: makespan +1", "gradually from commit", "shop/pool/8 is faster",
		"60 recordings, 2026-05-01 to 2026-06-29", "4 not used: interrupted", "Errors stay at 9",
		"A tick at the bottom is a recording that was not used", "A red dot is a recording with violations",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if n := len(all(root, "script")); n > 0 {
		t.Errorf("%d scripts in a page that needs none", n)
	}
	checkLinks(t, root)
	checkDrawings(t, root)
}

// TestTrendJobs wants the jobs of CI servers linked, and nothing that is no
// address.
// TestTrendLabels wants no two labels of an axis alike: neither of values that
// are close to one another, nor of the recordings of one day.
func TestTrendLabels(t *testing.T) {
	near := fixture.History(60, 1, func(i int) float64 { return 1 + float64(i)/4e4 })
	var all []trend.Entry
	for i, d := range near {
		h := testHost
		h.Commit, h.Started = d.Commit, testHost.Started.Add(time.Duration(i)*time.Minute)
		d.Runs[0].IdealMakespan = d.Runs[0].Makespan / 300
		all = append(all, trend.Measure(fmt.Sprintf("run-%03d.json", i), h, d.Runs))
	}
	tr := trend.Of(all, trend.Rule{})
	for _, f := range tr.Histories[0].Figures {
		d := newDrawn(tr, tr.Histories[0], f).Drawing
		var up, across []string
		for _, tick := range d.Up {
			up = append(up, tick.Label)
		}
		for _, tick := range d.Across {
			across = append(across, tick.Label)
		}
		for _, labels := range [][]string{up, across} {
			if slices.Sort(labels); len(slices.Compact(slices.Clone(labels))) != len(labels) {
				t.Errorf("%s: the labels %q, want each once", f.Name, labels)
			}
		}
	}
}

func TestTrendJobs(t *testing.T) {
	for job, want := range map[string]int{"https://ci.test/jobs/1": 41, "javascript:alert(1)": 0, "": 0} {
		var entries []trend.Entry
		for _, d := range fixture.History(40, 2, levelsOf(40)[1]) {
			entries = append(entries, trend.Measure("run.json", reports.Host{Job: job, Started: d.Started}, d.Runs))
		}
		found := 0
		for _, a := range all(parse(t, render(t, Trend(trend.Of(entries, trend.Rule{})))), "a") {
			if href := attr(a, "href"); href == job && job != "" {
				found++
			} else if !strings.HasPrefix(href, "#") {
				t.Errorf("%q: a link leads to %q", job, href)
			}
		}
		if found != want { // each recording, and the change
			t.Errorf("%q: %d links", job, found)
		}
	}
}

// TestTrendSize wants the page of 300 recordings below a megabyte, however many
// cases they have, and what is worse in it with its drawings.
func TestTrendSize(t *testing.T) {
	for _, cases := range []int{1, 8, 60} {
		levels := slices.Repeat([]func(int) float64{levelsOf(300)[0]}, cases)
		levels[cases-1] = levelsOf(300)[1]
		tr := timed(300, levels...)
		began := time.Now()
		page := render(t, Trend(tr))
		t.Logf("%d cases: %d bytes in %v", cases, len(page), time.Since(began))
		if len(page) > 1_000_000 {
			t.Errorf("%d cases: %d bytes, want at most 1,000,000", cases, len(page))
		}
		root := parse(t, page)
		if worse := fmt.Sprintf("shop/pool/%d is slower", 2*cases); !strings.Contains(textOf(root), worse) {
			t.Errorf("%d cases: the page does not say %q", cases, worse)
		}
		if n := len(all(root, "article")); n != 1 {
			t.Errorf("%d cases: %d changes are told, want 1", cases, n)
		}
	}
}

// TestTrendTime wants the time of a trend to grow with the recordings no faster
// than the square of their number, which the comparison of all pairs takes.
func TestTrendTime(t *testing.T) {
	took := func(n int) time.Duration {
		least := time.Hour
		for range 3 {
			began := time.Now()
			render(t, Trend(timed(n, levelsOf(n)...)))
			least = min(least, time.Since(began))
		}
		return least
	}
	few, many := took(75), took(300)
	t.Logf("75 recordings %v, 300 recordings %v", few, many)
	if many > 3*16*few {
		t.Errorf("300 recordings took %v, 75 %v: want at most the square", many, few)
	}
}

// TestBrowserTrend holds the page of a trend, and one of hostile names, to the
// same as the report.
func TestBrowserTrend(t *testing.T) {
	ctx := browse(t)
	heard := overhear(t, ctx)
	rules := axe(t)
	for name, r := range map[string]reports.Reporter{
		"trend": Trend(timed(60, levelsOf(60)...)), "few": Trend(timed(3, levelsOf(3)...)),
		"hostile": Trend(hostileTrend()), "nothing": Trend(trend.Of(nil, trend.Rule{})),
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
