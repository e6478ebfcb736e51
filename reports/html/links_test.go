package html

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

func TestAnchors(t *testing.T) {
	a := newAnchors()
	for _, c := range []struct{ name, want string }{
		{"error-100/pool/30", "error-100/pool/30"},
		{"error-100/pool/30", "error-100/pool/30~2"},
		{"error-100/pool/30", "error-100/pool/30~3"},
		{"flaws", "flaws~2"},
		{"a b\"><c>&d;é", "a-b---c--d--"},
		{"a b\x00><c>&d;é", "a-b---c--d--~2"},
		{"", "-"},
		{strings.Repeat("x", 1000), strings.Repeat("x", 100)},
	} {
		if got := string(a.of(c.name)); got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
}

// A link to a task leads to it, and a task that is chosen gives its link. The
// table of runs is searched, cut down and sorted, and the theme changes.
func TestBrowserLinks(t *testing.T) {
	ctx := browse(t)
	heard := overhear(t, ctx)
	path := filepath.Join(t.TempDir(), "report.html")
	recs := slices.Concat(fixture.Suite(20), fixture.Suite(100))
	wrong := record.Violation{Check: "classification", Got: "A ok", Want: "A reset", Culprit: record.ByClient}
	left := record.Violation{Check: "leaks", Got: "one", Want: "none", Reproduce: "teapot run it"}
	recs[6].Violations, recs[7].Violations = []record.Violation{wrong, left}, []record.Violation{wrong}
	if err := reports.WriteFile(path, Report(testHost, recs)); err != nil {
		t.Fatal(err)
	}
	key := recs[5].Samples[42].Key
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900),
		chromedp.Navigate("file://"+path+"#error-100/pool/10/"+key)); err != nil {
		t.Fatal(err)
	}
	shown := `(async () => {
		while (!document.querySelector(".facts dd")) await new Promise(requestAnimationFrame);
		return [...document.querySelectorAll(".facts dd")].map(d => d.textContent)[0];
	})()`
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](shown, chromedp.EvalAwaitPromise))
	if err != nil || !strings.HasPrefix(got, key+" (number 42") {
		t.Errorf("the link shows %q (error: %v), want the task %s", got, err, key)
	}
	for _, c := range []struct{ what, script, want string }{
		{"the address of the next task", `
			const canvas = document.querySelector("canvas.timeline");
			canvas.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
			decodeURIComponent(location.hash).startsWith("#error-100/pool/10/") && !location.hash.endsWith("/` + key + `")`, "true"},
		{"the next run that is not ok", `
			dispatch("e"); document.activeElement.textContent.trim().split(/\s+/)[0]`, "pool/100"},
		{"the runs that are searched for", `
			const search = document.querySelector("#summary ~ .controls input, .controls input");
			search.value = "error-100 pool"; search.dispatchEvent(new Event("input"));
			rows().join()`, "pool/10,pool/100"},
		{
			"the runs that are not ok", `
			search.value = ""; search.dispatchEvent(new Event("input"));
			chip("violated 2").click(); const few = rows().join(); chip("violated 2").click(); few + " of " + rows().length`,
			"pool/100,async/100 of 4",
		},
		{"the runs that are ok", `
			chip("ok 6").click(); const good = rows().join(); chip("ok 6").click(); good`, "sequential,pool/10"},
		{
			"what the client caused", `
			chip("client 1").click(); const caused = cards() + ": " + rows().join() + ", " + said(); caused`,
			"classification: pool/100,async/100, 1 of 2 findings",
		},
		{"what the client caused, of leaks", `
			chip("leaks 1").click(); const none = cards() + ": " + rows().join(); chip("client 1").click(); none`, ": "},
		{
			"the leaks", `
			const leaks = cards() + ": " + rows().join(); chip("leaks 1").click(); leaks + " of " + rows().length + said()`,
			"leaks: pool/100 of 4",
		},
		{"the runs by makespan", `
			const sort = [...document.querySelectorAll("th button")].find(b => b.textContent === "makespan");
			sort.click(); const last = rows().at(-1); sort.click(); last + " " + rows()[0]`, "sequential sequential"},
		{"the theme by its button", `
			const button = document.querySelector(".theme"), white = getComputedStyle(document.body).backgroundColor;
			button.click(); const black = getComputedStyle(document.body).backgroundColor;
			button.click(); white !== black && white === getComputedStyle(document.body).backgroundColor`, "true"},
		{"the theme", `
			const before = getComputedStyle(document.body).backgroundColor;
			dispatch("t"); const after = getComputedStyle(document.body).backgroundColor;
			dispatch("t"); before !== after && before === getComputedStyle(document.body).backgroundColor`, "true"},
		{"a command to copy", `[...document.querySelectorAll("button.copy")].length > 0`, "true"},
	} {
		const helpers = `var dispatch = key => document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
			var chip = text => [...document.querySelectorAll(".chip")].find(b => b.textContent === text);
			var cards = () => [...document.querySelectorAll(".flaw:not([hidden])")].map(c => c.dataset.check).join();
			var said = () => document.querySelector("#flaws + .controls [role=status]").textContent;
			var rows = () => [...document.querySelectorAll(".summary tbody tr:not(.group):not([hidden])")].map(r => r.cells[0].textContent);
			`
		script := strings.ReplaceAll(c.script, "const ", "var ") // so that it is there in the next one
		got, err := chromedp.Run(ctx, chromedp.Evaluate[any](helpers+script))
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v (error: %v), want %s", c.what, got, err, c.want)
		}
	}
	heard.Lock()
	defer heard.Unlock()
	if len(heard.complaints) > 0 {
		t.Errorf("the browser says %q", heard.complaints)
	}
}
