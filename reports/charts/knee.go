package charts

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/search"
	"github.com/teapot-go/teapot/reports/found"
	"github.com/teapot-go/teapot/reports/text"
)

// A Knee shows the rates that a search has tried: the 99th percentile of the
// latency over the rate, and below it the share of errors. The highest rate
// that meets the expectations is marked.
type Knee struct {
	Sentence    string
	P99         string // the line
	Met, Missed string // dots
	Errors      string // columns
	Grid        string
	Across, Up  []tick
	Found       *tick // nil if none was found
	MostErrors  string
	Label       string
	Head        []string
	Rows        [][]string
}

// NewKnee draws the search of a run, or returns nil for a run without one.
func NewKnee(r *record.Recording) *Knee {
	s := r.Search
	if s == nil || len(s.Tried) == 0 {
		return nil
	}
	k := &Knee{Sentence: found.Sentence(r)}
	k.Head, k.Rows = found.Table(r)
	first, last := s.Tried[0].Rate, s.Tried[len(s.Tried)-1].Rate
	x := func(rate float64) int {
		if last <= first {
			return width / 2
		}
		return int(200 + 9600*math.Log(rate/first)/math.Log(last/first))
	}
	var times []time.Duration
	most := 0.0
	for _, t := range s.Tried {
		times = append(times, t.P99)
		most = max(most, t.Errors)
	}
	slices.Sort(times)
	up := spread(times)
	if up.hi = up.hi + up.hi/12; up.hi <= 0 {
		up.hi = time.Millisecond
	}
	move := "M"
	for _, t := range s.Tried {
		if t.P99 > 0 {
			at := fmt.Sprintf("%d %d", x(t.Rate), width-up.at(t.P99))
			k.P99 += move + at
			move = "L"
			if t.Meets {
				k.Met += "M" + at + "h0"
			} else {
				k.Missed += "M" + at + "h0"
			}
		}
		if most > 0 && t.Errors > 0 {
			k.Errors += fmt.Sprintf("M%d 100v-%dh160v%dz", x(t.Rate)-80, int(math.Ceil(100*t.Errors/most)),
				int(math.Ceil(100*t.Errors/most)))
		}
	}
	k.MostErrors = fmt.Sprintf("%.3g%%", 100*most)
	k.axes(s, x, up)
	return k
}

// axes labels rates, a few that are far enough apart, and times.
func (k *Knee) axes(s *search.Result, x func(float64) int, up scale) {
	const apart = width / 7
	before := -width
	for _, t := range s.Tried {
		if at := x(t.Rate); at-before >= apart {
			before = at
			k.Across = append(k.Across, placed(at, search.Text(t.Rate)))
		}
	}
	for _, t := range up.ticks() {
		t.X = fmt.Sprintf("%.1f%%", 100-100*float64(t.At)/width)
		k.Up = append(k.Up, t)
		k.Grid += fmt.Sprintf("M0 %dh%d", width-t.At, width)
	}
	if s.Found > 0 {
		at := placed(x(s.Found), search.Text(s.Found))
		if at.Anchor = "start"; at.At > width/2 {
			at.Anchor = "end"
		}
		k.Found = &at
	}
	k.Label = fmt.Sprintf("The 99th percentile of the latency over the rate, at %s; the table has the numbers.",
		text.Plural(len(s.Tried), "rate"))
}
