package bounds

import (
	"iter"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/totals"
)

// A Figure is a number that a run has.
type Figure struct {
	// Name says which of several figures of one check it is, such as "p99"; ""
	// if the check has only one.
	Name string

	// Timed reports whether it depends on how long tasks take.
	Timed bool

	// Each reports whether it takes the samples of all tasks: without them it
	// is not known.
	Each bool

	// of returns the figure in a unit, or why there is none. A why with ": "
	// has what would let it be known after that.
	of func(r run, u Unit) (x interval, why string)
}

// An interval is what is known of a number: both ends are equal if it is known
// exactly, as it is where the run has all samples.
type interval struct{ least, most float64 }

func exactly(x float64) interval { return interval{x, x} }

// A run is what a figure is computed of. Its samples are yielded one after
// another, each of which is good until the next: there may be a million. Of
// those that the recording has left out there are the counts.
type run struct {
	*record.Recording
	samples iter.Seq[*record.Sample]
	left    *totals.Rest // nil if none is left out
	planned bool
}

// measured returns the run as it was.
func measured(r *record.Recording) run {
	return run{r, func(yield func(*record.Sample) bool) {
		for i := range r.Samples {
			if !yield(&r.Samples[i]) {
				return
			}
		}
	}, r.LeftOut(), false}
}

// Of returns the figure of a run in a unit that it has, or why there is none.
// Where that is no fault of the run, what would let it be known follows after
// ": ". Of a run that has left out samples, a statistic of times is at most a
// thousandth too high.
func (f Figure) Of(r *record.Recording, u Unit) (x float64, why string) {
	all, why := f.of(measured(r), u)
	return all.most, why
}

// Within returns between which numbers the figure of a run is, or why there is
// none. They are equal unless the run has left out samples.
func (f Figure) Within(r *record.Recording, u Unit) (least, most float64, why string) {
	x, why := f.of(measured(r), u)
	return x.least, x.most, why
}

// unkept is why there is no figure of a run that has left out samples.
const unkept = "the samples of most tasks were left out while the run went on: keep all of them"

// Planned returns what the figure is by the plan, if the plan says that: what
// it would be if an ideal executor had run the tasks and a correct client
// reported them. Where the journal says what the tasks met, that counts.
func (f Figure) Planned(r *record.Recording, u Unit) (x float64, known bool) {
	if f.Timed && r.IdealMakespan == 0 && r.Makespan > 0 {
		return 0, false // the plan does not say how long tasks take
	}
	all, why := f.of(planned(r), u)
	return all.most, why == ""
}

// planned returns the run that the plan is of.
func planned(r *record.Recording) run {
	ideal, lanes := *r, r.IdealLanes()
	ideal.Makespan = r.IdealMakespan
	return run{&ideal, func(yield func(*record.Sample) bool) {
		free := map[int]time.Duration{} // when each user's last task ended
		var s record.Sample
		for i := range r.Samples {
			s = r.Samples[i]
			s.Started, s.Finished, s.Class, s.Worker = s.IdealStarted, s.IdealFinished, s.PlannedClass, int(lanes[i])
			if r.Users > 0 {
				s.Due = free[s.User] + s.Think
				free[s.User] = s.Finished
			}
			if !yield(&s) {
				return
			}
		}
	}, r.LeftOut(), true}
}

// Throughput is the number of tasks that end without an error, for each second
// of the makespan: what vegeta calls so. Answers that are errors do not count,
// as they often come faster.
func Throughput() Figure {
	return Figure{Timed: true, of: func(r run, _ Unit) (interval, string) {
		n := count(r, func(c record.Class) bool { return c.Outcome() != record.OutcomeError })
		switch {
		case n == 0:
			return exactly(0), ""
		case r.Makespan == 0:
			return exactly(math.Inf(1)), ""
		}
		return exactly(n / r.Makespan.Seconds()), ""
	}}
}

// Outcome is the number of tasks, or their percentage, with an outcome or a
// class of this name.
func Outcome(name string) Figure {
	return Figure{Name: name, of: func(r run, u Unit) (interval, string) {
		return exactly(share(r, u, count(r, func(c record.Class) bool {
			return string(c) == name || string(c.Outcome()) == name
		}))), ""
	}}
}

// Errors is the number of tasks that end with an error, or their percentage.
func Errors() Figure {
	f := Outcome(string(record.OutcomeError))
	f.Name = ""
	return f
}

