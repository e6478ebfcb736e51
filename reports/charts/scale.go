// Package charts draws recordings as SVG for a page.
//
// A chart is a value with paths, labels and numbers, which a template puts into
// the markup. Paths are values of the attribute d. Their coordinates are in
// units of the chart, so that a browser can stretch the drawing and leave the
// text around it alone.
//
// Every constructor is a pure function of the recordings, which it does not
// change: any number of goroutines may call it.
package charts

import (
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/teapot-go/teapot/reports/text"
)

// width is a chart's inside in its own units. The browser stretches it to the
// page, so that the text around it keeps its size.
const width = 10000

// A scale places times on a chart, from lo at 0 to hi at width. A logarithmic
// one needs lo above 0.
type scale struct {
	lo, hi time.Duration
	log    bool
}

// A tick is one label of an axis: At is its place inside the chart, X the same
// in percent.
type tick struct {
	At            int
	X             string
	Label, Anchor string
}

// at is the place of d, kept within the chart.
func (s scale) at(d time.Duration) int {
	if s.hi <= s.lo || d <= s.lo {
		return 0
	}
	if d >= s.hi {
		return width
	}
	share := float64(d-s.lo) / float64(s.hi-s.lo)
	if s.log {
		share = math.Log(float64(d)/float64(s.lo)) / math.Log(float64(s.hi)/float64(s.lo))
	}
	return int(share*width + 0.5)
}

// back is the time at the place x: the inverse of at.
func (s scale) back(x int) time.Duration {
	share := float64(x) / width
	if s.log {
		return time.Duration(float64(s.lo) * math.Pow(float64(s.hi)/float64(s.lo), share))
	}
	return s.lo + time.Duration(share*float64(s.hi-s.lo))
}

// steps are the distances between ticks that people count in.
var steps = [...]time.Duration{1, 2, 5}

// ticks labels the scale with a handful of round times.
func (s scale) ticks() []tick {
	var at []time.Duration
	if s.log {
		at = s.decades()
	} else {
		step := s.step()
		for d := s.lo; d <= s.hi && len(at) < 8; d += step {
			at = append(at, d)
		}
	}
	ticks := make([]tick, len(at))
	for i, d := range at {
		ticks[i] = s.tick(d, text.Short(d))
	}
	return ticks
}

func (s scale) tick(d time.Duration, label string) tick {
	return placed(s.at(d), label)
}

// placed is a tick at a place inside the chart. One at its right edge is
// written to the left of it.
func placed(at int, label string) tick {
	t := tick{At: at, Label: label, Anchor: "middle"}
	t.X = fmt.Sprintf("%.2f%%", 100*float64(t.At)/width)
	if t.At > 92*width/100 {
		t.Anchor = "end"
	}
	return t
}

// step is the smallest distance that people count in with which six ticks span
// the scale.
func (s scale) step() time.Duration {
	enough := (s.hi - s.lo) / 6
	for unit := time.Duration(1); unit <= time.Second; unit *= 10 {
		for _, n := range steps {
			if step := n * unit; step >= enough && step < 15*time.Second {
				return step
			}
		}
	}
	for _, step := range []time.Duration{10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200} {
		if step*time.Second >= enough {
			return step * time.Second
		}
	}
	return max(enough, 1)
}

// decades are the powers of ten within the scale, and where they are few the 2
// and 5 between them. Above 20 seconds they are those of minutes and of hours.
func (s scale) decades() []time.Duration {
	var tens, all []time.Duration
	add := func(unit time.Duration, steps ...time.Duration) {
		for _, n := range steps {
			if d := n * unit; d >= s.lo && d <= s.hi {
				all = append(all, d)
				if n == 1 {
					tens = append(tens, d)
				}
			}
		}
	}
	for unit := time.Duration(1); unit <= time.Second; unit *= 10 {
		add(unit, steps[:]...)
	}
	add(10*time.Second, 1, 2)
	add(time.Minute, steps[:]...)
	add(10*time.Minute, 1, 2)
	for unit := time.Hour; unit <= 1e5*time.Hour; unit *= 10 {
		add(unit, steps[:]...)
	}
	if len(all) > 7 {
		return tens
	}
	return all
}

// across labels the scale as ticks does, below a chart: without those whose
// labels would meet on a narrow screen.
func (s scale) across() []tick { return apart(s.ticks(), 270) }

// apart returns the ticks without those whose labels meet the one before, in a
// plot of so many pixels.
func apart(ticks []tick, pixels int) (kept []tick) {
	char, gap := width*7/pixels, width*4/pixels
	before := -width
	for _, t := range ticks {
		long := char * utf8.RuneCountInString(t.Label)
		from := t.At - long/2
		switch t.Anchor {
		case "start":
			from = t.At
		case "end":
			from = t.At - long
		}
		if from >= before {
			kept, before = append(kept, t), from+long+gap
		}
	}
	return kept
}

// grid is a line through the chart at each tick, height units tall.
func grid(ticks []tick, height int) string {
	var b []byte
	for _, t := range ticks {
		b = fmt.Appendf(b, "M%d 0v%d", t.At, height)
	}
	return string(b)
}

// spread chooses, for sorted times, a scale from 0 to the longest time;
// logarithmic if half of the times would crowd in its first twentieth.
func spread(sorted []time.Duration) scale {
	if len(sorted) == 0 {
		return scale{}
	}
	hi, median := sorted[len(sorted)-1], sorted[len(sorted)/2]
	first := slices.IndexFunc(sorted, func(d time.Duration) bool { return d > 0 })
	if median > hi/20 || first < 0 {
		return scale{hi: hi}
	}
	lo := time.Duration(1)
	for want := max(min(sorted[first], hi/100), hi/1e6); lo <= want/10; lo *= 10 {
	}
	return scale{lo: lo, hi: hi, log: true}
}
