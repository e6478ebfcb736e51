package record

import (
	"testing"
	"time"
)

func TestEfficiency(t *testing.T) {
	for _, test := range []struct {
		ideal, measured time.Duration
		want            float64
	}{
		{0, 0, 1},
		{0, 5, 0},
		{5, 0, 0},
		{5, 5, 1},
		{5, 10, 0.5},
		{10, 5, 2}, // more workers than it said, or a mistaken plan: not to be hidden
	} {
		r := Recording{IdealMakespan: test.ideal, Makespan: test.measured}
		if got := r.Efficiency(); got != test.want {
			t.Errorf("ideal %v, measured %v: got %v, want %v", test.ideal, test.measured, got, test.want)
		}
	}
}

func TestLabel(t *testing.T) {
	for _, test := range []struct {
		kind    string
		workers int
		want    string
	}{
		{"sequential", 1, "sequential"},
		{"pool", 30, "pool/30"},
		{"pool", 1, "pool/1"},
		{"async", 0, "async"},
	} {
		r := Recording{Executor: test.kind, Workers: test.workers}
		if got := r.Name(); got != test.want || got != Label(test.kind, test.workers) {
			t.Errorf("%s of %d: got %q, want %q", test.kind, test.workers, got, test.want)
		}
	}
}
