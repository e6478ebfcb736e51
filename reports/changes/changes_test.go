package changes

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// noises are kinds of noise that times of a machine have, around 1.
var noises = map[string]func(*rand.Rand) float64{
	"normal":    func(r *rand.Rand) float64 { return 1 + 0.03*r.NormFloat64() },
	"lognormal": func(r *rand.Rand) float64 { return math.Exp(0.3 * r.NormFloat64()) },
	"long tail": func(r *rand.Rand) float64 { return 1 + 0.02*math.Pow(1-r.Float64(), -0.8) },
	"two modes": func(r *rand.Rand) float64 { return 1 + 0.02*r.NormFloat64() + 0.3*float64(r.IntN(2)) },
	"counts":    func(r *rand.Rand) float64 { return float64(r.IntN(3)) },
	"rarely": func(r *rand.Rand) float64 {
		if r.IntN(20) == 0 {
			return 1
		}
		return 0
	},
}

// TestNoise wants the share of series of pure noise in which a change is found
// to be within the level that the package claims.
func TestNoise(t *testing.T) {
	const level, seeds = 0.05, 600
	for name, noise := range noises {
		for _, n := range []int{20, 60, 300} {
			alarms, seeds := 0, seeds*60/max(n, 60)
			for seed := range seeds {
				r := rand.New(rand.NewPCG(uint64(seed), uint64(n)))
				x := make([]float64, n)
				for i := range x {
					x[i] = noise(r)
				}
				if len(Find(x, Rule{Level: level})) > 0 {
					alarms++
				}
			}
			// So many more than the level allows are one in a thousand.
			most := level*float64(seeds) + 3.1*math.Sqrt(level*float64(seeds))
			if float64(alarms) > most {
				t.Errorf("%s, %d values: %d alarms of %d, want %.0f at most", name, n, alarms, seeds, most)
			}
			t.Logf("%s, %d values: %d alarms of %d", name, n, alarms, seeds)
		}
	}
}

// A planted change: the level at a place of a series.
type planted struct {
	name  string
	n     int
	level func(i int) float64
	drift bool
	at    int     // of a step
	by    float64 // as a share
}

func step(n, at int, by float64) planted {
	return planted{fmt.Sprintf("step at %d of %d", at, n), n, func(i int) float64 {
		if i < at {
			return 1
		}
		return 1 + by
	}, false, at, by}
}

// TestFinds plants changes in noise of 3 %, and wants them found, once, where
// they are, as what they are, and with an interval that holds their size.
func TestFinds(t *testing.T) {
	const seeds = 100
	for _, p := range []planted{
		step(60, 30, 0.10),
		step(60, 52, 0.10),
		step(60, 8, -0.10),
		step(60, 54, 0.30),
		step(300, 150, 0.05),
		step(300, 290, 0.10),
		step(24, 12, 0.20),
		{"drift through all", 60, func(i int) float64 { return 1 + 0.18*float64(i)/59 }, true, 0, 0.18},
		{"drift through the second half", 60, func(i int) float64 {
			return 1 + 0.25*float64(max(0, i-30))/29
		}, true, 0, 0.25},
		{"slow drift", 300, func(i int) float64 { return 1 - 0.15*float64(i)/299 }, true, 0, -0.15},
	} {
		found, right, within, placed, more := 0, 0, 0, 0, 0
		for seed := range seeds {
			r := rand.New(rand.NewPCG(uint64(seed), 17))
			x := make([]float64, p.n)
			for i := range x {
				x[i] = p.level(i) * (1 + 0.03*r.NormFloat64())
			}
			all := Find(x, Rule{Series: 20})
			if len(all) == 0 {
				continue
			}
			found++
			more += len(all) - 1
			c := all[0]
			if c.Drift == p.drift {
				right++
			}
			if _, lo, hi := c.Share(); lo <= p.by && p.by <= hi {
				within++
			}
			if p.drift || c.First <= p.at && p.at <= c.Last {
				placed++
			}
		}
		t.Logf("%-30s found %d, as it is %d, size held %d, place held %d, others %d", p.name, found, right, within,
			placed, more)
		for what, n := range map[string]int{
			"found": found, "told as it is": right, "with its size": within, "in its place": placed,
		} {
			if n < seeds*85/100 {
				t.Errorf("%s: %s in %d of %d series", p.name, what, n, seeds)
			}
		}
		if more > seeds/10 {
			t.Errorf("%s: %d other changes in %d series", p.name, more, seeds)
		}
	}
}

