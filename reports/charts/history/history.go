// Package history draws a figure over many recordings as SVG for a page: a dot
// for each, lines for the levels, and shades where a level may have changed.
//
// As in package charts, a drawing is a value with paths, labels and numbers,
// which a template puts into the markup.
package history

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Series is one figure over recordings, for [New]. Places are those of
// the values among all recordings, of which there are Of.
type Series struct {
	Of     int
	Places []int
	Values []float64
	Write  func(value, step float64) string // in its unit, beside values that are a step away
	Whole  bool                             // values are counts, and the scale begins at 0
	Levels []Level
	Bands  []Band
	Unused []int            // the places of recordings that have no value
	Flawed map[int]bool     // the places of recordings with violations
	Date   func(int) string // of a recording
}

// A Level is a line from one place to another.
type Level struct {
	From, To   int
	Begin, End float64
}

// A Band is where a change may be.
type Band struct {
	First, Last int
	Bad, Wide   bool // Wide is one of a drift
	Title       string
}

// A Drawing is the drawing of a series.
type Drawing struct {
	Dots, FlawedDots, Beyond string // a dot for each recording, and for each that the scale leaves out
	Levels, Unused, Grid     string
	Bands                    []band
	Up, Across               []tick
	Note                     string // what the scale leaves out, "" for nothing
}

type band struct {
	X, Width  int
	Bad, Wide bool
	Title     string
}

// width is the inside of a drawing, and its height, in units of its own.
const width = 10000

// A tick is one label of an axis: At is its place inside the drawing, X the
// same in percent.
type tick struct {
	At            int
	X             string
	Label, Anchor string
}

// mostDots is how many recordings a drawing has dots for: more would lie on top
// of each other.
const mostDots = 600

// New draws a series. It returns nil for one without values.
func New(s Series) *Drawing {
	if len(s.Values) == 0 {
		return nil
	}
	v := &Drawing{}
	lo, hi := s.bounds()
	step := niceStep(hi - lo)
	if s.Whole {
		step = max(step, 1)
	}
	lo, hi = math.Floor(lo/step)*step, math.Ceil(hi/step)*step
	across := func(place float64) int { return int((place + 0.5) / float64(s.Of) * width) }
	up := func(value float64) int { return int((hi-value)/(hi-lo)*width + 0.5) }
	for value := lo; value <= hi+step/2; value += step {
		at := up(value)
		v.Up = append(v.Up, tick{At: at, X: percent(at), Label: s.Write(value, step)})
		v.Grid += fmt.Sprintf("M0 %dh%d", at, width)
	}
	v.dots(s, lo, hi, across, up)
	for _, l := range s.Levels {
		from, to := across(float64(l.From)-0.5), across(float64(l.To)+0.5)
		begin, end := up(min(max(l.Begin, lo), hi)), up(min(max(l.End, lo), hi))
		v.Levels += fmt.Sprintf("M%d %dL%d %d", max(from, 0), begin, min(to, width), end)
	}
	for _, b := range s.Bands {
		from, to := across(float64(b.First)-1), across(float64(b.Last))
		wide := max(to-from, width/200)
		v.Bands = append(v.Bands, band{X: from, Width: wide, Bad: b.Bad, Wide: b.Wide, Title: b.Title})
	}
	for _, place := range s.Unused {
		v.Unused += fmt.Sprintf("M%d %dv%d", across(float64(place)), width*94/100, width*6/100)
	}
	v.dates(s, across)
	return v
}

func percent(at int) string { return fmt.Sprintf("%.2f%%", 100*float64(at)/width) }

