package compare

import (
	"math"
	"math/rand/v2"
	"slices"
)

// A span is a median of log ratios, and the interval that holds it with 95 %
// confidence.
type span struct{ center, lo, hi float64 }

// resamples is how many times the bootstrap draws: enough that its own noise is
// a tenth of an interval's width.
const resamples = 2000

// interval is the bootstrap interval of the ratio of new to old. In turns, the
// i-th old and the i-th new run are a pair, and pairs are drawn; apart, each
// side is drawn by itself, and the ratio is that of the medians. The draws
// follow from the number of runs, so that equal recordings have equal
// intervals.
func interval(old, new []float64, inTurns bool) span {
	n := min(len(old), len(new))
	rng := rand.New(rand.NewPCG(uint64(len(old)), uint64(len(new))))
	drawn := make([]float64, resamples)
	if inTurns {
		ratios := make([]float64, n)
		for i := range ratios {
			ratios[i] = logRatio(old[i], new[i])
		}
		if slices.Min(ratios) == slices.Max(ratios) {
			return span{ratios[0], ratios[0], ratios[0]} // no draw is another
		}
		some := make([]float64, n)
		for i := range drawn {
			drawn[i] = middle(draw(rng, some, ratios))
		}
		return around(median(ratios), drawn)
	}
	before, after := make([]float64, len(old)), make([]float64, len(new))
	for i := range drawn {
		drawn[i] = logRatio(middle(draw(rng, before, old)), middle(draw(rng, after, new)))
	}
	return around(logRatio(median(old), median(new)), drawn)
}

func around(center float64, drawn []float64) span {
	slices.Sort(drawn)
	cut := len(drawn) / 40 // 2.5 % at each end
	return span{center, drawn[cut], drawn[len(drawn)-1-cut]}
}

// draw fills some with values, each perhaps more than once.
func draw(rng *rand.Rand, some, values []float64) []float64 {
	for i := range some {
		some[i] = values[rng.IntN(len(values))]
	}
	return some
}

// logRatio is symmetric: a half is as far from one as a double. What is as
// nothing before and after has not changed.
func logRatio(old, new float64) float64 {
	if old == new {
		return 0
	}
	return min(20, max(-20, math.Log(new/old))) // from nothing to something is much, but a number that JSON has
}

func median(values []float64) float64 { return middle(slices.Clone(values)) }

// middle is the median of values that may be sorted; 0 for none.
func middle(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return 0
	}
	slices.Sort(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
