package changes

import "math"

// exactUpTo is the size of the smaller sample up to which the distribution is
// counted. Beyond it the normal distribution stands for it, whose tail is the
// heavier one.
const exactUpTo = 12

// tails has the distribution of Mann and Whitney's U, for the sizes that were
// asked for. The zero tails is ready to use.
type tails struct{ known map[[2]int][]float64 }

// log returns the logarithm of the probability that of all pairs of one value
// of each sample no more than so many are against a change in either direction,
// if all values are of one distribution.
func (t *tails) log(a, b, against int) float64 {
	if a > b {
		a, b = b, a
	}
	if 2*against >= a*b {
		return 0
	}
	if a > exactUpTo {
		mean := float64(a) * float64(b) / 2
		deviation := math.Sqrt(mean * float64(a+b+1) / 6)
		z := (mean - float64(against) - 0.5) / deviation
		return math.Log(math.Erfc(max(z, 0)/math.Sqrt2) + math.SmallestNonzeroFloat64) // both directions
	}
	table := t.known[[2]int{a, b}]
	if table == nil {
		if t.known == nil {
			t.known = map[[2]int][]float64{}
		}
		table = counted(a, b)
		t.known[[2]int{a, b}] = table
	}
	return min(0, table[against])
}

// counted returns the logarithms of the probabilities of U up to its middle, in
// both directions: the coefficients of the Gaussian binomial, summed up.
//
// Each coefficient follows from those of lower degree, so that the low ones,
// which are small, are exact.
func counted(a, b int) []float64 {
	ways := make([]float64, a*b/2+1)
	ways[0] = 1
	all := 1.0
	for i := 1; i <= a; i++ {
		for d := len(ways) - 1; d >= b+i; d-- { // times 1 - q^(b+i)
			ways[d] -= ways[d-b-i]
		}
		for d := i; d < len(ways); d++ { // divided by 1 - q^i
			ways[d] += ways[d-i]
		}
		all *= float64(b+i) / float64(i)
	}
	sum := 0.0
	for d := range ways {
		sum += ways[d]
		ways[d] = math.Log(2 * sum / all)
	}
	return ways
}
