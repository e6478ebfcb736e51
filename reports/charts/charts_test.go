package charts

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

func TestTimelineKeepsErrorsAndTheSlowest(t *testing.T) {
	r := fixture.Simulate("large", "pool", 50, 5000, 0)
	slowest, errors := 0, 0
	for i, s := range r.Samples {
		if s.Latency() > r.Samples[slowest].Latency() {
			slowest = i
		}
		if summary.Failed(&s) {
			errors++
		}
	}
	var line Timeline
	shown := line.choose(r)
	kept := 0
	for _, i := range shown {
		if summary.Failed(&r.Samples[i]) {
			kept++
		}
	}
	if len(shown) != mostBars || kept != errors || !slices.Contains(shown, slowest) || !slices.IsSorted(shown) ||
		len(slices.Compact(slices.Clone(shown))) != mostBars {
		t.Errorf(
			"%d bars with %d of %d errors; the slowest is shown: %v",
			len(shown),
			kept,
			errors,
			slices.Contains(shown, slowest),
		)
	}
	if want := "3500 of 5000 bars are not drawn, among them 0 errors."; line.Undrawn != want {
		t.Errorf("got %q, want %q", line.Undrawn, want)
	}
	for i := range r.Samples {
		r.Samples[i].Class = record.Failed
	}
	shown = line.choose(r)
	if want := "3500 of 5000 bars are not drawn, among them 3500 errors."; len(shown) != mostBars ||
		line.Undrawn != want {
		t.Errorf("got %q, want %q", line.Undrawn, want)
	}
}

// TestShade wants a shade where bars are left out, along each lane for as long
// as it was busy, and a legend of all that ran.
func TestShade(t *testing.T) {
	r := fixture.Simulate("shade", "pool", 2, 4000, 0)
	for i := range r.Samples {
		s := &r.Samples[i]
		s.Worker, s.Class, s.PlannedClass = i%2, record.OK, record.OK
		s.Started = time.Duration(i/2) * time.Millisecond
		if i >= 2000 && i%2 == 1 { // the second lane pauses for a half of the time
			s.Started += time.Second
		}
		s.Finished = s.Started + time.Millisecond
		if i%2 == 0 && i >= 2 {
			s.Class, s.PlannedClass = record.Failed, record.Failed
		}
	}
	r.Makespan, r.IdealMakespan = 3*time.Second, 3*time.Second
	line := NewTimeline(r, 0)
	if want := "M0 5h6680M0 15h3360M6640 15h3360"; line.Shade != want {
		t.Errorf("got the shade %q, want %q", line.Shade, want)
	}
	if !strings.HasSuffix(line.Undrawn, "The shade shows where workers were busy.") {
		t.Errorf("the shade is not explained: %q", line.Undrawn)
	}
	for _, b := range line.Bars {
		if ran := b.Look == LookOK || b.Look == LookError; b.Some != ran {
			t.Errorf("in the legend: %v of %s", b.Some, b.Look)
		}
	}
	r.Samples = r.Samples[:1000]
	if line := NewTimeline(r, 0); line.Shade != "" || strings.Contains(line.Undrawn, "shade") {
		t.Errorf("a shade where all bars are drawn: %q", line.Shade)
	}
}

func TestTimelineBars(t *testing.T) {
	r := fixture.Simulate("three", "pool", 2, 3, 0)
	for i, at := range [][2]time.Duration{{0, 4}, {0, 2}, {2, -1}} {
		r.Samples[i].Started, r.Samples[i].Finished = at[0]*time.Second, at[1]*time.Second
	}
	r.Samples[2].Finished = -1
	for i := range r.Samples {
		r.Samples[i].Class = record.OK
		r.Samples[i].Worker = i % 2 // the third shares a lane with the first
	}
	r.Makespan, r.IdealMakespan = 4*time.Second, 2*time.Second
	line := NewTimeline(r, 2)
	var paths []string
	for _, b := range line.Bars[0].Named {
		paths = append(paths, b.Path)
	}
	if got, want := strings.Join(paths, " ")+" "+line.Bars[0].Rest, "M0 5h9990 M0 15h4990 M5000 5h4990"; got != want {
		t.Errorf("got bars %s, want %s", got, want)
	}
	if line.Ideal == nil || line.Ideal.At != width/2 {
		t.Errorf("got the ideal makespan at %v, want it halfway", line.Ideal)
	}
}