// bounds returns the range of the values without those far from the others, of
// which a single one would make all others a line.
func (s Series) bounds() (lo, hi float64) {
	sorted := slices.Sorted(slices.Values(s.Values))
	n := len(sorted)
	low, high := sorted[n/20], sorted[n-1-n/20]
	lo, hi = max(sorted[0], low-(high-low)/2), min(sorted[n-1], high+(high-low)/2)
	for _, l := range s.Levels {
		lo, hi = min(lo, l.Begin, l.End), max(hi, l.Begin, l.End)
	}
	if s.Whole {
		return 0, max(hi, 1)
	}
	if hi-lo < 0.05*math.Abs(hi) { // what hardly changes does not fill the drawing
		lo, hi = lo-0.025*math.Abs(hi), hi+0.025*math.Abs(hi)
	}
	if hi <= lo {
		lo, hi = lo-1, hi+1
	}
	return lo, hi
}

// niceStep is a round distance of which a range has three to six.
func niceStep(long float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(long)))
	for _, n := range []float64{0.2, 0.5, 1, 2} {
		if long/(n*unit) <= 5 {
			return n * unit
		}
	}
	return 5 * unit
}

// dots adds a dot for each value.
func (v *Drawing) dots(s Series, lo, hi float64, across, up func(float64) int) {
	var plain, flawed, beyond strings.Builder
	left, every := 0, 1+(len(s.Values)-1)/mostDots
	for i, value := range s.Values {
		to := &plain
		if s.Flawed[s.Places[i]] {
			to = &flawed
		}
		at := up(min(max(value, lo), hi))
		if value < lo || value > hi {
			to, left = &beyond, left+1
		} else if i%every > 0 && to == &plain {
			continue
		}
		fmt.Fprintf(to, "M%d %dh0", across(float64(s.Places[i])), at)
	}
	v.Dots, v.FlawedDots, v.Beyond = plain.String(), flawed.String(), beyond.String()
	switch {
	case left == 1:
		v.Note = "One value is beyond the scale: it is drawn at its edge."
	case left > 1:
		v.Note = fmt.Sprintf("%d values are beyond the scale: they are drawn at its edge.", left)
	}
	if every > 1 {
		v.Note = strings.TrimSpace(fmt.Sprintf("One of %d values has a dot. %s", every, v.Note))
	}
}

// dates labels the recordings with their dates: the first, the last, and some
// between.
func (v *Drawing) dates(s Series, across func(float64) int) {
	if s.Date == nil {
		return
	}
	n := min(3, s.Of)
	for i := range n {
		place := 0
		if n > 1 {
			place = i * (s.Of - 1) / (n - 1)
		}
		t := tick{At: across(float64(place)), Label: s.Date(place), Anchor: "middle"}
		t.X = percent(t.At)
		switch { // a date in the middle of its place would leave the drawing
		case t.At < width/8:
			t.Anchor = "start"
		case t.At > width*7/8:
			t.Anchor = "end"
		}
		v.Across = append(v.Across, t)
	}
}

// Spark draws values as a line, 1000 units wide and 100 tall: each of sixty at
// most is the median of its share of them.
func Spark(values []float64) string {
	const most = 60
	n := min(len(values), most)
	if n < 2 {
		return ""
	}
	levels := make([]float64, n)
	for i := range levels {
		part := slices.Sorted(slices.Values(values[i*len(values)/n : (i+1)*len(values)/n]))
		levels[i] = part[len(part)/2]
	}
	sorted := slices.Sorted(slices.Values(levels))
	lo, hi := sorted[n/20], sorted[n-1-n/20]
	if hi-lo < 0.05*math.Abs(hi) {
		lo, hi = (lo+hi)/2-0.025*math.Abs(hi), (lo+hi)/2+0.025*math.Abs(hi)
	}
	if hi <= lo {
		lo, hi = lo-1, hi+1
	}
	var b strings.Builder
	for i, level := range levels {
		c := byte('L')
		if i == 0 {
			c = 'M'
		}
		fmt.Fprintf(&b, "%c%d %d", c, i*1000/(n-1), 5+int(90*(hi-min(max(level, lo), hi))/(hi-lo)))
	}
	return b.String()
}
