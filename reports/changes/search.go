package changes

import (
	"math"
	"slices"
)

// shortest is the length of the shortest stretch that is searched. Chance alone
// parts fewer values completely.
const shortest = 8

// layers returns how many lengths the stretches of a series have: each is half
// of the one before.
func layers(whole int) int {
	n := 1
	for length := whole / 2; length >= shortest; length /= 2 {
		n++
	}
	return n
}

// A cut parts a stretch before the value at.
type cut struct {
	at int
	// over is how far the logarithm of its probability is above the bar; below
	// 0 it is no chance.
	over float64
}

// cut returns the places at which the values from one index to another are to
// be cut, in order.
func (s *series) cut(from, to int) []int {
	whole := to - from
	if whole < shortest {
		return nil
	}
	best := cut{over: math.Inf(1)}
	for length := whole; length >= shortest; length /= 2 {
		bar := s.bar(length, whole)
		step := max(1, length/2)
		for at := from; at+length <= to; at += step {
			best = s.better(best, at, at+length, bar)
			if at+length < to && at+step+length > to {
				best = s.better(best, to-length, to, bar) // the last ends with the series
			}
		}
	}
	if best.over > 0 {
		return nil
	}
	at := s.placed(from, best.at, to)
	return append(append(s.cut(from, at), at), s.cut(at, to)...)
}

// better returns the cut of the values from one index to another that is least
// likely by chance, or best if that is less likely.
func (s *series) better(best cut, from, to int, bar float64) cut {
	x := s.logs[from:to]
	n := len(x)
	rises, falls := 0, 0 // the pairs of a value before the cut and one after it
	for k := range n - 1 {
		for i, v := range x {
			switch {
			case i < k && v < x[k]:
				rises--
			case i < k && v > x[k]:
				falls--
			case i > k && v > x[k]:
				rises++
			case i > k && v < x[k]:
				falls++
			}
		}
		before := k + 1
		// Ties count against the change, whichever way it goes.
		against := before*(n-before) - max(rises, falls)
		if over := s.tail.log(before, n-before, against) - bar; over < best.over {
			best = cut{from + before, over}
		}
	}
	return best
}

// placed returns where between two neighbours a change lies: where the sum of
// the absolute deviations from the medians on both sides is least.
func (s *series) placed(from, at, to int) int {
	least := math.Inf(1)
	for k, d := range parted(s.logs[from:to]) {
		if k > 0 && k < to-from-2 && d < least {
			least, at = d, from+k+1
		}
	}
	return at
}

// verified keeps the cuts that hold between their neighbours, and moves them to
// where they fit best.
func (s *series) verified(cuts []int) []int {
	for changed := true; changed; {
		changed = false
		for i := 0; i < len(cuts); i++ {
			from, to := s.around(cuts, i)
			cuts[i] = s.placed(from, cuts[i], to)
			if s.over(from, cuts[i], to) > 0 {
				cuts, changed = slices.Delete(cuts, i, i+1), true
				break
			}
		}
	}
	return cuts
}

// around returns the stretch between the neighbours of a cut.
func (s *series) around(cuts []int, i int) (from, to int) {
	to = len(s.logs)
	if i > 0 {
		from = cuts[i-1]
	}
	if i+1 < len(cuts) {
		to = cuts[i+1]
	}
	return from, to
}

// over returns how far the probability of one cut of a stretch is above the
// bar.
func (s *series) over(from, at, to int) float64 {
	rises, falls := 0, 0
	for _, a := range s.logs[from:at] {
		for _, b := range s.logs[at:to] {
			switch {
			case b > a:
				rises++
			case b < a:
				falls++
			}
		}
	}
	before, after := at-from, to-at
	against := before*after - max(rises, falls)
	return s.tail.log(before, after, against) - s.bar(to-from, len(s.logs))
}

func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// parted returns the deviation from the levels of two parts, of which the first
// ends with each value in turn. The last has both parts in one.
func parted(x []float64) []float64 {
	sums := deviations(x)
	back := slices.Clone(x)
	slices.Reverse(back)
	for i, d := range deviations(back) {
		if i+1 < len(x) {
			sums[len(x)-2-i] += d
		}
	}
	return sums
}

// deviations returns the deviation of the first value, of the first two, and so
// on.
func deviations(x []float64) []float64 {
	sums, sorted := make([]float64, len(x)), make([]float64, 0, len(x))
	for i, v := range x {
		at, _ := slices.BinarySearch(sorted, v)
		sorted = slices.Insert(sorted, at, v)
		for j, k := 0, i; j < k; j, k = j+1, k-1 { // in pairs around the median
			sums[i] += sorted[k] - sorted[j]
		}
	}
	return sums
}

// deviation is the sum of the absolute deviations from the median.
func deviation(x []float64) float64 {
	all := deviations(x)
	return all[len(all)-1]
}