func TestTimelineStaysOnAScreen(t *testing.T) {
	for _, lanes := range []int{1, 2, 9, 34, 100, 676, 5000} {
		r := fixture.Simulate("lanes", "async", 0, lanes, 0)
		line := NewTimeline(r, 10)
		if line.Height > 480 || line.Height < 28 || len(line.Lanes) > 37 || len(line.Lanes) == 0 {
			t.Errorf("%d lanes: %d pixels high, %d labels", lanes, line.Height, len(line.Lanes))
		}
		for i, l := range line.Lanes[1:] {
			if l.Y-line.Lanes[i].Y < 13 {
				t.Errorf("%d lanes: the labels %d and %d overlap", lanes, line.Lanes[i].Name, l.Name)
			}
		}
	}
}

func TestScale(t *testing.T) {
	for _, c := range []struct {
		s    scale
		want string
	}{
		{scale{}, "0s"},
		{scale{hi: 15}, "0s 2ns 4ns 6ns 8ns 10ns 12ns 14ns"},
		{scale{hi: 51 * time.Millisecond}, "0s 10ms 20ms 30ms 40ms 50ms"},
		{scale{hi: 20600 * time.Millisecond}, "0s 5s 10s 15s 20s"},
		{scale{hi: 85 * time.Second}, "0s 15s 30s 45s 1m 1m15s"},
		{scale{hi: 24 * time.Hour}, "0s 6h 12h 18h 24h"},
		{scale{hi: 1<<63 - 1}, ""},
		{scale{lo: time.Millisecond, hi: 5 * time.Second, log: true}, "1ms 10ms 100ms 1s"},
		{scale{lo: 10 * time.Millisecond, hi: 90 * time.Millisecond, log: true}, "10ms 20ms 50ms"},
	} {
		ticks := c.s.ticks()
		var labels []string
		for _, k := range ticks {
			labels = append(labels, k.Label)
		}
		if got := strings.Join(labels, " "); got != c.want && c.want != "" || len(ticks) > 8 || len(ticks) == 0 {
			t.Errorf("%+v: got ticks %s, want %s", c.s, got, c.want)
		}
	}
	for _, s := range []scale{{hi: time.Hour}, {lo: time.Millisecond, hi: time.Minute, log: true}} {
		for x := 0; x <= width; x += 100 {
			if got := s.at(s.back(x)); got < x-1 || got > x+1 {
				t.Errorf("%+v: at(back(%d)) is %d", s, x, got)
			}
		}
	}
}

