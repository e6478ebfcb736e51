package html

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// axe is the program that holds a page to the rules of accessibility, "" where
// it was not fetched.
func axe(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../.ci/axe/node_modules/axe-core/axe.min.js")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("CI must hold the report to the rules of accessibility: %v", err)
	}
	if err != nil {
		t.Logf("the report is not held to the rules of accessibility, which .ci/browser fetches: %v", err)
	}
	return string(text)
}

// accessible holds the open page to the rules.
func accessible(t *testing.T, ctx context.Context, rules, what string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](rules+";undefined")); err != nil {
		t.Fatal(err)
	}
	broken, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`axe.run({resultTypes: ["violations"]}).then(r =>
		r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200)).join(" | ")))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range broken {
		t.Errorf("%s: %s", what, rule)
	}
}

// open writes the report and opens it in the browser.
func open(t *testing.T, ctx context.Context, tall int64, recs []*record.Recording) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := reports.WriteFile(path, Report(testHost, recs)); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, tall), chromedp.Navigate("file://"+path)); err != nil {
		t.Fatal(err)
	}
}

func evaluate[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return got
}

// facts is what the page says of the task in the focus.
const facts = `[...document.querySelectorAll(".run:has(canvas) .facts div")].map(d => d.textContent).join(" ")`

// TestBrowserUse uses the page as people do, all in one browser.
func TestBrowserUse(t *testing.T) {
	ctx := browse(t)
	for _, use := range []struct {
		name string
		do   func(*testing.T, context.Context)
	}{
		{"keyboard", walk},
		{"search", search},
		{"rows for tasks", rows},
		{"truth", truth},
		{"brush", brush},
		{"save", saved},
		{"paper", paper},
		{"no script", scriptless},
	} {
		t.Run(use.name, func(t *testing.T) { use.do(t, ctx) })
	}
}

// walk goes through the page with the keyboard alone.
func walk(t *testing.T, ctx context.Context) {
	r := fixture.Simulate("walk", "pool", 3, 12, 0)
	open(t, ctx, 5000, []*record.Recording{r})
	evaluate[int](t, ctx, drawn)
	press := func(keys ...string) string {
		for _, key := range keys {
			if err := chromedp.Do(ctx, chromedp.KeyEvent(key)); err != nil {
				t.Fatal(err)
			}
		}
		return evaluate[string](t, ctx, facts)
	}
	var visited []string
	for range 40 {
		press(kb.Tab)
		visited = append(visited, evaluate[string](t, ctx,
			`document.activeElement.tagName + (getComputedStyle(document.activeElement).`+
				`outlineStyle === "none" ? " without an outline" : "")`))
		if visited[len(visited)-1] == "CANVAS" {
			break
		}
	}
	if slices.ContainsFunc(visited, func(s string) bool { return strings.Contains(s, "without") }) ||
		visited[len(visited)-1] != "CANVAS" {
		t.Fatalf("Tab leads to %q, want the timeline, and the focus to be seen", visited)
	}
	if got := press(); !strings.Contains(got, "task"+r.Samples[0].Key) {
		t.Errorf("in focus: %q, want the first task, %s", got, r.Samples[0].Key)
	}
	next := slices.IndexFunc(r.Samples[1:], func(s record.Sample) bool { return s.Worker == 0 }) + 1
	if got := press(kb.ArrowRight); !strings.Contains(got, "task"+r.Samples[next].Key) {
		t.Errorf("behind it: %q, want %s", got, r.Samples[next].Key)
	}
	if got := press(kb.ArrowLeft, kb.ArrowDown); !strings.Contains(got, "task"+r.Samples[1].Key) ||
		!strings.Contains(got, "worker1") {
		t.Errorf("below: %q, want %s", got, r.Samples[1].Key)
	}
	failed := slices.IndexFunc(r.Samples[2:],
		func(s record.Sample) bool { return s.Class.Outcome() == record.OutcomeError }) + 2
	if got := press("f"); !strings.Contains(got, "task"+r.Samples[failed].Key) || !strings.Contains(got, "⊘") {
		t.Errorf("the next error: %q, want %s", got, r.Samples[failed].Key)
	}
	before := evaluate[string](t, ctx, picture)
	if press("+", "+"); evaluate[string](t, ctx, picture) == before {
		t.Error("+ does not zoom")
	}
	if press("0"); evaluate[string](t, ctx, picture) != before {
		t.Error("0 does not show the whole run again")
	}
}

// picture is what the canvas shows, once it is drawn.
const picture = `new Promise(done => requestAnimationFrame(() => ` +
	`requestAnimationFrame(() => done(document.querySelector("canvas").toDataURL()))))`

// search types into the search and follows a task into the timeline.
func search(t *testing.T, ctx context.Context) {
	r := fixture.Simulate("search", "pool", 3, 60, 0)
	r.Samples[41].Key, r.Samples[41].Class, r.Samples[41].Error = "needle", record.Timeout, "a <b>hay</b>stack"
	open(t, ctx, 5000, []*record.Recording{r})
	evaluate[int](t, ctx, drawn)
	keys := `[...document.querySelectorAll(".tasks tbody th")].map(th => th.textContent)`
	if got := evaluate[[]string](t, ctx, keys); len(got) != 12 || got[0] != "needle" {
		t.Errorf("at first the table names %q, want twelve, what was not planned first", got)
	}
	if err := chromedp.Do(ctx, chromedp.SendKeys(chromedp.CSS(".tasks input"), "HAY timeout")); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[[]string](t, ctx, keys); !slices.Equal(got, []string{"needle"}) {
		t.Errorf("found %q, want the needle", got)
	}
	if got := evaluate[string](t, ctx, `document.querySelector(".tasks tbody").textContent`); !strings.Contains(got,
		"a <b>hay</b>stack") {
		t.Errorf("the error is %q, want its text", got)
	}
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(".tasks tbody button"))); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[string](t, ctx, facts); !strings.Contains(got, "needle (number 41)") {
		t.Errorf("the timeline shows %q, want the needle", got)
	}
}

// rows draws the wait of each task, and finds it under the mouse.
func rows(t *testing.T, ctx context.Context) {
	r := fixture.Simulate("rows", "pool", 3, 12, 0)
	open(t, ctx, 5000, []*record.Recording{r})
	evaluate[int](t, ctx, drawn)
	before := evaluate[string](t, ctx, picture)
	evaluate[string](t, ctx, `document.querySelector(".controls button:nth-child(4)").click(), ""`)
	if evaluate[string](t, ctx, picture) == before {
		t.Error("a row for each task looks like a row for each lane")
	}
	at := evaluate[[]float64](t, ctx,
		`(r => [r.x + r.width / 2, r.y + 16 + (r.height - 50) * 5.5 / 12])(`+
			`document.querySelector("canvas").getBoundingClientRect())`)
	if err := chromedp.Do(ctx, chromedp.MouseClickXY(at[0], at[1])); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[string](t, ctx, facts); !strings.Contains(got, "(number 5)") {
		t.Errorf("in the sixth row: %q", got)
	}
}

// scriptless wants all that the script brings to be there without it, as
// drawings and tables.
func scriptless(t *testing.T, ctx context.Context) {
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	open(t, ctx, 5000, fixture.Suite(20)[:2])
	shown := `[document.querySelectorAll("canvas").length, document.querySelectorAll(".timeline-figure > svg").length,
		[...document.querySelectorAll(".timeline-figure > svg")].filter(s => s.getBoundingClientRect().height > 20).length, document.querySelectorAll(".tasks tbody tr").length]`
	if got := evaluate[[]int](t, ctx, shown); !slices.Equal(got, []int{0, 2, 2, 24}) {
		t.Errorf("got %v canvases, drawings, drawings that are seen and rows of tasks, want 0, 2, 2, 24", got)
	}
}

// paper wants paper to have the drawings, not the canvas.
func paper(t *testing.T, ctx context.Context) {
	open(t, ctx, 5000, fixture.Suite(20)[:1])
	evaluate[int](t, ctx, drawn)
	tall := `["canvas", ".timeline-figure > svg"].map(s => ` +
		`document.querySelector(s).getBoundingClientRect().height > 20)`
	if got := evaluate[[]bool](t, ctx, tall); !slices.Equal(got, []bool{true, false}) {
		t.Errorf("on the screen: canvas and drawing are seen: %v, want the canvas alone", got)
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[[]bool](t, ctx, tall); !slices.Equal(got, []bool{false, true}) {
		t.Errorf("on paper: canvas and drawing are seen: %v, want the drawing alone", got)
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{}); err != nil {
		t.Fatal(err)
	}
}
