package charts

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/rounded"
	"github.com/teapot-go/teapot/reports/text"
)

// bins is the number of columns of a histogram.
const bins = 24

// A Histogram shows the distribution of a run's times, with an outline of those
// that were planned.
type Histogram struct {
	Title   string // what it shows, in a sentence
	Label   string
	Columns []bar
	Planned string // the outline of the planned times
	Ticks   []tick
	Grid    string
	Peak    int    // the highest column's count
	Axis    string // what the times are
	Notes   []string
}

// NewHistograms draws the histogram of the service times of a run. Before it
// stands that of the latencies from when tasks were due, if the workload is
// open. It draws none if no task finished.
func NewHistograms(r *record.Recording) (all []*Histogram) {
	whole := r
	if r = r.Drawn(); whole.Open() {
		all = append(all, newHistogram("latency from due", "latencies from due",
			ended(r, func(s *record.Sample) time.Duration { return s.Response() }),
			ideal(r, func(s *record.Sample) time.Duration { return s.IdealFinished - s.Due })))
	}
	all = append(all, newHistogram("service time", "service times",
		ended(r, func(s *record.Sample) time.Duration { return s.Latency() }),
		ideal(r, func(s *record.Sample) time.Duration { return s.IdealService() })))
	all = slices.DeleteFunc(all, func(h *Histogram) bool { return h == nil })
	for _, h := range all {
		if note := chosenOf(whole); note != "" {
			h.Notes = append(h.Notes, "Of "+note+".")
		}
	}
	return all
}

// newHistogram returns nil without times. It draws no outline if nothing was
// planned.
func newHistogram(one, many string, measured, planned []time.Duration) *Histogram {
	slices.Sort(measured)
	slices.Sort(planned)
	s := spread(measured)
	if s.hi <= 0 {
		return nil
	}
	columns := newColumns(s, measured, planned)
	h := &Histogram{Title: titled(many, measured, columns), Axis: one}
	for _, c := range columns {
		h.Peak = max(h.Peak, c.measured, c.planned)
	}
	outline := []byte("M0 100")
	for _, c := range columns {
		if c.measured > 0 {
			tall := max(100*c.measured/h.Peak, 1)
			h.Columns = append(h.Columns, bar{
				Path:  fmt.Sprintf("M%d 100v-%dh%dv%dz", c.left+30, tall, c.right-c.left-60, tall),
				Title: c.title(len(planned) > 0),
			})
		}
		outline = fmt.Appendf(outline, "H%dV%dH%d", c.left, 100-100*c.planned/h.Peak, c.right)
		if c.below {
			outline = append(outline, "V100"...)
		}
	}
	if len(planned) > 0 {
		h.Planned = string(append(outline, "V100"...))
	}
	h.axis(s, columns[0])
	if beyond := above(planned, s.hi); len(beyond) > 0 {
		h.Notes = append(h.Notes, fmt.Sprintf("Beyond the right edge: %s, up to %s.",
			text.Plural(len(beyond), "planned time"), text.Short(beyond[len(beyond)-1])))
	}
	counted := fmt.Sprintf("%d %s", len(measured), many)
	if len(measured) == 1 {
		counted = "1 " + one
	}
	h.Label = fmt.Sprintf("Distribution of %s, from %s to %s", counted, text.Short(measured[0]), text.Short(s.hi))
	if len(planned) > 0 {
		h.Label += ", compared with the planned ones"
	}
	h.Label += "."
	return h
}

// titled says from where to where sorted times reach, and where most are.
func titled(many string, measured []time.Duration, columns []column) string {
	first, last := text.Short(measured[0]), text.Short(measured[len(measured)-1])
	if first == last {
		return fmt.Sprintf("All %s were %s", many, first)
	}
	most := slices.MaxFunc(columns, func(a, b column) int { return cmp.Compare(a.measured, b.measured) })
	return fmt.Sprintf("The %s were %s to %s, most often %s", many, first, last, most.span())
}

// axis labels the axis, whose first column may be one of times below the scale.
func (h *Histogram) axis(s scale, first column) {
	from := 0
	if first.below {
		from = belowScale
		atOnce := placed(first.right/2, "at once")
		atOnce.Anchor = "end" // its column is narrower
		h.Ticks = append(h.Ticks, atOnce)
	}
	for _, t := range s.ticks() {
		next := placed(within(from, t.At), t.Label)
		if next.At < 2*belowScale && first.below {
			next.Anchor = "start"
		}
		h.Ticks = append(h.Ticks, next)
	}
	h.Ticks = apart(h.Ticks, 200) // of three drawings side by side
	h.Grid = grid(h.Ticks, 100)
	if s.log {
		h.Axis += ", logarithmic"
	}
}

// A column counts the times from one edge to the next, which only the last
// column includes.
type column struct {
	from, to          time.Duration
	left, right       int // its place
	measured, planned int
	below             bool // the times are below the scale
}

// title is what hovering over the column shows.
func (c column) title(plan bool) string {
	title := c.span() + ": " + text.Plural(c.measured, "task")
	if plan {
		title += fmt.Sprintf(", %d planned", c.planned)
	}
	return title
}

// span says which times the column has.
func (c column) span() string {
	if c.below {
		return fmt.Sprintf("at once (under %s)", text.Short(c.to))
	}
	return fmt.Sprintf("%s to %s", text.Short(c.from), text.Short(c.to))
}

// belowScale is where the scale begins if a column of times below it stands
// before: a column's width, and a gap.
const belowScale = width * 3 / (2*bins + 3)

// within is the place on a scale that begins at from.
func within(from, at int) int { return from + at*(width-from)/width }

// newColumns counts sorted times in the columns of a scale. A logarithmic scale
// has no place for times below it, which get a column of their own. Edges are
// rounded as labels are, so that no time lies outside its column's label.
func newColumns(s scale, measured, planned []time.Duration) (all []column) {
	from := 0
	if s.log && below(measured, s.lo)+below(planned, s.lo) > 0 {
		from = belowScale
		all = append(all, column{to: s.lo, right: belowScale * 2 / 3, below: true})
	}
	for i := range bins {
		all = append(all, column{
			from: rounded.Nearest(s.back(i * width / bins)), to: rounded.Nearest(s.back((i + 1) * width / bins)),
			left: within(from, i*width/bins), right: within(from, (i+1)*width/bins),
		})
	}
	last := len(all) - 1
	all[last].to = rounded.Up(s.hi)
	for i := range all {
		c := &all[i]
		if c.measured, c.planned = below(measured, c.to), below(planned, c.to); i == last {
			c.measured, c.planned = len(measured), len(planned)-len(above(planned, s.hi))
		}
		c.measured -= below(measured, c.from)
		c.planned -= below(planned, c.from)
	}
	return all
}

// below returns how many of the sorted times are less than d.
func below(times []time.Duration, d time.Duration) int {
	n, _ := slices.BinarySearch(times, d)
	return n
}

// above returns the sorted times that are greater than d.
func above(times []time.Duration, d time.Duration) []time.Duration {
	for times = times[below(times, d):]; len(times) > 0 && times[0] == d; {
		times = times[1:]
	}
	return times
}
