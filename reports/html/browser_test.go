package html

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/internal/fixture"
	"github.com/teapot-go/teapot/scenarios"
)

// browse starts a browser and returns the context of its first tab.
func browse(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no chromium or chrome in PATH: CI must open the report in a browser")
		}
		t.Skip("no chromium or chrome in PATH: the report was not opened in a browser")
	}
	dir, err := os.MkdirTemp("", "teapot-browser") // t.TempDir insists on removing what a dying browser still writes to
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(filepath.Join(dir, "user")), chromedp.Env("TMPDIR="+dir),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	bounded := t.Context()
	if end, is := t.Deadline(); is {
		var stop context.CancelFunc
		bounded, stop = context.WithDeadline(bounded, end.Add(-time.Minute)) // so that a failure is told
		t.Cleanup(stop)
	}
	allocator, free := chromedp.NewExecAllocator(bounded, options...)
	t.Cleanup(free)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		chromedp.Cancel(ctx) // closes the browser in peace, so that it tidies up behind itself
		end()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// overheard is what a page asked for and complained about.
type overheard struct {
	sync.Mutex
	requests, complaints []string
}

// overhear begins to note what the pages of a tab do.
func overhear(t *testing.T, tab context.Context) *overheard {
	t.Helper()
	heard := new(overheard)
	if err := chromedp.Listen(tab, heard.listen); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(tab, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return heard
}

func (o *overheard) listen(event any) {
	o.Lock()
	defer o.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		o.requests = append(o.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		o.complaints = append(o.complaints, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		o.complaints = append(o.complaints, fmt.Sprint(e.Type, " on the console"))
	case *log.EventEntryAdded:
		o.complaints = append(o.complaints, e.Entry.Text)
	}
}

func TestBrowser(t *testing.T) {
	ctx := browse(t)
	heard := overhear(t, ctx)
	rules := axe(t)
	for name, recs := range map[string][]*record.Recording{
		"suite": fixture.Suite(20), "trouble": fixture.Troubled(), "hostile": {fixture.Alien()}, "empty": nil,
		"one sample": fixture.Suite(1)[:1], "interrupted": fixture.Troubled()[1:2], "truth": {fixture.Mistaken()},
		"built in": builtIn(t),
	} {
		path := filepath.Join(t.TempDir(), "report.html")
		if err := reports.WriteFile(path, Report(testHost, recs)); err != nil {
			t.Fatal(err)
		}
		for _, screen := range []struct {
			wide   int64
			scheme string
		}{{1280, "light"}, {390, "dark"}, {1280, "dark"}, {390, "light"}} {
			crossed := (screen.wide == 1280) == (screen.scheme == "light")
			if thorough := name == "suite" || name == "trouble"; !crossed && !thorough {
				continue
			}
			what := fmt.Sprintf("%s, %d pixels, %s", name, screen.wide, screen.scheme)
			heard.Lock()
			heard.requests, heard.complaints = nil, nil
			heard.Unlock()
			look(t, ctx, "file://"+path, screen.wide, screen.scheme, what)
			if rules != "" && crossed &&
				(name != "built in" || screen.wide == 1280) { // it is large, and the rules take their time
				accessible(t, ctx, rules, what)
			}
			heard.Lock()
			if !slices.Equal(heard.requests, []string{"file://" + path}) {
				t.Errorf("%s: the page asked for %q, want itself alone", what, heard.requests)
			}
			if len(heard.complaints) > 0 {
				t.Errorf("%s: the browser says %q", what, heard.complaints)
			}
			heard.Unlock()
		}
	}
}

// builtIn returns runs of the built-in scenarios, of those that mean something
// under the virtual clock. Two executors of each are enough: others differ in
// their numbers, not in what a page has of them.
func builtIn(t *testing.T) (recs []*record.Recording) {
	loaded, err := scenarios.Vocabulary{}.Load(os.DirFS("../../scenarios"), ".", "scenarios")
	if err != nil {
		t.Fatal(err)
	}
	var runner scenarios.Runner
	for _, s := range loaded {
		s = s.With(record.Virtual, nil)
		if string(s.Clock) != string(record.Virtual) {
			continue
		}
		cases := s.Cases()
		if n := len(cases); n > 2 {
			cases = []scenarios.Case{cases[0], cases[n-1]}
		}
		for _, c := range cases {
			rec, err := runner.Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			recs = append(recs, rec)
		}
	}
	t.Logf("%d built-in runs", len(recs))
	if len(recs) < 20 {
		t.Fatalf("only %d built-in runs", len(recs))
	}
	return recs
}

// drawn opens all runs, looks at each until the script has done its part, and
// returns how many there are.
const drawn = `(async () => {
	document.querySelectorAll("details").forEach(d => d.open = true);
	const runs = [...document.querySelectorAll(".run:has(script.samples)")];
	for (const r of runs) {
		while (r.dataset.rich !== "drawn") {
			r.scrollIntoView();
			await new Promise(requestAnimationFrame);
		}
	}
	scrollTo(0, 0);
	return runs.length;
})()`

// look opens the page, on a screen so tall that all of it is seen, and measures
// it.
func look(t *testing.T, ctx context.Context, url string, wide int64, scheme, what string) {
	t.Helper()
	theme := emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, theme); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(wide, 20_000), chromedp.Navigate(url)); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[int64](drawn, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatalf("%s: the script did not finish: %v", what, err)
	}
	if got, err := chromedp.Run(
		ctx,
		chromedp.Evaluate[int64](`document.documentElement.scrollWidth`),
	); err != nil ||
		got > wide {
		t.Errorf("%s: the page is %d pixels wide (error: %v)", what, got, err)
	}
	faint, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](faintText))
	if err != nil {
		t.Fatal(err)
	}
	if len(faint) > 0 {
		t.Errorf("%s: text without enough contrast: %q", what, faint)
	}
	uncrowded(t, ctx, what)
}

