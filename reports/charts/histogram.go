package charts

import (
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// bins is the number of columns of a histogram.
const bins = 24

// A Histogram shows the distribution of a run's times, with an outline of those
// that were planned.
type Histogram struct {
	Title   string
	Label   string
	Columns []bar
	Planned string // the outline of the planned times
	Ticks   []tick
	Grid    string
	Peak    int // the highest column's count
	Notes   []string
}

// NewHistograms draws the histogram of the service times of a run. Before it
// stands that of the latencies from when tasks were due, if the workload is
// open. It draws none if no task finished.
func NewHistograms(r *record.Recording) (all []*Histogram) {
	if r.Open() {
		all = append(all, newHistogram("Latency, from due", "latency", "latencies",
			ended(r, func(s *record.Sample) time.Duration { return s.Response() }),
			ended(r, func(s *record.Sample) time.Duration { return s.IdealFinished - s.Due })))
	}
	all = append(all, newHistogram("Service time", "service time", "service times",
		ended(r, func(s *record.Sample) time.Duration { return s.Latency() }),
		ended(r, func(s *record.Sample) time.Duration { return s.IdealService() })))
	return slices.DeleteFunc(all, func(h *Histogram) bool { return h == nil })
}

// newHistogram returns nil without times.
func newHistogram(title, one, many string, measured, planned []time.Duration) *Histogram {
	slices.Sort(measured)
	s := spread(measured)
	if s.hi <= 0 {
		return nil
	}
	h := &Histogram{Title: title, Ticks: s.ticks()}
	h.Grid = grid(h.Ticks, 100)
	got, want := count(measured, s), count(planned, s)
	h.Peak = max(slices.Max(got[:]), slices.Max(want[:]))
	outline := []byte("M0 100")
	for i := range bins {
		from, to := i*width/bins, (i+1)*width/bins
		tall := 100 * got[i] / h.Peak
		if got[i] > 0 {
			h.Columns = append(h.Columns, bar{
				Path: fmt.Sprintf("M%d 100v-%dh%dv%dz", from+30, max(tall, 1), to-from-60, max(tall, 1)),
				Title: fmt.Sprintf(
					"%s to %s: %s, %d planned",
					text.Short(s.back(from)),
					text.Short(s.back(to)),
					text.Plural(got[i], "task"),
					want[i],
				),
			})
		}
		outline = fmt.Appendf(outline, "V%dH%d", 100-100*want[i]/h.Peak, to)
	}
	h.Planned = string(append(outline, "V100"...))
	if s.log {
		h.Notes = append(h.Notes, "The time axis is logarithmic.")
	}
	beyond := 0
	for _, d := range planned {
		if d > s.hi {
			beyond++
		}
	}
	if beyond > 0 {
		h.Notes = append(
			h.Notes,
			fmt.Sprintf(
				"Beyond the right edge: %s, up to %s.",
				text.Plural(beyond, "planned time"),
				text.Short(slices.Max(planned)),
			),
		)
	}
	counted := fmt.Sprintf("%d %s", len(measured), many)
	if len(measured) == 1 {
		counted = "1 " + one
	}
	h.Label = fmt.Sprintf("Distribution of %s, from %s to %s, compared with the planned ones.", counted,
		text.Short(slices.Min(measured)), text.Short(s.hi))
	return h
}

// count puts every time into its column.
func count(times []time.Duration, s scale) (n [bins]int) {
	for _, d := range times {
		n[min(s.at(d)*bins/width, bins-1)]++
	}
	return n
}
