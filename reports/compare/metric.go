package compare

import (
	"math"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// A Metric is one thing that is measured in every run, such as the makespan.
// The zero Metric measures nothing.
type Metric struct {
	Name string    `json:"name"`
	Unit unit      `json:"unit"`
	Why  string    `json:"why,omitempty"` // why it is measured in this unit
	Good direction `json:"good"`          // which way it should go

	kind kind
	// of is the figure of one run, and what it was taken from: nanoseconds, or
	// the number of what was counted; false where the run has none.
	of func(*record.Recording) (figure, from float64, has bool)
}

// A unit is what a figure counts.
type unit string

// The units. A ratio is of a time to what the oracle foresaw, so that it means
// the same on another machine.
const (
	unitCount       unit = "count"
	unitRatio       unit = "ratio"
	unitNanoseconds unit = "ns"
	unitRate        unit = "/s"
)

// A direction is the direction in which a figure becomes better.
type direction string

// The directions.
const (
	wantLess  direction = "less"
	wantMore  direction = "more"
	wantEqual direction = "equal" // any change is for the worse
)

// A kind is how a metric is judged.
type kind int

const (
	exact    kind = iota // must be equal under both clocks
	relative             // work or time against the plan: what else the machine does has little part in it
	counted              // varies, but the machine has no part in it
	absolute             // time of the machine, which drifts: a few hours apart it is another machine
)

const (
	whyRatio = "relative to the oracle's ideal, which is the same on every machine"
	whyPlan  = "relative to the same percentile of the planned service times, which is the same on every machine"
	whyCPU   = "of the whole process, client and server: no plan gives a target"
)

// metrics are all that is judged of a case, in the order in which reports list
// them.
func metrics() []Metric {
	all := []Metric{
		count("ok", wantMore, func(r *record.Recording) int { return r.Outcomes[record.OutcomeOK] }),
		count("not_found", wantEqual, func(r *record.Recording) int { return r.Outcomes[record.OutcomeNotFound] }),
		count("error", wantLess, func(r *record.Recording) int { return r.Outcomes[record.OutcomeError] }),
		count("violations", wantLess, func(r *record.Recording) int { return len(r.Violations) }),
		rateFound,
		{
			Name: "makespan / ideal", Unit: unitRatio, Why: whyRatio, Good: wantLess, kind: relative,
			of: func(r *record.Recording) (figure, from float64, has bool) {
				return float64(r.Makespan) / float64(r.IdealMakespan), float64(r.Makespan), ended(r) &&
					r.IdealMakespan > 0 && r.Makespan > 0
			},
		},
		{
			Name: "efficiency", Unit: unitRatio, Why: whyRatio, Good: wantMore, kind: relative,
			of: func(r *record.Recording) (figure, from float64, has bool) {
				return r.Efficiency(), float64(r.Makespan), ended(r) && r.IdealMakespan > 0 && r.Makespan > 0
			},
		},
		{
			Name: "makespan", Unit: unitNanoseconds, Why: "there is no ideal to compare it with", Good: wantLess,
			kind: absolute, of: func(r *record.Recording) (figure, from float64, has bool) {
				return float64(r.Makespan), float64(r.Makespan), ended(r) && r.IdealMakespan <= 0
			},
		},
	}
	for _, p := range percentiles {
		all = append(all, planned(p.name, p.rank), unplanned(p.name, p.rank))
	}
	return append(
		all,
		Metric{
			Name: "cpu / task", Unit: unitNanoseconds, Why: whyCPU, Good: wantLess, kind: absolute,
			of: func(r *record.Recording) (figure, from float64, has bool) {
				if r.Cost == nil || !ended(r) || r.Tasks() == 0 {
					return 0, 0, false
				}
				return float64(r.Cost.CPU) / float64(r.Tasks()), float64(r.Cost.CPU), r.Cost.CPU > 0
			},
		},
		allocations("allocs / task", func(c record.Cost) uint64 { return c.Allocs }),
		allocations(perTask, func(c record.Cost) uint64 { return c.AllocBytes }),
	)
}

// ended reports whether a run came to its end, and its generator kept up, so
// that its times mean something.
func ended(r *record.Recording) bool { return r.Deadlock == "" && !r.Interrupted && !r.Invalid() }

func count(name string, good direction, of func(*record.Recording) int) Metric {
	return Metric{Name: name, Unit: unitCount, Good: good, kind: exact, of: func(r *record.Recording) (figure,
		from float64, has bool,
	) {
		return float64(of(r)), 0, true
	}}
}

// percentiles are of the service times, each by the nearest rank; a rank is a
// share of the tasks.
var percentiles = []struct {
	name string
	rank float64
}{{"p50", 0.50}, {"p90", 0.90}, {"p95", 0.95}, {"p99", 0.99}, {"max", 1}}

// planned is a percentile against the same of the plan's service times, where
// the plan has them.
func planned(name string, rank float64) Metric {
	return Metric{
		Name: name + " / plan", Unit: unitRatio, Why: whyPlan, Good: wantLess, kind: relative,
		of: func(r *record.Recording) (figure, from float64, has bool) {
			d, has := r.Percentiles[name]
			plan := foreseen(r, rank)
			return float64(d) / float64(plan), served(r), has && ended(r) && plan > 0 && distinct(r, rank)
		},
	}
}

// unplanned is a percentile by itself, where no plan says what it should be.
func unplanned(name string, rank float64) Metric {
	return Metric{
		Name: name, Unit: unitNanoseconds, Why: "no plan says how long it should be", Good: wantLess,
		kind: absolute, of: func(r *record.Recording) (figure, from float64, has bool) {
			d, has := r.Percentiles[name]
			return float64(d), served(r), has && ended(r) && foreseen(r, rank) <= 0 && distinct(r, rank)
		},
	}
}

// foreseen is a percentile of the planned service times.
func foreseen(r *record.Recording, rank float64) time.Duration {
	if r.Tasks() == 0 {
		return 0
	}
	if r.Totals != nil {
		return r.Totals.PlannedService.At(rank)
	}
	plan := make([]time.Duration, len(r.Samples))
	for i, s := range r.Samples {
		plan[i] = s.PlannedService
	}
	slices.Sort(plan)
	return plan[nearest(rank, len(plan))-1]
}

// served is how long all tasks together were served.
func served(r *record.Recording) float64 {
	var all time.Duration
	if r.Totals != nil {
		for took, n := range r.Totals.Ended() {
			all += time.Duration(took) * time.Duration(n)
		}
		return float64(all)
	}
	for _, s := range r.Samples {
		all += max(0, s.Latency())
	}
	return float64(all)
}

// distinct reports whether a percentile is worth a row. Among few tasks the
// 99th is the longest; and the longest is what the machine did at its worst, of
// which no number of runs says anything, so that only the virtual clock has it.
func distinct(r *record.Recording, rank float64) bool {
	if nearest(rank, r.Tasks()) == r.Tasks() {
		return rank == 1 && r.Clock == record.Virtual
	}
	return true
}

// nearest is the place of a percentile among n, from 1.
func nearest(rank float64, n int) int { return max(1, int(math.Ceil(rank*float64(n)))) }

// perTask is the name of the figure that counts bytes.
const perTask = "bytes / task"

func allocations(name string, of func(record.Cost) uint64) Metric {
	return Metric{
		Name: name, Unit: unitCount, Good: wantLess, Why: whyCPU, kind: counted,
		of: func(r *record.Recording) (figure, from float64, has bool) {
			if r.Cost == nil || !ended(r) || r.Tasks() == 0 {
				return 0, 0, false
			}
			return float64(of(*r.Cost)) / float64(r.Tasks()), float64(r.Cost.Allocs), true
		},
	}
}
