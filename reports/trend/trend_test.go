package trend_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/internal/fixture"
	"github.com/teapot-go/teapot/reports/trend"
)

var host = reports.Host{Go: "go1.26.8", OS: "linux", Arch: "amd64", CPUs: 2, MaxProcs: 2}

// entries are recordings, each in a file of its own.
func entries(dated []fixture.Dated) (all []trend.Entry) {
	for i, d := range dated {
		h := host
		h.Commit, h.Started = d.Commit, d.Started
		all = append(all, trend.Measure(fmt.Sprintf("run-%03d.json", i), h, d.Runs))
	}
	return all
}

func flat(int) float64 { return 1 }

// step is a level that is another from a recording on.
func step(at int, by float64) func(int) float64 {
	return func(i int) float64 {
		if i < at {
			return 1
		}
		return 1 + by
	}
}

func said(t *testing.T, tr trend.Trend) string {
	t.Helper()
	var b bytes.Buffer
	if err := trend.Text(tr, 0)(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestTold wants a step and a drift told, each with its commit and its size,
// and a calm history told to be calm.
func TestTold(t *testing.T) {
	drift := func(i int) float64 { return 1 + 0.3*float64(i)/59 }
	dated := fixture.History(60, 1, flat, step(40, 0.18), drift, step(30, -0.2))
	all := entries(dated)
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	tr := trend.Of(all, trend.Rule{})
	text := said(t, tr)
	for i, want := range []trend.Verdict{trend.Same, trend.Worse, trend.Worse, trend.Better} {
		if h := tr.Histories[i]; h.Verdict != want {
			t.Errorf("%s: got %s, want %s", h.Name(), h.Verdict, want)
		}
	}
	if !tr.Failed() || tr.Unknown() {
		t.Error("what has become worse is no failure")
	}
	for _, want := range []string{
		"✗ is slower: makespan +17 % (15 to 19)",
		"since commit " + dated[40].Commit[:10] + " of 2026-06-10 (recording 41), after commit " +
			dated[39].Commit[:10] + " of 2026-06-09 (recording 40)",
		"gradually from commit", "✓ is faster: makespan −", "efficiency −1",
		"60 recordings, 2026-05-01 to 2026-06-29: 2 of 4 histories have become worse: shop/pool/4, shop/pool/6",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	e := tr.Histories[1].Events[0]
	if c := e.Changes[0]; c.At != 40 || c.Lo > 0.18 || c.Hi < 0.18 || c.Lo < 0.1 || len(e.Changes) != 4 {
		t.Errorf("got %+v, want one event of a step at 40 by 18 %%, in four figures", e)
	}
}

// TestMadeGood wants a change for the worse to be a failure until the level is
// back, or close to it.
func TestMadeGood(t *testing.T) {
	then := func(levels ...float64) func(int) float64 {
		return func(i int) float64 { return levels[i*len(levels)/90] }
	}
	for name, test := range map[string]struct {
		level func(int) float64
		want  trend.Verdict
	}{
		"back":                 {then(1, 1.3, 1), trend.Better},
		"half back":            {then(1, 1.4, 1.2), trend.Worse},
		"better, then worse":   {then(1, 0.7, 0.9), trend.Worse},
		"worse, then better":   {then(1, 1.3, 0.8), trend.Better},
		"within the tolerance": {then(1, 1, 1.02), trend.Same},
	} {
		tr := trend.Of(entries(fixture.History(90, 3, test.level)), trend.Rule{})
		if got := tr.Histories[0].Verdict; got != test.want {
			t.Errorf("%s: got %s, want %s\n%s", name, got, test.want, said(t, tr))
		}
	}
	tr := trend.Of(entries(fixture.History(90, 3, then(1, 1, 1.06))), trend.Rule{Tolerance: 0.01})
	if got := tr.Histories[0].Verdict; got != trend.Worse {
		t.Errorf("with a tolerance of 1 %%: got %s, want worse", got)
	}
}

// TestNoAlarm wants a whole trend of pure noise to tell a change no more often
// than it claims.
func TestNoAlarm(t *testing.T) {
	const level, seeds = 0.05, 120
	alarms := 0
	for seed := range uint64(seeds) {
		tr := trend.Of(entries(fixture.History(40, seed, flat, flat, flat)), trend.Rule{Level: level, Tolerance: 1e-9})
		if slices.ContainsFunc(tr.Histories, func(h trend.History) bool { return len(h.Events) > 0 }) {
			alarms++
		}
	}
	if most := level*seeds + 3.1*math.Sqrt(level*seeds); float64(alarms) > most {
		t.Errorf("%d of %d trends of noise tell a change, want %.0f at most", alarms, seeds, most)
	}
}

// TestApart wants recordings that cannot be compared told apart, and no others.
func TestApart(t *testing.T) {
	const text = "name: shop\nabout: a\nworkload:\n  limit: 40\nserver:\n  latency: 1s\nexecutors:\n- pool\n" +
		"expect:\n  order: submission\n"
	source := func(from, to string) func(*reports.Host, *record.Recording) {
		return func(_ *reports.Host, r *record.Recording) { r.Source = strings.Replace(text, from, to, 1) }
	}
	for name, test := range map[string]struct {
		change func(*reports.Host, *record.Recording)
		world  string // what tells them apart, "" if nothing does
	}{
		"nothing":      {func(*reports.Host, *record.Recording) {}, ""},
		"clock":        {func(_ *reports.Host, r *record.Recording) { r.Clock = record.Virtual }, "virtual clock"},
		"seed":         {func(_ *reports.Host, r *record.Recording) { r.Seed = 7 }, "seed 7"},
		"timeout":      {func(_ *reports.Host, r *record.Recording) { r.Timeout = time.Second }, "timeout 1s"},
		"machine":      {func(h *reports.Host, _ *record.Recording) { h.CPUs = 8 }, "8 CPUs"},
		"system":       {func(h *reports.Host, _ *record.Recording) { h.OS = "darwin" }, "darwin"},
		"Go":           {func(h *reports.Host, _ *record.Recording) { h.Go = "go1.27" }, ""},
		"tasks":        {func(_ *reports.Host, r *record.Recording) { r.Samples = r.Samples[:30] }, "30 tasks"},
		"keys":         {func(_ *reports.Host, r *record.Recording) { r.Samples[3].Key = "other" }, "scenario 2 of 2"},
		"server":       {source("1s", "2s"), "scenario 2 of 2"},
		"workload":     {source("limit: 40", "limit: 40\n  rate: 3/s"), "scenario 2 of 2"},
		"executors":    {source("- pool", "- pool\n- async"), ""},
		"expectations": {source("order: submission", "efficiency: \">= 0.5\""), ""},
		"about":        {source("about: a", "about: other"), ""},
		"comment":      {source("server:", "# why\n\nserver:"), ""},
		"repeat":       {func(_ *reports.Host, r *record.Recording) { r.Round = 3 }, ""},
	} {
		var all []trend.Entry
		for i, d := range fixture.History(40, 4, flat) {
			h := host
			h.Started = d.Started
			d.Runs[0].Source = text
			if i%2 == 1 {
				test.change(&h, d.Runs[0])
			}
			all = append(all, trend.Measure(fmt.Sprint(i), h, d.Runs))
		}
		tr := trend.Of(all, trend.Rule{})
		want := 1
		if test.world != "" {
			want = 2
		}
		if len(tr.Histories) != want {
			t.Errorf("%s: %d histories, want %d", name, len(tr.Histories), want)
			continue
		}
		world := tr.Histories[want-1].World
		if !strings.Contains(world, test.world) || test.world == "" && world != "" {
			t.Errorf("%s: told apart by %q, want %q", name, world, test.world)
		}
	}
}

// TestMarked wants runs that say nothing of the code marked, and not used.
func TestMarked(t *testing.T) {
	for mark, spoil := range map[string]func(*record.Recording){
		"invalid": func(r *record.Recording) {
			r.Inconclusive = []record.Violation{{Check: "lateness", Invalid: true}}
		},
		"interrupted":     func(r *record.Recording) { r.Interrupted = true },
		"deadlock":        func(r *record.Recording) { r.Deadlock = "all goroutines are blocked" },
		"not carried out": func(r *record.Recording) { r.Limit = "too few open files: raise the limit" },
	} {
		dated := fixture.History(40, 5, flat)
		for i, d := range dated {
			if i >= 30 { // by far enough to be a change
				d.Runs[0] = fixture.Stretched(d.Runs[0], 5)
				spoil(d.Runs[0])
			}
		}
		tr := trend.Of(entries(dated), trend.Rule{})
		h := tr.Histories[0]
		if h.Verdict != trend.Same || len(h.Figures[0].Values) != 30 || len(h.Points) != 40 {
			t.Errorf("%s: got %s of %d values", mark, h.Verdict, len(h.Figures[0].Values))
		}
		if text := said(t, tr); !strings.Contains(text, "10 not used: "+mark) {
			t.Errorf("%s: the text does not say it:\n%s", mark, text)
		}
	}
}

// TestRepeats wants the median of repeats that can be used to count.
func TestRepeats(t *testing.T) {
	dated := fixture.History(20, 6, flat)
	for i := range dated {
		r := dated[i].Runs[0]
		for round, factor := range []float64{3, 1, 2, 900} {
			again := fixture.Stretched(r, factor)
			again.Round, again.Interrupted = round, factor == 900
			dated[i].Runs = append(dated[i].Runs, again)
		}
		dated[i].Runs = dated[i].Runs[1:]
	}
	tr := trend.Of(entries(dated), trend.Rule{})
	h := tr.Histories[0]
	want := 2 * float64(fixture.History(1, 6, flat)[0].Runs[0].Makespan)
	if got := h.Figures[0].Values[0]; math.Abs(got/want-1) > 1e-6 {
		t.Errorf("got a makespan of %v, want the median, %v", got, want)
	}
	if p := h.Points[0]; p.Runs != 3 || p.Mark != "1 of 4 runs interrupted" {
		t.Errorf("got %+v", p)
	}
}

// TestVirtual wants every change under the virtual clock told, however small,
// and on any machine.
func TestVirtual(t *testing.T) {
	var all []trend.Entry
	for i := range 6 {
		r := fixture.Simulate("exact", "pool", 2, 10, 0)
		if i >= 3 {
			last := &r.Samples[9]
			last.Finished += 1000
			last.Delivered = last.Finished
			r.Summarize()
		}
		h := host
		h.CPUs, h.Started, h.Commit = i+1, time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC), "c"+fmt.Sprint(i)
		all = append(all, trend.Measure("x", h, []*record.Recording{r}))
	}
	tr := trend.Of(all, trend.Rule{})
	if h := tr.Histories[0]; len(tr.Histories) != 1 || len(h.Events) != 1 || h.Verdict != trend.Worse ||
		h.Events[0].Changes[0].At != 3 {
		t.Errorf("got %+v", tr.Histories)
	}
	if text := said(t, tr); !strings.Contains(text, "since commit c3 ") {
		t.Errorf("got\n%s", text)
	}
	if tr = trend.Of(all[:1], trend.Rule{}); tr.Histories[0].Verdict != trend.TooFew || !tr.Unknown() || tr.Failed() {
		t.Errorf("one recording: got %+v", tr.Histories[0])
	}
}

// TestTooFew wants a history too short for any change to say so, and how many
// recordings it takes.
func TestTooFew(t *testing.T) {
	tr := trend.Of(entries(fixture.History(9, 7, step(4, 1))), trend.Rule{})
	h := tr.Histories[0]
	var need int
	if _, err := fmt.Sscanf(h.Why, "9 recordings can be used: a verdict needs %d", &need); err != nil ||
		h.Verdict != trend.TooFew || !tr.Unknown() {
		t.Fatalf("got %s: %q", h.Verdict, h.Why)
	}
	tr = trend.Of(entries(fixture.History(need, 7, step(need/2, 1))), trend.Rule{})
	if tr.Histories[0].Verdict != trend.Worse {
		t.Errorf("of %d recordings, as it asks for, a level that doubles is not found", need)
	}
}

// TestSameCommit wants a change between two recordings of one commit told to be
// none of the code, and another Go named.
func TestSameCommit(t *testing.T) {
	dated := fixture.History(60, 8, step(30, 1))
	for i := range dated {
		dated[i].Commit = "same"
	}
	all := entries(dated)
	for i := range all[30:] {
		all[30+i].Host.Go = "go1.27.1"
	}
	text := said(t, trend.Of(all, trend.Rule{}))
	for _, want := range []string{
		"of the same commit, so it is no change of the code", "Go changed too: go1.26.8 before, go1.27.1 since",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestHostile wants foreign words never to begin a line, nor to control the
// terminal, and JSON that can be read.
func TestHostile(t *testing.T) {
	for _, name := range []string{"::error title=x::y", "\x1b[31m\u202e\nx", "</script>", "a/b (c)", ""} {
		dated := fixture.History(30, 9, step(15, 1))
		for _, d := range dated {
			d.Runs[0].Scenario, d.Runs[0].Executor = name, name
		}
		var all []trend.Entry
		for i, d := range dated {
			h := host
			h.Commit, h.Branch, h.Job, h.Go, h.Started = name, name, name, name+fmt.Sprint(i/15), d.Started
			all = append(all, trend.Measure(name, h, d.Runs))
		}
		tr := trend.Of(all, trend.Rule{})
		text := said(t, tr)
		for line := range strings.Lines(text) {
			first := strings.TrimSpace(line)
			if name != "" && strings.HasPrefix(first, name[:1]) || strings.ContainsAny(line, "\x1b\u202e") {
				t.Errorf("%q: a line is %q", name, line)
			}
		}
		var b bytes.Buffer
		if err := trend.JSON(tr)(&b); err != nil {
			t.Fatal(err)
		}
		var back struct {
			Format     string
			Failed     bool
			Histories  []struct{ Scenario string }
			Recordings []struct{ File string }
		}
		if err := json.Unmarshal(b.Bytes(), &back); err != nil || back.Format != "teapot.trend/1" || !back.Failed ||
			back.Histories[0].Scenario != name || back.Recordings[0].File != name {
			t.Errorf("%q: got %+v: %v", name, back, err)
		}
	}
}

// TestNarrow wants no line of figures longer than the terminal is wide.
func TestNarrow(t *testing.T) {
	tr := trend.Of(entries(fixture.History(60, 10, flat)), trend.Rule{})
	for _, width := range []int{60, 80, 200} {
		var b bytes.Buffer
		if err := trend.Text(tr, width)(&b); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > width && strings.Contains(line, "▁") {
				t.Errorf("%d columns: a line of %d: %q", width, n, line)
			}
		}
	}
}

// TestPlace names the commit by the figure whose place is known best, and that
// of the first where none is known better.
func TestPlace(t *testing.T) {
	wide, narrow := trend.Told{At: 33, First: 32, Last: 36}, trend.Told{At: 35, First: 35, Last: 35}
	drift := trend.Told{At: 20, First: 5, Last: 20, Drift: true}
	for _, tt := range []struct {
		changes []trend.Told
		want    int
	}{
		{[]trend.Told{wide}, 33},
		{[]trend.Told{wide, narrow}, 35},
		{[]trend.Told{narrow, wide}, 35},
		{[]trend.Told{wide, drift, narrow}, 35},
		{[]trend.Told{drift, narrow}, 20},
	} {
		if got := (trend.Event{Changes: tt.changes}).Place().At; got != tt.want {
			t.Errorf("%+v: got %d, want %d", tt.changes, got, tt.want)
		}
	}
}
