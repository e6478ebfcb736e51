package trend

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/rounded"
	"github.com/teapot-go/teapot/harness/search"
	"github.com/teapot-go/teapot/reports/text"
)

// A unit is what a figure counts.
type unit string

// The units.
const (
	unitNanoseconds unit = "ns"
	unitShare       unit = "share"
	unitCount       unit = "count"
	unitRate        unit = "/s"
)

// figureCount is how many figures a history may have.
const figureCount = 6

// A kind is what a figure is of all histories.
type kind struct {
	name  string
	title string // in a page
	unit  unit
	more  bool // is better
	// how a history is when it has more of the figure, and when it has less
	rises, falls string
	of           func(*record.Recording) (float64, bool)
}

// figures are all figures of a history, in the order in which reports list
// them. Percentiles are of the tasks that succeeded: errors may take no time.
var figures = [figureCount]kind{
	{
		"rate found", "Rate found", unitRate, true, "carries more", "carries less",
		func(r *record.Recording) (float64, bool) {
			if r.Search == nil || r.Search.Found == 0 && r.Clock != record.Virtual {
				return 0, false
			}
			return r.Search.Found, true
		},
	},
	{
		"makespan", "Makespan", unitNanoseconds, false, "is slower", "is faster",
		func(r *record.Recording) (float64, bool) { return float64(r.Makespan), r.Makespan > 0 },
	},
	{
		"p50", "p50 of successes", unitNanoseconds, false, "is slower", "is faster",
		func(r *record.Recording) (float64, bool) { return percentile(r, 0.50) },
	},
	{
		"p99", "p99 of successes", unitNanoseconds, false, "is slower", "is faster",
		func(r *record.Recording) (float64, bool) { return percentile(r, 0.99) },
	},
	{
		"efficiency", "Efficiency", unitShare, true, "is more efficient", "is less efficient",
		func(r *record.Recording) (float64, bool) {
			return min(r.Efficiency(), 1), r.IdealMakespan > 0 && r.Makespan > 0 // beyond it the plan was broken
		},
	},
	{
		"errors", "Errors", unitCount, false, "has more errors", "has fewer errors",
		func(r *record.Recording) (float64, bool) { return float64(r.Outcomes[record.OutcomeError]), true },
	},
}

// kindOf returns the kind of a figure of a name.
func kindOf(name string) kind {
	return figures[slices.IndexFunc(figures[:], func(k kind) bool { return k.name == name })]
}

// percentile returns a percentile of the successes by the nearest rank: of the
// latency from when a task was due in an open workload, or else of the service
// time.
func percentile(r *record.Recording, rank float64) (float64, bool) {
	of := (*record.Sample).Latency
	if r.Open() {
		of = (*record.Sample).Response
	}
	if t := r.Totals; t != nil {
		h := t.Service[string(record.OutcomeOK)]
		if r.Open() {
			h = t.Response[string(record.OutcomeOK)]
		}
		return float64(h.At(rank)), h.N() > 0
	}
	var times []time.Duration
	for i := range r.Samples {
		s := &r.Samples[i]
		if d := of(s); s.Class == record.OK && d >= 0 {
			times = append(times, d)
		}
	}
	if len(times) == 0 {
		return 0, false
	}
	slices.Sort(times)
	return float64(times[max(0, int(math.Ceil(rank*float64(len(times))))-1)]), true
}

// format writes a figure in its unit.
func format(u unit, v float64) string {
	switch u {
	case unitNanoseconds:
		return text.Short(time.Duration(math.Round(v)))
	case unitShare:
		return fmt.Sprintf("%.1f%%", 100*v)
	case unitRate:
		return search.Text(v)
	}
	return fmt.Sprintf("%.4g", v)
}

// Format returns a value in the unit of the figure.
func (f Figure) Format(v float64) string { return format(f.Unit, v) }

// Beside returns a value in the unit of the figure, in as many digits as tell
// it apart from values that are a step away.
func (f Figure) Beside(v, step float64) string {
	d, by := time.Duration(math.Round(v)), time.Duration(math.Round(step))
	switch {
	case f.Unit == unitNanoseconds && by > 0:
		return rounded.Duration(d, d-by, d+by)
	case f.Unit == unitShare && step > 0:
		digits := max(1, int(math.Ceil(-math.Log10(100*step)-1e-9)))
		return fmt.Sprintf("%.*f%%", digits, 100*v)
	}
	return f.Format(v)
}

// Title returns what the figure is called in a page.
func (f Figure) Title() string { return kindOf(f.Name).title }

// Names returns the figures that any history of the trend has, in the order in
// which reports list them.
func (t Trend) Names() (all []string) {
	for _, k := range figures {
		has := func(h History) bool {
			return slices.ContainsFunc(h.Figures, func(f Figure) bool { return f.Name == k.name })
		}
		if slices.ContainsFunc(t.Histories, has) {
			all = append(all, k.name)
		}
	}
	return all
}