// count counts the tasks of some classes. Those that are left out have the
// classes that were planned.
func count(r run, is func(record.Class) bool) float64 {
	n := 0
	for s := range r.samples {
		if is(s.Class) {
			n++
		}
	}
	if r.left != nil {
		for class, k := range r.left.Classes {
			if is(record.Class(class)) {
				n += k
			}
		}
	}
	return float64(n)
}

// share returns a number of tasks in a unit.
func share(r run, u Unit, n float64) float64 {
	if u != Percent {
		return n
	}
	return 100 * n / max(1, float64(r.Tasks()))
}

// InFlight is the most tasks under way at once, between start and finish.
func InFlight() Figure {
	return Figure{Timed: true, of: func(r run, _ Unit) (interval, string) {
		lanes := 0
		switch {
		case r.left != nil && r.planned:
			return interval{}, unkept
		case r.left != nil:
			lanes = r.left.Lanes
		}
		for s := range r.samples {
			lanes = max(lanes, s.Worker+1)
		}
		return exactly(float64(lanes)), ""
	}}
}

// A Window is a time of a run: from From, and before Until if that is not 0.
type Window struct{ From, Until time.Duration }

// Has reports whether a time is in the window.
func (w Window) Has(at time.Duration) bool { return at >= w.From && (w.Until == 0 || at < w.Until) }

// String describes the window, in words that follow a figure. The whole run has
// none.
func (w Window) String() string {
	switch {
	case w.Until > 0:
		return " from " + w.From.String() + " until " + w.Until.String()
	case w.From > 0:
		return " from " + w.From.String()
	}
	return ""
}

// statistics are those of times that a figure may be: percentiles by their
// rank, and the mean.
var statistics = map[string]float64{
	"p50": 0.50, "p75": 0.75, "p90": 0.90, "p95": 0.95, "p99": 0.99, "p99.9": 0.999, "p99.99": 0.9999, "max": 1,
	"mean": -1,
}

// Statistics returns the names of the statistics of times, in alphabetical
// order: percentiles such as p99, max and mean.
func Statistics() []string { return slices.Sorted(maps.Keys(statistics)) }

// Latency is a statistic of how long tasks take from when they fall due. It has
// their wait for the executor, so that a slow answer does not hide how long the
// tasks behind it waited (coordinated omission). It is of the tasks that fall
// due within a window.
func Latency(statistic string, w Window) Figure {
	return ofTimes(statistic, w, func(s *record.Sample) time.Duration { return s.Finished - s.Due },
		func(r *totals.Rest) *totals.Times { return &r.Response })
}

// Service is a statistic of how long tasks take from their start, of the tasks
// that fall due within a window.
func Service(statistic string, w Window) Figure {
	return ofTimes(statistic, w, func(s *record.Sample) time.Duration { return s.Latency() },
		func(r *totals.Rest) *totals.Times { return &r.Service })
}

func ofTimes(statistic string, w Window, of func(*record.Sample) time.Duration,
	left func(*totals.Rest) *totals.Times,
) Figure {
	return Figure{
		Name: statistic + w.String(), Timed: true, Each: w != Window{},
		of: func(r run, _ Unit) (interval, string) {
			if r.left != nil && (r.planned || w != Window{}) {
				return interval{}, unkept
			}
			times := make([]time.Duration, 0, len(r.Samples))
			for s := range r.samples {
				if s.Latency() >= 0 && w.Has(s.Due) {
					times = append(times, of(s))
				}
			}
			if r.left != nil {
				return ofAll(statistic, times, left(r.left))
			}
			if len(times) == 0 {
				return interval{}, noneEnded
			}
			if statistics[statistic] < 0 {
				return exactly(mean(times)), ""
			}
			return exactly(float64(nearest(times, statistics[statistic]))), ""
		},
	}
}

const noneEnded = "no task that ended"

// ofAll is a statistic of times beside those that are left out.
func ofAll(statistic string, times []time.Duration, left *totals.Times) (interval, string) {
	var held totals.Times
	for _, d := range times {
		held.Add(max(d, 0))
	}
	all := left.With(&held)
	if all.N() == 0 {
		return interval{}, noneEnded
	}
	if statistics[statistic] < 0 {
		return exactly(all.Mean()), ""
	}
	least, most := all.At(statistics[statistic])
	return interval{float64(least), float64(most)}, ""
}

// nearest returns a percentile by the nearest-rank method, as a recording has
// it.
func nearest(times []time.Duration, rank float64) time.Duration {
	slices.Sort(times)
	return times[max(1, int(math.Ceil(rank*float64(len(times))-1e-6)))-1]
}

func mean(times []time.Duration) float64 {
	sum := 0.0
	for _, d := range times {
		sum += float64(d)
	}
	return sum / float64(len(times))
}
