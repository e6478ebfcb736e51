package changes

import (
	"math"
	"slices"
)

// A ramp is a level, a line from there to another, and that level: from the
// value at begin to the one at end.
type ramp struct {
	begin, end    int
	before, after float64
	deviation     float64
	information   float64 // by Schwarz's criterion
	// the least and the greatest change of the ramps that are about as likely
	least, greatest float64
}

// drift describes the cuts from one to another as a drift, unless steps at them
// are the better description.
func (s *series) drift(cuts []int, first, last int) (c Change, is bool) {
	from, _ := s.around(cuts, first)
	_, to := s.around(cuts, last)
	steps, at := 0.0, from
	for _, next := range append(slices.Clone(cuts[first:last+1]), to) {
		steps += deviation(s.logs[at:next])
		at = next
	}
	r := s.ramp(from, to)
	levels := last - first + 2 // and a place between each two
	stepped := information(steps, to-from, 2*levels-1)
	if r.end-r.begin < 3 || steps == 0 || !(r.information+evidence < stepped) {
		return c, false
	}
	c = Change{
		At: from + r.end, First: from + max(r.begin, 1), Last: from + r.end, Drift: true,
		Before: s.value(r.before), After: s.value(r.after),
	}
	shares := make([]float64, to-from)
	for i := range shares {
		shares[i] = r.share(i)
	}
	c.By, c.Lo, c.Hi = slope(shares, s.logs[from:to])
	// Where the ramp begins and ends is not certain either.
	by := r.after - r.before
	c.Lo, c.Hi = c.Lo-(by-r.least), c.Hi+(r.greatest-by)
	return c, true
}

// evidence is by how much the criterion must speak for a drift: from 2 on it is
// positive evidence (Kass and Raftery 1995). There are many more ramps than
// steps to choose from.
const evidence = 2

// information is Schwarz's criterion of a description with so many parameters:
// the likelihood of the distribution of Laplace is a power of the mean
// deviation. The best description has the least.
func information(deviation float64, n, parameters int) float64 {
	return 2*float64(n)*math.Log(deviation/float64(n)) + float64(parameters)*math.Log(float64(n))
}

// value returns a level in the unit of the values.
func (s *series) value(level float64) float64 {
	if s.log {
		return math.Exp(level)
	}
	return level
}

// places is how many places a ramp may begin or end at, so that the search
// takes no longer in a long series.
const places = 40

// ramp returns the ramp that fits the values from one index to another best.
// Its levels are fitted by least squares, in which outliers are drawn in first.
func (s *series) ramp(from, to int) ramp {
	x := s.logs[from:to]
	calm, last := calmed(x), len(x)-1
	step := max(1, last/places)
	best := ramp{information: math.Inf(1)}
	var all []ramp
	for begin := 0; begin < last; begin += step {
		for end := last; end > begin; end -= step {
			r := fit(calm, begin, end)
			r.deviation = r.off(x)
			r.information = information(r.deviation, len(x), r.parameters(len(x)))
			if r.information < best.information {
				best = r
			}
			all = append(all, r)
		}
	}
	best.least, best.greatest = best.after-best.before, best.after-best.before
	for _, r := range all {
		if plausible(r.deviation, best.deviation, len(x), chiTwo) {
			best.least, best.greatest = min(best.least, r.after-r.before), max(best.greatest, r.after-r.before)
		}
	}
	return best
}

// share is how much of a ramp is behind at a place.
func (r ramp) share(i int) float64 {
	return min(max(float64(i-r.begin)/float64(r.end-r.begin), 0), 1)
}

// parameters is how many numbers a ramp takes among n values: its levels, and
// where it begins and ends, unless that is where they do.
func (r ramp) parameters(n int) int {
	p := 2
	if r.begin > 0 {
		p++
	}
	if r.end < n-1 {
		p++
	}
	return p
}

// off is the sum of the absolute deviations from a ramp.
func (r ramp) off(x []float64) (sum float64) {
	for i, v := range x {
		sum += math.Abs(v - r.before - r.share(i)*(r.after-r.before))
	}
	return sum
}

// fit returns the levels of a ramp between two places by least squares: a line
// over the share of the ramp.
func fit(x []float64, begin, end int) ramp {
	r := ramp{begin: begin, end: end}
	var n, sum, squares, total, product float64
	for i, v := range x {
		share := r.share(i)
		n, sum, squares = n+1, sum+share, squares+share*share
		total, product = total+v, product+share*v
	}
	slope := (n*product - sum*total) / (n*squares - sum*sum)
	r.before = (total - slope*sum) / n
	r.after = r.before + slope
	return r
}

// calmed draws each value to within the median of its neighbours and thrice
// their deviation.
func calmed(x []float64) []float64 {
	const beside = 4
	out := make([]float64, len(x))
	for i, v := range x {
		near := slices.Sorted(slices.Values(x[max(0, i-beside):min(len(x), i+beside+1)]))
		m := median(near)
		for k := range near {
			near[k] = math.Abs(near[k] - m)
		}
		slices.Sort(near)
		off := 3 * 1.48 * median(near)
		out[i] = min(max(v, m-off), m+off)
	}
	return out
}