// faintText lists text whose contrast with what lies behind it is below 4.5 to
// 1.
const faintText = `(() => {
	const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
		return .2126 * r + .7152 * g + .0722 * b };
	const rgba = s => s.match(/[\d.]+/g).map((v, i) => s.startsWith("color(") && i < 3 ? v * 255 : Number(v));
	const faint = new Set();
	for (const e of document.querySelectorAll("h1, h2, h3, p, th, td, dt, dd, li, a, span, code, pre, summary, strong, caption, svg text")) {
		const style = getComputedStyle(e);
		let back = e, color;
		do { color = rgba(getComputedStyle(back).backgroundColor); back = back.parentElement } while (color[3] === 0 && back);
		if (color[3] === 0) color = [255, 255, 255];
		const own = rgba(e instanceof SVGElement ? style.fill : style.color);
		const [a, b] = [light(own.slice(0, 3)), light(color.slice(0, 3))].sort((x, y) => y - x);
		if ((a + .05) / (b + .05) < 4.5) faint.add(e.tagName + "." + e.className + " " + own + " on " + color);
	}
	return [...faint];
})()`

// TestBrowserOpensWhatALinkNames: a link to a run shows it, though it stands in
// closed <details>. On paper are what is open and the runs that fail, each kind
// of failure once.
func TestBrowserOpensWhatALinkNames(t *testing.T) {
	ctx := browse(t)
	path := filepath.Join(t.TempDir(), "report.html")
	if err := reports.WriteFile(
		path,
		Report(testHost, slices.Concat(fixture.Suite(20), fixture.Suite(100))),
	); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(
		ctx,
		chromedp.Navigate("file://"+path),
		chromedp.Click(chromedp.CSS(`a[href="#error-100/pool/10"]`)),
	); err != nil {
		t.Fatal(err)
	}
	shown := `[...document.querySelectorAll("details")].filter(d => d.clientHeight > 100).` +
		`map(d => d.querySelector("div").id).filter(id => id)`
	if got, err := chromedp.Run(
		ctx,
		chromedp.Evaluate[[]string](shown),
	); err != nil ||
		!slices.Equal(got, []string{"error-100/pool/10"}) {
		t.Errorf("got the runs %q (error: %v), want that of error-100 on pool/10 alone", got, err)
	}
	if _, err := chromedp.Call(
		ctx,
		emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Media: "print"},
	); err != nil {
		t.Fatal(err)
	}
	if got, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](shown)); err != nil ||
		!slices.Equal(got, []string{"error-100/pool/10"}) {
		t.Errorf("on paper: got the runs %q (error: %v), want that of error-100 on pool/10 alone", got, err)
	}
	failing := fixture.Suite(20)
	for i, r := range failing[1:] {
		said := []string{"one way", "another way", "one way"}[i]
		r.Violations = []record.Violation{{Check: "leaks", Got: said, Want: "none"}}
	}
	if err := reports.WriteFile(path, Report(testHost, failing)); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate("file://"+path)); err != nil {
		t.Fatal(err)
	}
	got, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](shown))
	if want := []string{"error-20/pool/10", "error-20/pool/100"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("on paper: got the runs %q (error: %v), want %q", got, err, want)
	}
}
