package latency

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestFunctions holds ln and exp to the standard library's, which are right to
// the last bit or two.
func TestFunctions(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		x := math.Exp(rng.Float64()*200 - 100)
		if got, want := ln(x), math.Log(x); math.Abs(got-want) > 1e-14*max(1, math.Abs(want)) {
			t.Fatalf("ln(%v): got %v, want %v", x, got, want)
		}
		y := rng.Float64()*200 - 100
		if got, want := exp(y), math.Exp(y); math.Abs(got-want) > 1e-13*want {
			t.Fatalf("exp(%v): got %v, want %v", y, got, want)
		}
	}
	for _, x := range []float64{1, 2, math.Sqrt2, math.Sqrt2 / 2, math.MaxFloat64, 1 - 0x1p-53} {
		if got, want := ln(x), math.Log(x); math.Abs(got-want) > 1e-13*max(1, math.Abs(want)) {
			t.Errorf("ln(%v): got %v, want %v", x, got, want)
		}
	}
	if exp(0) != 1 || exp(-1e9) > 1e-300 || math.IsInf(exp(1e9), 0) {
		t.Errorf("exp at its bounds: %v, %v, %v", exp(0), exp(-1e9), exp(1e9))
	}
}

func TestGauss(t *testing.T) {
	src := rand.NewPCG(3, 4)
	const n = 200_000
	var sum, squares float64
	beyond := 0
	for range n {
		x := gauss(src)
		sum, squares = sum+x, squares+x*x
		if x > z99 {
			beyond++
		}
	}
	// Within four standard deviations of what each is.
	if mean := sum / n; math.Abs(mean) > 4/math.Sqrt(n) {
		t.Errorf("mean %v", mean)
	}
	if variance := squares / n; math.Abs(variance-1) > 4*math.Sqrt(2.0/n) {
		t.Errorf("variance %v", variance)
	}
	if share := float64(beyond) / n; math.Abs(share-0.01) > 4*math.Sqrt(0.01*0.99/n) {
		t.Errorf("%v are beyond the 99th percentile", share)
	}
}
