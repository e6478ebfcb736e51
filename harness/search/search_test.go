package search

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// TestBisect finds a threshold that is known, for ranges and widths.
func TestBisect(t *testing.T) {
	for _, tt := range []struct {
		name              string
		low, high, within float64
		threshold         float64 // the highest rate that meets the expectations
		found             float64 // exactly, where the range decides; 0 for within
		most              int     // rates tried
	}{
		{"in the middle", 10, 5000, 0.05, 100, 0, 12},
		{"close", 10, 5000, 0.001, 333, 0, 20},
		{"wide", 10, 5000, 1, 100, 0, 8},
		{"below the range", 10, 5000, 0.05, 5, 0, 1},
		{"above the range", 10, 5000, 0.05, 9000, 5000, 12},
		{"at the low end", 10, 5000, 0.05, 10, 0, 8},
		{"at the high end", 10, 80, 0.05, 80, 80, 5},
		{"slow", 0.01, 1, 0.05, 0.3, 0, 14},
		{"fast", 1000, 1e6, 0.05, 123456, 0, 16},
	} {
		var rates []float64
		r, err := Bisect(tt.low, tt.high, tt.within, func(rate float64) (Tried, error) {
			rates = append(rates, rate)
			return Tried{Rate: rate, Runs: 1, Meets: rate <= tt.threshold}, nil
		})
		switch {
		case err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.threshold < tt.low && (r.Found != 0 || r.Missed != tt.low):
			t.Errorf("%s: found %v, missed %v: want none", tt.name, r.Found, r.Missed)
		case tt.found != 0 && (r.Found != tt.found || r.Missed != 0):
			t.Errorf("%s: found %v, missed %v: want %v, 0", tt.name, r.Found, r.Missed, tt.found)
		case tt.found == 0 && tt.threshold >= tt.low &&
			(r.Found > tt.threshold || r.Missed <= tt.threshold || r.Missed > r.Found*(1+tt.within)):
			t.Errorf("%s: found %v, missed %v: want them around %v", tt.name, r.Found, r.Missed, tt.threshold)
		}
		if len(rates) > tt.most || slices.Max(rates) > 2*max(tt.threshold, tt.low) {
			t.Errorf("%s: tried %v: want at most %d, none above twice the threshold", tt.name, rates, tt.most)
		}
		if !slices.IsSortedFunc(r.Tried, func(a, b Tried) int { return int(math.Copysign(1, a.Rate-b.Rate)) }) {
			t.Errorf("%s: tried in another order: %v", tt.name, r.Tried)
		}
	}
}

// TestBisectEnds keeps what is known when a run fails.
func TestBisectEnds(t *testing.T) {
	stop := errors.New("stop")
	r, err := Bisect(10, 1000, 0.05, func(rate float64) (Tried, error) {
		if rate > 30 {
			return Tried{}, stop
		}
		return Tried{Rate: rate, Runs: 1, Meets: true}, nil
	})
	if !errors.Is(err, stop) || r.Found != 20 || len(r.Tried) != 2 {
		t.Errorf("found %v of %v, %v", r.Found, r.Tried, err)
	}
}

func TestDoubt(t *testing.T) {
	ok, no := Tried{Rate: 10, Runs: 2, Met: 2, Meets: true}, Tried{Rate: 11, Runs: 2}
	for _, tt := range []struct {
		name  string
		tried []Tried
		want  string
	}{
		{"sure", []Tried{ok, no}, ""},
		{
			"noise below",
			[]Tried{{Rate: 10, Runs: 3, Met: 2, Meets: true}, no},
			"at 10/s 2 of 3 runs met the expectations",
		},
		{"noise above", []Tried{ok, {Rate: 11, Runs: 3, Met: 1}}, "at 11/s 1 of 3 runs met the expectations"},
		{"late above", []Tried{ok, {Rate: 11, Runs: 2, Unknown: true, Why: "late"}}, "at 11/s: late"},
		{"noise far away", []Tried{ok, no, {Rate: 40, Runs: 3, Met: 1}}, ""},
	} {
		if got := (Result{Low: 5, Found: 10, Missed: 11, Tried: tt.tried}).Doubt(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
