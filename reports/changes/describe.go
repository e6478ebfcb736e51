package changes

import (
	"math"
	"slices"
)

// described returns what there is to say of the changes at the cuts. Several in
// one direction are a drift if a ramp fits better.
func (s *series) described(cuts []int) []Change {
	var all []Change
	for i := 0; i < len(cuts); {
		// the longest run of cuts in one direction that a ramp describes better
		last := i
		for last+1 < len(cuts) && s.up(cuts, last+1) == s.up(cuts, i) {
			last++
		}
		for ; last >= i; last-- {
			if change, is := s.drift(cuts, i, last); is {
				all = append(all, change)
				break
			}
		}
		if last < i {
			all = append(all, s.step(cuts, i))
			last = i
		}
		i = last + 1
	}
	return all
}

// up reports whether the level rises at a cut.
func (s *series) up(cuts []int, i int) bool {
	from, to := s.around(cuts, i)
	return s.middle(from, cuts[i]) < s.middle(cuts[i], to)
}

// middle is the median of the logarithms of a stretch.
func (s *series) middle(from, to int) float64 {
	return median(slices.Sorted(slices.Values(s.logs[from:to])))
}

// step describes a change at one place.
func (s *series) step(cuts []int, i int) Change {
	from, to := s.around(cuts, i)
	at := cuts[i]
	c := Change{
		At:     at,
		Before: median(slices.Sorted(slices.Values(s.values[from:at]))),
		After:  median(slices.Sorted(slices.Values(s.values[at:to]))),
	}
	c.First, c.Last = s.somewhere(from, at, to)
	shares := make([]float64, to-from)
	for i := at - from; i < len(shares); i++ {
		shares[i] = 1
	}
	c.By, c.Lo, c.Hi = slope(shares, s.logs[from:to])
	return c
}

// somewhere returns the interval in which the change is with 95 % confidence:
// the places whose likelihood is not too small.
func (s *series) somewhere(from, at, to int) (first, last int) {
	sums := parted(s.logs[from:to])
	best := sums[at-from-1]
	first, last = at, at
	for i, d := range sums[:len(sums)-1] {
		if plausible(d, best, to-from, chiOne) {
			first, last = min(first, from+i+1), max(last, from+i+1)
		}
	}
	return first, last
}

// The 95 % points of the χ² distributions with one degree of freedom and with
// two, times π/2: of normal noise the statistic below is so much larger than of
// noise with the distribution of Laplace, for which it is meant.
const chiOne, chiTwo = 3.84 * math.Pi / 2, 5.99 * math.Pi / 2

// plausible reports whether a description with a deviation is not much less
// likely than the best one.
func plausible(deviation, best float64, n int, chi float64) bool {
	return deviation <= best || best > 0 && 2*float64(n)*math.Log(deviation/best) <= chi
}

// slope returns by how much values change from share 0 of a change to share 1,
// with the 95 % interval: the estimate of Theil and Sen (1968), the median of
// the slopes between all pairs, and the interval that inverts Kendall's test.
// Of a step it is that of Hodges and Lehmann (1963), the median of all
// differences between a value before and one after.
func slope(shares, x []float64) (by, lo, hi float64) {
	var slopes []float64
	tied := map[float64]int{}
	for i, a := range shares {
		tied[a]++
		for j := range i {
			if a != shares[j] {
				slopes = append(slopes, (x[i]-x[j])/(a-shares[j]))
			}
		}
	}
	spread := func(n int) float64 { return float64(n) * float64(n-1) * float64(2*n+5) }
	variance := spread(len(x))
	for _, n := range tied {
		variance -= spread(n)
	}
	slices.Sort(slopes)
	n := len(slopes)
	outer := int((float64(n) - 1.96*math.Sqrt(variance/18)) / 2)
	outer = min(max(outer, 0), (n-1)/2)
	return median(slopes), slopes[outer], slopes[n-1-outer]
}
