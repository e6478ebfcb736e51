package workload

import (
	"errors"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/teapot-go/teapot/scenarios/strict"
)

// A Pick is how the key of each arrival is chosen: in turn, all of them alike,
// or the first ones more often (Zipf's law).
type Pick struct {
	Way      string  // cycle, uniform or zipf; "" is cycle
	Exponent float64 // of zipf
}

var _ strict.Scalar = new(Pick)

const picks = "cycle, uniform, or zipf(S) with an exponent S above 0 and at most 10 such as zipf(1.1)"

// Accepts implements [strict.Scalar].
func (Pick) Accepts() string { return picks }

// Parse implements [strict.Scalar].
func (p *Pick) Parse(text string) error {
	way, inner, called := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	*p = Pick{Way: way}
	switch {
	case way == "zipf" && called && strings.HasSuffix(text, ")"):
		exponent, err := strconv.ParseFloat(strings.TrimSpace(inner), 64)
		if p.Exponent = exponent; err != nil || !(exponent > 0 && exponent <= 10) {
			return strict.ErrUnacceptable
		}
	case text != "cycle" && text != "uniform":
		return strict.ErrUnacceptable
	}
	return nil
}

// keys returns the keys of n arrivals, chosen among all by the seed. Equal
// seeds choose equal keys.
func (p Pick) keys(seed uint64, all []string, n int) []string {
	chosen := make([]string, n)
	next := p.index(seed, len(all))
	for i := range chosen {
		chosen[i] = all[next(i)]
	}
	return chosen
}

// index returns what gives the index of the key of arrival i, called with 0, 1,
// 2 and so on.
func (p Pick) index(seed uint64, n int) func(i int) int {
	h := fnv.New64a()
	h.Write([]byte("pick"))
	src := rand.NewPCG(seed, h.Sum64())
	unit := func() float64 { return float64(src.Uint64()>>11) / (1 << 53) }
	switch p.Way {
	case "uniform":
		return func(int) int { return int(unit() * float64(n)) }
	case "zipf":
		sums := make([]float64, n) // of the weights 1, 1/2^s, 1/3^s and so on
		total := 0.0
		for i := range sums {
			total += math.Pow(float64(i+1), -p.Exponent)
			sums[i] = total
		}
		return func(int) int {
			at, _ := slices.BinarySearch(sums, unit()*total)
			return min(at, n-1)
		}
	}
	return func(i int) int { return i % n }
}

// errNoKeys reports arrivals whose keys nothing says.
var errNoKeys = errors.New("an arrival has no key: want keys or flags, or a key in each row of the trace")
