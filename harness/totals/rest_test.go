package totals

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestTimes wants each percentile to be between the two times that are told,
// which are close to each other, and the number of those beyond a bound never
// to be too high.
func TestTimes(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		var a, b Times
		var all []time.Duration
		sum := 0.0
		for range 1 + random.IntN(2000) {
			d := time.Duration(random.Int64N(1 << (1 + random.IntN(40))))
			all, sum = append(all, d), sum+float64(d)
			if random.IntN(3) == 0 {
				b.Add(d)
			} else {
				a.Add(d)
			}
		}
		slices.Sort(all)
		both := a.With(&b)
		if both.N() != len(all) || both.Longest() != all[len(all)-1] || both.Mean() != sum/float64(len(all)) {
			t.Fatalf("seed %d: %d times, longest %v, mean %v", seed, both.N(), both.Longest(), both.Mean())
		}
		for place := 1; place <= len(all); place += 1 + random.IntN(20) {
			d := all[place-1]
			least, most := both.At(float64(place) / float64(len(all)))
			if d < least || d > most || float64(most-least) > float64(d)/1000 {
				t.Errorf("seed %d: time %d is %v, told to be from %v to %v", seed, place, d, least, most)
			}
			beyond, certain := len(all)-place, both.Beyond(d)
			if certain > beyond || certain < both.Beyond(d+d/500+1) {
				t.Errorf("seed %d: %d of %d times beyond %v", seed, certain, beyond, d)
			}
		}
	}
	if least, most := new(Times).At(0.5); least != 0 || most != 0 || new(Times).Mean() != 0 {
		t.Error("a percentile without times")
	}
}
