package html

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// listed are the keys of the table of tasks.
const listed = `[...document.querySelectorAll(".tasks tbody th")].map(th => th.textContent).join(" ")`

// truth narrows the tasks to those of a cell of the table of truth, and back.
func truth(t *testing.T, ctx context.Context) {
	r := fixture.Simulate("truth", "pool", 3, 60, 0)
	for i, did := range map[int]string{7: "truncate", 31: "truncate", 40: "status"} {
		s := &r.Samples[i]
		s.Key, s.Class, s.PlannedClass = fmt.Sprintf("task-%d", i), record.OK, record.Truncated
		s.Did, s.PlannedFault = did, did
	}
	for i := range r.Samples {
		if r.Samples[i].Did == "" {
			r.Samples[i].Did = "none"
		}
	}
	open(t, ctx, 5000, []*record.Recording{r})
	evaluate[int](t, ctx, drawn)
	all := evaluate[string](t, ctx, listed)
	click := func(selector string) string {
		if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
			t.Fatal(err)
		}
		return evaluate[string](t, ctx, listed)
	}
	for _, row := range []struct{ did, want string }{{"truncate", "task-7 task-31"}, {"status", "task-40"}} {
		if got := click(`.truth tr[data-name="` + row.did + `"] .false button`); len(got) != len(row.want) ||
			!strings.Contains(got, strings.Fields(row.want)[0]) {
			t.Errorf("%s: the tasks are %q, want %s", row.did, got, row.want)
		}
	}
	if got := evaluate[string](t, ctx, `document.activeElement.textContent`); !strings.Contains(got, "status → ok") {
		t.Errorf("in focus: %q, want what the tasks are narrowed to", got)
	}
	if got := click(".tasks .controls button"); got != all {
		t.Errorf("at the end: %q, want %q", got, all)
	}
	tinted := `["true", "false"].map(c => getComputedStyle(document.querySelector(".truth ." + c)).backgroundColor).join() !==
		",".padStart(2) && getComputedStyle(document.querySelector(".truth .true")).backgroundColor !==
		getComputedStyle(document.querySelector(".truth .false")).backgroundColor`
	if !evaluate[bool](t, ctx, tinted) {
		t.Error("what is right and what is wrong look the same")
	}
}

// brush drags over a part of the scatter, which the timeline then shows, and
// clicks to see the whole run again. A bar that is dragged out of sight is not
// found under the mouse any more.
func brush(t *testing.T, ctx context.Context) {
	r := fixture.Simulate("brush", "pool", 3, 60, 0)
	open(t, ctx, 6000, []*record.Recording{r})
	evaluate[int](t, ctx, drawn)
	before := evaluate[string](t, ctx, picture)
	at := evaluate[[]float64](t, ctx, `(r => [r.x + 52, r.width - 60, r.y + 90])(`+
		`document.querySelector(".brushed canvas").getBoundingClientRect())`)
	x := func(share float64) float64 { return at[0] + share*at[1] }
	drag := func(from, to float64) {
		for _, do := range []string{
			fmt.Sprintf("new PointerEvent('pointerdown', {pointerId: 1, clientX: %f, clientY: %f})", x(from), at[2]),
			fmt.Sprintf("new PointerEvent('pointermove', {pointerId: 1, clientX: %f, clientY: %f})", x(to), at[2]),
			fmt.Sprintf("new PointerEvent('pointerup', {pointerId: 1, clientX: %f, clientY: %f})", x(to), at[2]),
		} {
			evaluate[bool](t, ctx, `(c => { c.setPointerCapture = () => {}; return c.dispatchEvent(`+do+
				`) })(document.querySelector(".brushed canvas"))`)
		}
	}
	drag(0.75, 1)
	if evaluate[string](t, ctx, picture) == before {
		t.Error("the timeline shows the whole run still")
	}
	under := func() string { // in the middle of the first row
		evaluate[string](t, ctx, `(c => (c.dispatchEvent(new PointerEvent("pointermove",
			{clientX: c.getBoundingClientRect().x + 52 + .5 * (c.clientWidth - 60), clientY: c.getBoundingClientRect().y + 24})), ""))`+
			`(document.querySelector("canvas.timeline"))`)
		return evaluate[string](t, ctx, facts)
	}
	// the middle of the last quarter is at seven eighths
	middle := r.Makespan * 7 / 8
	if got := under(); !strings.Contains(got, "task"+runningAt(r, 0, middle)+" ") {
		t.Errorf("in the middle is %q, want %s", got, runningAt(r, 0, middle))
	}
	drag(0.5, 0.5)
	if got := under(); !strings.Contains(got, "task"+runningAt(r, 0, r.Makespan/2)+" ") {
		t.Errorf("after a click is %q in the middle, want %s", got, runningAt(r, 0, r.Makespan/2))
	}
}

// runningAt is the key of the task that a worker has at a time.
func runningAt(r *record.Recording, worker int, at time.Duration) string {
	for _, s := range r.Samples {
		if s.Worker == worker && s.Started <= at && at <= s.Finished {
			return s.Key
		}
	}
	return "nothing"
}

// saved takes the tasks of a run as a file. What a spreadsheet would run is
// text.
func saved(t *testing.T, ctx context.Context) {
	r := fixture.Simulate("save", "pool", 3, 25, 0)
	r.Samples[3].Key, r.Samples[3].Error = "=1+1", `said "no"`
	open(t, ctx, 5000, []*record.Recording{r})
	evaluate[int](t, ctx, drawn)
	got := evaluate[string](t, ctx, `new Promise(done => {
		let blob;
		const made = URL.createObjectURL;
		URL.createObjectURL = b => { blob = b; return made.call(URL, b) };
		HTMLAnchorElement.prototype.click = function () { blob.text().then(text => done(this.download + "\n" + text)) };
		[...document.querySelectorAll(".tasks .controls button")].find(b => b.textContent.startsWith("save")).click();
	})`)
	lines := strings.Split(strings.TrimSpace(got), "\n")
	if len(lines) != 2+len(r.Samples) || lines[0] != "save-on-pool-3.csv" ||
		!strings.HasPrefix(lines[1], "number,key,") {
		t.Fatalf("%d lines: %q", len(lines), lines[:2])
	}
	unit := time.Duration(1)
	for r.Makespan/unit > 1<<30 { // finer than any picture
		unit *= 10
	}
	started := (r.Samples[3].Started / unit * unit).Nanoseconds()
	want := []string{`3,"'=1+1",`, fmt.Sprintf(",%d,", started), `"said ""no"""`}
	for _, part := range want {
		if !strings.Contains(lines[5], part) {
			t.Errorf("the fourth task is %q, want %q in it", lines[5], part)
		}
	}
}
