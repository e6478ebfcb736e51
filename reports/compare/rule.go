package compare

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"golang.org/x/perf/benchmath"
)

// A Rule sets how sure a verdict on real times must be. Zero and negative
// fields stand for the defaults. A rule does not affect figures that must be
// equal.
type Rule struct {
	Tolerance float64       // the share by which a figure may change and be the same; 0 stands for 0.05
	Pairs     int           // how many pairs of runs a verdict needs; 0 stands for 15
	Shortest  time.Duration // what is measured for less than this is not judged; 0 stands for 10ms
	// InTurns says that old and new runs took turns, so that what the machine
	// did at the same time fell on both alike: the i-th of both are a pair. Of
	// runs that were made apart, times that no plan foresees may change by four
	// tolerances and be the same.
	InTurns bool
	// Again says that what becomes worse or better is run again, for [Confirm].
	// Otherwise the first half of the runs and the second stand for that: both
	// have to show the change.
	Again bool
}

// apart is how many tolerances a machine's times drift between one day and the
// next.
const apart = 4

func (r Rule) filled() Rule {
	if r.Tolerance <= 0 {
		r.Tolerance = 0.05
	}
	if r.Pairs <= 0 {
		r.Pairs = 15
	}
	if r.Shortest <= 0 {
		r.Shortest = 10 * time.Millisecond
	}
	return r
}

// A series is one metric over the runs of one side.
type series struct {
	values []float64
	from   float64 // the median of what they were taken from
}

// over measures the runs, and leaves out those that do not have the metric.
func (m Metric) over(recs []*record.Recording) series {
	var s, taken series
	for _, r := range recs {
		if v, from, has := m.of(r); has {
			s.values, taken.values = append(s.values, v), append(taken.values, from)
		}
	}
	s.from = taken.median()
	return s
}

// median is that of benchmath, which would sort the series itself; 0 for none.
func (s series) median() float64 {
	if len(s.values) == 0 {
		return 0
	}
	copied := slices.Clone(s.values)
	return benchmath.AssumeNothing.Summary(benchmath.NewSample(copied, &benchmath.DefaultThresholds), 0.95).Center
}

// varies reports whether the values differ, which benchmath warns of where they
// should not.
func (s series) varies() bool {
	copied := slices.Clone(s.values)
	return len(benchmath.AssumeExact.Summary(benchmath.NewSample(copied, &benchmath.DefaultThresholds),
		0.95).Warnings) > 0
}

// figure judges one metric of a case; false where neither side has it.
func (r Rule) figure(m Metric, k *Case) (Figure, bool) {
	old, new := m.over(k.Old), m.over(k.New)
	f := Figure{Metric: m, Old: old.median(), New: new.median(), Exact: m.kind == exact || k.Clock == record.Virtual}
	switch {
	case len(old.values) == 0 && len(new.values) == 0:
		return f, false
	case len(old.values) == 0:
		f.Verdict, f.Why = NoData, "the old runs lack this figure"
	case len(new.values) == 0:
		f.Verdict, f.Why = NoData, "the new runs lack this figure"
	case f.Exact:
		f.equal(old, new)
	default:
		r.weigh(&f, old, new)
	}
	return f, true
}

// equal judges what must be equal. A count that is not the same in every run is
// judged by its median, and never called the same.
func (f *Figure) equal(old, new series) {
	f.Pairs = min(len(old.values), len(new.values))
	f.Change = f.New - f.Old
	if f.Metric.Unit != unitCount && f.Old != 0 {
		f.Change /= f.Old
	}
	f.Lo, f.Hi = f.Change, f.Change
	f.Verdict = f.direction(f.New - f.Old)
	if f.Verdict == Same && (old.varies() || new.varies()) {
		f.Verdict, f.Why = Inconclusive, "it differs between runs"
	}
}

// direction is the verdict on a change that counts.
func (f *Figure) direction(change float64) Verdict {
	switch {
	case change == 0:
		return Same
	case f.Metric.Good == wantEqual, change > 0 == (f.Metric.Good == wantLess):
		return Worse
	}
	return Better
}

