package record

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestPercentiles(t *testing.T) {
	count := func(n int) []Sample {
		var samples []Sample
		for i := 1; i <= n; i++ {
			samples = append(samples, Sample{Started: 7, Finished: 7 + time.Duration(i)})
		}
		rand.New(rand.NewPCG(418, 5)).Shuffle(n, func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
		return samples
	}
	lost := Sample{Started: -1, Finished: -1}
	stuck := Sample{Started: 3, Finished: -1}
	type figures = map[string]time.Duration
	tests := []struct {
		name    string
		samples []Sample
		want    figures
	}{
		{"none", nil, figures{}},
		{"none that ended", []Sample{lost, stuck}, figures{}},
		{"one", count(1), figures{"p50": 1, "p90": 1, "p95": 1, "p99": 1, "max": 1}},
		{"two", count(2), figures{"p50": 1, "p90": 2, "p95": 2, "p99": 2, "max": 2}},
		{"ten", count(10), figures{"p50": 5, "p90": 9, "p95": 10, "p99": 10, "max": 10}},
		{"a hundred", count(100), figures{"p50": 50, "p90": 90, "p95": 95, "p99": 99, "max": 100}},
		{"a hundred and one", count(101), figures{"p50": 51, "p90": 91, "p95": 96, "p99": 100, "max": 101}},
		{"a thousand", count(1000), figures{
			"p50": 500, "p90": 900, "p95": 950, "p99": 990, "p99.9": 999, "max": 1000,
		}},
		{"one less", count(999), figures{"p50": 500, "p90": 900, "p95": 950, "p99": 990, "max": 999}},
		{"ten thousand", count(10_000), figures{
			"p50": 5000, "p90": 9000, "p95": 9500, "p99": 9900, "p99.9": 9990, "p99.99": 9999, "max": 10_000,
		}},
		{
			"a hundred, and some that did not end",
			append(count(100), lost, stuck, lost),
			figures{"p50": 50, "p90": 90, "p95": 95, "p99": 99, "max": 100},
		},
		{"no time at all", spans([2]time.Duration{4, 4}), figures{"p50": 0, "p90": 0, "p95": 0, "p99": 0, "max": 0}},
	}
	for _, test := range tests {
		if got := percentiles(test.samples, (*Sample).Latency); !maps.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
	// The nearest rank is the least that at least so many of a hundred do not
	// exceed; floating-point ceilings must not miss it by one.
	for n := 1; n <= 400; n++ {
		got := percentiles(count(n), (*Sample).Latency)
		for name, percent := range map[string]int{"p50": 50, "p90": 90, "p95": 95, "p99": 99, "max": 100} {
			if want := time.Duration((percent*n + 99) / 100); got[name] != want {
				t.Errorf("%s of 1 to %d: got %d, want %d", name, n, got[name], want)
			}
		}
	}
	want := []string{"p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"}
	if got := Percentiles(); !slices.Equal(got, want) {
		t.Errorf("got the names %v, want %v", got, want)
	}
}
