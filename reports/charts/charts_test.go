package charts

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
	"github.com/teapot-go/teapot/reports/summary"
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
	shown, notes := choose(r)
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
	if want := "3500 of 5000 bars are not drawn, among them 0 errors."; !slices.Equal(notes, []string{want}) {
		t.Errorf("got %q, want %q", notes, want)
	}
	for i := range r.Samples {
		r.Samples[i].Class = record.Failed
	}
	shown, notes = choose(r)
	if want := "3500 of 5000 bars are not drawn, among them 3500 errors."; len(shown) != mostBars ||
		!slices.Equal(notes, []string{want}) {
		t.Errorf("got %q, want %q", notes, want)
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

func TestHistogramCountsEveryTask(t *testing.T) {
	for _, stretch := range []time.Duration{1, 1000} {
		r := fixture.Simulate("spread", "pool", 10, 300, 0)
		r.Samples[7].Finished = r.Samples[7].Started + r.Samples[7].PlannedLatency*stretch
		h := NewHistograms(r)[0]
		sum := 0
		for _, c := range h.Columns {
			var n int
			_, after, _ := strings.Cut(c.Title, ": ")
			fmt.Sscanf(after, "%d", &n)
			sum += n
		}
		if sum != 300 {
			t.Errorf("the columns hold %d of 300 tasks", sum)
		}
		if logarithmic := len(h.Notes) > 0; logarithmic != (stretch > 1) {
			t.Errorf("stretch %d: notes %q", stretch, h.Notes)
		}
	}
}