// weigh judges what varies: by the interval of the ratio of new to old.
func (r Rule) weigh(f *Figure, old, new series) {
	f.Pairs = min(len(old.values), len(new.values))
	if why := r.tooLittle(f.Metric, max(old.from, new.from)); why != "" {
		f.Change, f.Verdict, f.Why = share(f.Old, f.New), Inconclusive, why
		f.Lo, f.Hi = f.Change, f.Change
		return
	}
	if f.Pairs < r.Pairs {
		f.Change, f.Verdict = share(f.Old, f.New), NoData
		f.Lo, f.Hi = f.Change, f.Change
		f.Why = fmt.Sprintf("%d old and %d new runs: a verdict needs %d of each", len(old.values),
			len(new.values), r.Pairs)
		return
	}
	ratios := interval(old.values, new.values, r.InTurns)
	f.Change, f.Lo, f.Hi = math.Expm1(ratios.center), math.Expm1(ratios.lo), math.Expm1(ratios.hi)
	band := r.band(f.Metric)
	if !r.InTurns && f.Metric.kind == absolute {
		f.Why = fmt.Sprintf("the runs did not alternate: up to %.0f%% may be drift of the machine",
			100*math.Expm1(band))
	}
	switch {
	case ratios.lo > band || ratios.hi < -band:
		f.Verdict = f.direction(ratios.center)
		if !r.Again && !halvesAgree(old.values, new.values, band, ratios.center) {
			f.Verdict, f.Why = Inconclusive, "the first and the second half of the runs disagree"
		}
	case ratios.lo >= -band && ratios.hi <= band:
		f.Verdict = Same
	default:
		f.Verdict = Inconclusive
	}
}

// fewest is how many allocations a run must have for them to be judged: a few
// dozen are the harness's own, and never the same.
const fewest = 1000

// tooLittle returns why a figure is not judged that was taken from so little,
// on the side that has more: from a moment to a minute is a change.
func (r Rule) tooLittle(m Metric, from float64) string {
	if m.kind == counted && from < fewest {
		return fmt.Sprintf("%.0f allocations in a run: a verdict needs %d, so use more tasks", from, fewest)
	}
	if m.kind != counted && from < float64(r.Shortest) {
		return fmt.Sprintf("measured for %v only: a verdict needs %v, so use more or longer tasks",
			time.Duration(from).Round(10*time.Microsecond), r.Shortest)
	}
	return ""
}

// band is the log ratio up to which a metric is the same.
func (r Rule) band(m Metric) float64 {
	if !r.InTurns && m.kind == absolute {
		return math.Log1p(apart * r.Tolerance)
	}
	return math.Log1p(r.Tolerance)
}

// share is the change from old to new as a share of old; from nothing it is the
// new figure itself.
func share(old, new float64) float64 {
	if old == 0 {
		return new
	}
	return new/old - 1
}

// halvesAgree reports whether the change shows in the first half of the runs
// and in the second, by their medians.
func halvesAgree(old, new []float64, band, center float64) bool {
	first := logRatio(median(old[:len(old)/2]), median(new[:len(new)/2]))
	second := logRatio(median(old[len(old)/2:]), median(new[len(new)/2:]))
	if center > 0 {
		return min(first, second) > band
	}
	return max(first, second) < -band
}

// Confirm checks a comparison against one of the same cases that were run
// again. What is worse or better must be so in both, each time by its whole
// interval, or it is inconclusive. Cases that were not run again keep their
// verdicts.
//
// A machine can be busy for minutes, and one interval of twenty pairs can then
// lie far beyond the tolerance. To ask only that the second median lies beyond
// it was tried. It called a build worse than itself in one of forty
// comparisons, for its 90th percentile.
func Confirm(first, again Comparison) Comparison {
	repeated := map[string]Case{}
	for _, k := range again.Cases {
		repeated[k.Name()] = k
	}
	out := Comparison{Warnings: first.Warnings, Tolerance: first.Tolerance}
	for _, k := range first.Cases {
		if second, has := repeated[k.Name()]; has && k.Verdict != "" {
			k.Figures = confirmed(k.Figures, second.Figures)
			if len(k.Figures) > 0 {
				k.sum()
			}
		}
		out.Cases = append(out.Cases, k)
	}
	return out
}

func confirmed(first, again []Figure) []Figure {
	out := slices.Clone(first)
	for i := range out {
		f := &out[i]
		if f.Exact || f.Verdict != Worse && f.Verdict != Better {
			continue
		}
		at := slices.IndexFunc(again, func(s Figure) bool { return s.Metric.Name == f.Metric.Name })
		if at < 0 || again[at].Verdict == NoData {
			f.Verdict, f.Why = NoData, fmt.Sprintf("%s at first, missing when run again", f.Verdict)
			continue
		}
		second := again[at]
		f.Why = fmt.Sprintf("and %+.1f%% when run again", 100*second.Change)
		if second.Verdict != f.Verdict {
			f.Why = fmt.Sprintf("%s at first, but %+.1f%% (%+.1f%% … %+.1f%%) when run again", f.Verdict,
				100*second.Change, 100*second.Lo, 100*second.Hi)
			f.Verdict = Inconclusive
		}
	}
	return out
}