// TestHistogramColumns holds each column to its label: the times that it counts
// are all that lie between its two ends, and every time is in one.
func TestHistogramColumns(t *testing.T) {
	const ms = time.Millisecond
	spaced := func(n int, step time.Duration) (all []time.Duration) {
		for i := range n {
			all = append(all, time.Duration(i)*step)
		}
		return all
	}
	const ns, s = time.Duration(1), time.Second
	of := func(n int, d time.Duration, more ...time.Duration) []time.Duration {
		return append(slices.Repeat([]time.Duration{d}, n), more...)
	}
	tenfold := []time.Duration{0, 1, 7, 12, 99, 5e3, 12345, 987654, 9876543, 12345678, 7654321987}
	for name, c := range map[string]struct {
		measured, planned []time.Duration
		log, atOnce       bool
	}{
		"one":                       {measured: []time.Duration{12345678}},
		"few nanoseconds":           {measured: spaced(16, 1)},
		"even":                      {measured: spaced(300, 1234567)},
		"longer than a minute":      {measured: spaced(100, 1234567891)},
		"at once, most of them":     {of(130, 0, 103456789, 5123456789), nil, true, true},
		"a nanosecond":              {of(70, ns, 1001*ms, 2002*ms), nil, true, true},
		"crowded":                   {of(70, ms, 1001*ms, 2002*ms), nil, true, false},
		"every size":                {tenfold, tenfold, true, true},
		"planned at once":           {of(9, 20*ms, 5*s), of(10, 0), true, true},
		"planned beyond the edge":   {spaced(30, ms), spaced(30, 3*ms), false, false},
		"as long as there can be":   {measured: []time.Duration{1, math.MaxInt64}},
		"planned and as long as it": {measured: spaced(9, ms), planned: spaced(9, ms)},
	} {
		h := newHistogram("time", "times", slices.Clone(c.measured), slices.Clone(c.planned))
		if strings.Contains(h.Axis, "logarithmic") != c.log {
			t.Errorf("%s: axis %q", name, h.Axis)
		}
		if (h.Ticks[0].Label == "at once") != c.atOnce {
			t.Errorf("%s: got ticks %v", name, h.Ticks)
		}
		if (h.Planned != "") != (c.planned != nil) {
			t.Errorf("%s: the outline of what was planned is %q", name, h.Planned)
		}
		total := 0
		for i, column := range h.Columns {
			from, to, counted, planned := labelled(t, column.Title)
			total += counted
			upTo := func(d time.Duration) bool { return d < to || d == to && i == len(h.Columns)-1 }
			in := func(d time.Duration) bool { return d >= from && upTo(d) }
			if got := count(c.measured, in); got != counted {
				t.Errorf("%s: %q, but %d times lie there", name, column.Title, got)
			}
			if got := count(c.planned, in); got != planned {
				t.Errorf("%s: %q, but %d planned times lie there", name, column.Title, got)
			}
		}
		if total != len(c.measured) {
			t.Errorf("%s: the columns hold %d of %d times", name, total, len(c.measured))
		}
	}
}

// labelled reads the title of a column of a histogram.
func labelled(t *testing.T, title string) (from, to time.Duration, measured, planned int) {
	label, counts, _ := strings.Cut(title, ": ")
	low, high, has := strings.Cut(label, " to ")
	if !has {
		low, high = "0s", strings.TrimSuffix(strings.TrimPrefix(label, "at once (under "), ")")
	}
	from, err := time.ParseDuration(low)
	if err != nil {
		t.Fatalf("%q: %v", title, err)
	}
	if to, err = time.ParseDuration(high); err != nil {
		t.Fatalf("%q: %v", title, err)
	}
	counts = strings.NewReplacer(" tasks", "", " task", "", ",", "", " planned", "").Replace(counts)
	fmt.Sscan(counts, &measured, &planned) // without a plan there is one number
	return from, to, measured, planned
}

func count(times []time.Duration, in func(time.Duration) bool) (n int) {
	for _, d := range times {
		if in(d) {
			n++
		}
	}
	return n
}

// TestNothingPlanned draws no plan where the file does not say how long a task
// takes.
func TestNothingPlanned(t *testing.T) {
	r := fixture.Simulate("unplanned", "pool", 4, 40, 0)
	for i := range r.Samples {
		r.Samples[i].IdealStarted, r.Samples[i].IdealFinished = 0, 0
	}
	r.IdealMakespan = 0
	for _, h := range NewHistograms(r) {
		if h.Planned != "" || strings.Contains(h.Label, "planned") || strings.Contains(h.Columns[0].Title, "planned") {
			t.Errorf("the histogram shows a plan: %q, %q, %q", h.Planned, h.Label, h.Columns[0].Title)
		}
	}
	if c := NewCurves(r, nil); c.Planned != "" || c.Ideal != "" || c.Rows[0].Planned != text.None {
		t.Errorf("the curves show a plan: %q, %q, %v", c.Planned, c.Ideal, c.Rows[0])
	}
	if c := NewCourse(r, nil); c.Ideally != "" || c.Should != "" {
		t.Errorf("the course shows a plan: %q, %q", c.Ideally, c.Should)
	}
	if l := NewTimeline(r, 3); l.Ideal != nil || l.Ghost != "" {
		t.Errorf("the timeline shows a plan: %v, %q", l.Ideal, l.Ghost)
	}
}
