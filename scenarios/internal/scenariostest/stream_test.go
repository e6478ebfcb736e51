package scenarios_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// streamed are scenarios whose runs may leave samples out while they go on.
var streamed = map[string]string{
	"all at once": `
server: {latency: "uniform(1ms, 90ms)", faults: [{kind: status, status: 503, rate: 0.1}, {kind: reset, rate: 0.1}]}
workload: {task: download, flags: all, timeout: 1s, deliver: as_completed}
executors: [{kind: sequential}, {kind: pool, workers: 7}, {kind: async}, {kind: async, limit: 5}]
`,
	"in the order of submission": `
server: {latency: "exponential(30ms)", faults: [{kind: truncate, rate: 0.1}]}
workload: {task: download, flags: all, timeout: 1s}
executors: [{kind: sequential}, {kind: pool, workers: 7}, {kind: async}]
`,
	"timeouts": `
server: {latency: "uniform(10ms, 150ms)", faults: [{kind: hang, rate: 0.1}, {kind: hang_body, rate: 0.1}]}
workload: {task: download, flags: all, timeout: 100ms, deliver: as_completed}
executors: [{kind: pool, workers: 20}]
`,
	"an open workload": `
server: {latency: "lognormal(20ms, 100ms)", body: 1KB, faults: [{kind: status, status: 500, rate: 0.2}]}
workload:
  task: download
  keys: {count: 20, prefix: item-}
  pick: zipf(1.1)
  arrivals: [{poisson: 500/s, for: 1s}, {burst: 40, every: 100ms, for: 300ms}]
  deliver: as_completed
executors: [{kind: async}, {kind: pool, workers: 3}, {kind: sequential}]
expect: {throughput: ">= 10/s", errors: "<= 40%", latency: {p99: "<= 1m"}, in_flight: "<= 1000"}
`,
	"attempts": `
server: {latency: "uniform(1ms, 30ms)", body: 1KB, faults: [{kind: status, status: 503, rate: 0.3}, {kind: empty, rate: 0.1}]}
workload: {task: download, keys: {count: 30}, arrivals: {rate: 400/s, for: 1s}, attempts: 3, timeout: 1s, deliver: as_completed}
executors: [{kind: async}, {kind: pool, workers: 20}]
`,
	"retries": `
server: {latency: "uniform(1ms, 30ms)", transport: handler, faults: [{kind: status, status: 503, rate: 0.3, retry_after: 1s}]}
workload:
  task: download
  flags: [BR, CN, DE]
  arrivals: {rate: 400/s, for: 1s}
  retry: {attempts: 4, on: [503], wait: 10ms}
  timeout: 1s
  deliver: as_completed
executors: [{kind: async}]
`,
	"without a server": `
workload: {task: loiter, keys: [0.1, 0.2, 0.3], arrivals: {rate: 300/s, for: 1s}, deliver: as_completed}
executors: [{kind: async}, {kind: pool, workers: 40}]
`,
	"bounds": `
server: {latency: 50ms, faults: [{kind: status, status: 500, rate: 0.2}]}
workload: {task: download, flags: all, deliver: as_completed}
executors: [{kind: pool, workers: 5}]
expect: {service: {p50: "<= 60ms", mean: ">= 50ms"}, outcomes: {ok: ">= 12"}, efficiency: ">= 0.9"}
`,
	"a delivery that is owed": `
server: {latency: "uniform(1ms, 30ms)"}
workload: {task: download, flags: all}
executors: [{kind: pool, workers: 5}]
expect: {order: submission}
`,
	"a window": `
server: {latency: "uniform(1ms, 30ms)"}
workload: {task: download, flags: all, arrivals: {rate: 200/s, for: 1s}, deliver: as_completed}
executors: [{kind: pool, workers: 5}]
expect: {latency: {p99: "<= 1s", from: 100ms}}
`,
	"users": `
server: {latency: "uniform(1ms, 30ms)"}
workload: {task: download, flags: all, users: 5, iterations: 30}
executors: [{kind: pool, workers: 5}]
`,
}

// TestStream has runs that leave samples out while they go on, and wants each
// to come to the same as if it had had all of them until it was judged.
func TestStream(t *testing.T) {
	const limit = 100
	for name, text := range streamed {
		s, err := scenarios.Vocabulary{}.Parse(name+".yaml", []byte("name: s\nclock: virtual\nseed: 418\n"+text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, c := range s.Cases() {
			t.Run(name+"/"+c.Executor(), func(t *testing.T) {
				t.Parallel()
				whole, err := new(scenarios.Runner).Run(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				if whole.Keep(limit); whole.Totals == nil {
					t.Fatalf("%d tasks", whole.Tasks())
				}
				rec, err := (&scenarios.Runner{Samples: limit}).Run(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				rec.Keep(limit)
				for _, r := range []*record.Recording{whole, rec} {
					if err := r.Validate(); err != nil {
						t.Error(err)
					}
				}
				wantSame(t, whole, rec)
			})
		}
	}
}

// wantSame wants two recordings of a run to be the same, up to what the
// histograms of the one round.
func wantSame(t *testing.T, whole, rec *record.Recording) {
	t.Helper()
	near := func(a, b time.Duration) bool { return math.Abs(float64(a-b)) <= float64(max(a, b))/1000 }
	for _, p := range []struct{ of, in map[string]time.Duration }{
		{whole.Percentiles, rec.Percentiles}, {whole.Response, rec.Response}, {whole.Lateness, rec.Lateness},
	} {
		if diff := cmp.Diff(p.of, p.in, cmp.Comparer(near)); diff != "" || p.of["max"] != p.in["max"] {
			t.Errorf("percentiles: %s", diff)
		}
	}
	same := func(a, b any) {
		t.Helper()
		culprit := cmpopts.IgnoreFields(record.Violation{}, "Culprit")
		if diff := cmp.Diff(a, b, cmpopts.EquateEmpty(), culprit); diff != "" {
			t.Error(diff)
		}
	}
	same(whole.Classes, rec.Classes)
	same(whole.Outcomes, rec.Outcomes)
	same(whole.Truth, rec.Truth)
	same([]time.Duration{whole.Makespan, whole.IdealMakespan}, []time.Duration{rec.Makespan, rec.IdealMakespan})
	same(whole.Violations, rec.Violations)
	same(whole.Inconclusive, rec.Inconclusive)
	same(verdictsOf(whole), verdictsOf(rec))
	same(whole.Struck, rec.Struck)
	same(whole.Totals, rec.Totals)
	same(whole.Samples, rec.Samples)
}

// verdictsOf returns what was checked, with its verdicts.
func verdictsOf(r *record.Recording) (all []string) {
	for _, c := range r.Checked {
		all = append(all, fmt.Sprint(c.Check, c.Want, c.Verdict))
	}
	return all
}
