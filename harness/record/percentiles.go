package record

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/totals"
)

// ranks are the percentiles that a recording states.
var ranks = map[string]float64{
	"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99, "p99.9": 0.999, "p99.99": 0.9999, "max": 1,
}

// fine is the rank from which on a percentile needs enough times: as many as
// there is one beyond it. Among fewer it would be the longest.
const fine = 0.999

// Percentiles names the percentiles that a recording may have, in rising order.
// It has p99.9 of 1,000 times or more, and p99.99 of 10,000 or more.
func Percentiles() []string {
	return slices.SortedFunc(maps.Keys(ranks), func(a, b string) int { return cmp.Compare(ranks[a], ranks[b]) })
}

// WithoutErrors returns the percentiles of the service times of the tasks that
// ended without an error. An answer that turns a task away may take no time. Of
// a run without errors they are its Percentiles.
func (r *Recording) WithoutErrors() map[string]time.Duration {
	if r.Outcomes[OutcomeError] == 0 || r.Tasks() == 0 {
		return r.Percentiles
	}
	if t := r.Totals; t != nil {
		return ofHistogram(t.Service[string(OutcomeOK)].With(t.Service[string(OutcomeNotFound)]))
	}
	return percentiles(r.Samples, func(s *Sample) time.Duration {
		if s.Class.Outcome() == OutcomeError {
			return -1
		}
		return s.Latency()
	})
}

// percentiles of times of the samples by the nearest-rank method: each is a
// time that was measured. There are none without samples. Times below 0 stand
// for none.
func percentiles(samples []Sample, of func(*Sample) time.Duration) map[string]time.Duration {
	times := make([]time.Duration, 0, len(samples))
	for i := range samples {
		s := &samples[i]
		if d := of(s); d >= 0 && s.Class.Outcome() != OutcomeNone {
			times = append(times, d)
		}
	}
	slices.Sort(times)
	p := map[string]time.Duration{}
	n := float64(len(times))
	for name, rank := range ranks {
		if states(rank, n) {
			p[name] = times[max(1, int(math.Ceil(rank*n-1e-6)))-1]
		}
	}
	return p
}

// states reports whether a recording states a percentile of so many times.
func states(rank, n float64) bool { return n > 0 && (rank < fine || rank == 1 || n*(1-rank) > 1-1e-6) }

// ofHistogram returns the percentiles of the times of a histogram.
func ofHistogram(h totals.Histogram) map[string]time.Duration {
	p := map[string]time.Duration{}
	n := float64(h.N())
	for name, rank := range ranks {
		if states(rank, n) {
			p[name] = h.At(rank)
		}
	}
	return p
}
