package record

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"
)

// ranks are the percentiles that a recording states.
var ranks = map[string]float64{"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99, "max": 1}

// Percentiles names the percentiles that every recording has, in rising order.
func Percentiles() []string {
	return slices.SortedFunc(maps.Keys(ranks), func(a, b string) int { return cmp.Compare(ranks[a], ranks[b]) })
}

// percentiles of the service times by the nearest-rank method: each is a time
// that was measured. There are none without samples.
func percentiles(samples []Sample) map[string]time.Duration {
	var times []time.Duration
	for _, s := range samples {
		if d := s.Latency(); d >= 0 {
			times = append(times, d)
		}
	}
	slices.Sort(times)
	p := map[string]time.Duration{}
	for name, rank := range ranks {
		if n := len(times); n > 0 {
			p[name] = times[max(1, int(math.Ceil(rank*float64(n))))-1]
		}
	}
	return p
}