// TestSeveral wants each of several changes found, a short rise among them.
func TestSeveral(t *testing.T) {
	for name, levels := range map[string][]float64{
		"a rise and a fall": {1, 1.2, 1},
		"two steps up":      {1, 1.15, 1.3},
		"up, down, up":      {1, 1.2, 0.9, 1.1},
	} {
		wrong := 0
		for seed := range 100 {
			r := rand.New(rand.NewPCG(uint64(seed), 18))
			var x []float64
			var want []int
			for i, level := range levels {
				if i > 0 {
					want = append(want, len(x))
				}
				for range 20 {
					x = append(x, level*(1+0.02*r.NormFloat64()))
				}
			}
			var got []int
			for _, c := range Find(x, Rule{Series: 20}) {
				if !c.Drift {
					got = append(got, c.At)
				}
			}
			near := len(got) == len(want)
			for i := range got {
				near = near && math.Abs(float64(got[i]-want[i])) <= 1
			}
			if !near {
				wrong++
			}
		}
		if wrong > 10 {
			t.Errorf("%s: %d of 100 series were told otherwise", name, wrong)
		}
	}
}

// TestOutliers wants no number of single outliers to be a change.
func TestOutliers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 19))
	x := make([]float64, 60)
	for i := range x {
		x[i] = 1 + 0.01*r.NormFloat64()
		if i%13 == 12 || i >= 58 {
			x[i] *= 1000
		}
	}
	if got := Find(x, Rule{}); len(got) > 0 {
		t.Errorf("got %+v, want no change", got)
	}
}

// TestTails counts the arrangements of small samples one by one.
func TestTails(t *testing.T) {
	var all tails
	for a := 1; a <= 5; a++ {
		for b := a; b <= 6; b++ {
			counts, total := make([]int, a*b+1), 0
			for set := range 1 << (a + b) {
				inverted, ones := 0, 0
				for i := range a + b {
					if set>>i&1 == 1 {
						ones++
					} else {
						inverted += ones
					}
				}
				if ones == a {
					counts[inverted]++
					total++
				}
			}
			sum := 0
			for u := 0; 2*u < a*b; u++ {
				sum += counts[u]
				want := min(1, 2*float64(sum)/float64(total))
				if got := math.Exp(all.log(b, a, u)); math.Abs(got-want) > 1e-12 {
					t.Errorf("%d and %d, %d against: got %v, want %v", a, b, u, got, want)
				}
			}
		}
	}
	// Where the normal distribution takes over, it must not be the rarer one.
	for _, b := range []int{13, 40, 287} {
		exact := counted(13, b)
		for u := range len(exact) {
			if exact[u] < math.Log(1e-3) && all.log(13, b, u) < exact[u]-0.15 {
				t.Fatalf("13 and %d, %d against: got %v, want %v or more", b, u, all.log(13, b, u), exact[u])
			}
		}
	}
}

// TestEnough wants a complete separation of as many values found, and none of
// fewer.
func TestEnough(t *testing.T) {
	for _, rule := range []Rule{{}, {Series: 4}, {Series: 250}, {Level: 0.05}} {
		n := Enough(rule)
		for _, of := range []int{n - 1, n} {
			x := make([]float64, of)
			for i := range x {
				x[i] = 1 + float64(i%3)/100
				if i >= of/2 {
					x[i] *= 2
				}
			}
			if got := len(Find(x, rule)); (got == 1) != (of == n) {
				t.Errorf("%+v: %d changes of %d values, Enough is %d", rule, got, of, n)
			}
		}
	}
}

// TestDegenerate wants any values to be taken.
func TestDegenerate(t *testing.T) {
	same := slices.Repeat([]float64{3}, 50)
	for _, x := range [][]float64{
		nil,
		{1},
		same, slices.Repeat([]float64{0}, 50),
		append(slices.Clone(same), slices.Repeat([]float64{4}, 50)...),
		append(slices.Repeat([]float64{0}, 50), same...),
		append(slices.Clone(same), slices.Repeat([]float64{0}, 50)...),
		append(slices.Repeat([]float64{-1}, 50), same...),
	} {
		all := Find(x, Rule{})
		if want := len(slices.Compact(slices.Clone(x))) - 1; len(all) != max(want, 0) {
			t.Errorf("%v: got %+v", x, all)
		}
		for _, c := range all {
			if c.At != 50 || c.First != 50 || c.Last != 50 || c.Drift || c.Lo != c.By || c.Hi != c.By ||
				math.IsNaN(c.By) || math.IsInf(c.By, 0) || c.Before != x[0] || c.After != x[99] {
				t.Errorf("%v: got %+v", x, c)
			}
		}
	}
}
