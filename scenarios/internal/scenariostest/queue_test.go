package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers/fault"
)

// TestQueues has servers of limited capacity: what is measured over the wire is
// what the theory of queues computes, to the microsecond.
func TestQueues(t *testing.T) {
	const open, flat = "arrivals: {poisson: 100/s, for: 5s}, ", ""
	for _, test := range []struct{ name, server, workload string }{
		{"M/M/1", "latency: exponential(7ms), capacity: {concurrent: 1}", open},
		{"M/D/1", "latency: 7ms, capacity: {concurrent: 1}", open},
		{"M/M/6", "latency: exponential(50ms), capacity: {concurrent: 6}", open},
		{"M/M/5/5", "latency: exponential(50ms), capacity: {concurrent: 5, policy: too_many}", open},
		{"M/M/5/9, h2", "protocol: h2, latency: exponential(50ms), capacity: {concurrent: 5, queue: 4}", open},
		{"overloaded", "latency: exponential(90ms), capacity: {concurrent: 5, queue: 9}", "timeout: 200ms, " + open},
		{"impatient", "latency: \"uniform(1ms, 99ms)\", capacity: {concurrent: 5}", "timeout: 60ms, " + open},
		{
			"faults", "latency: exponential(50ms), capacity: {concurrent: 5}, faults: [{kind: status, status: 500, " +
				"rate: 0.2}, {kind: hang, rate: 0.05}, {kind: truncate, rate: 0.1}, {kind: refuse, rate: 0.1}]",
			"timeout: 200ms, " + open,
		},
		{"bursts", "latency: exponential(50ms), capacity: {concurrent: 5, queue: 3}", "arrivals: {burst: 12, " +
			"every: 100ms, for: 3s}, "},
		{"all at once", "latency: exponential(50ms), capacity: {concurrent: 5, queue: 30}", flat},
	} {
		for _, seed := range []int{1, 2} {
			v := scenarios.Vocabulary{}
			s := parsed(t, v, fmt.Sprintf("name: x\nseed: %d\nclock: virtual\nserver: {body: 1KB, %s}\n"+
				"workload: {task: download, keys: {count: 100, prefix: item-}, %s}\n"+
				"executors: [{kind: async}, {kind: pool, workers: 7}, {kind: sequential}]\n"+
				"expect: {schedule: {within: 2us}, efficiency: \">= 0.999\"}\n",
				seed, test.server, strings.TrimSuffix(test.workload, ", ")))
			for _, c := range s.Cases() {
				rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				if len(rec.Findings()) > 0 || rec.IdealMakespan == 0 {
					t.Errorf("%s on %s: %v", test.name, c.Name(), rec.Findings())
				}
				if waited := slowest(rec); c.Kind == "async" && waited == 0 {
					t.Errorf("%s on %s: no task had to wait", test.name, c.Name())
				}
			}
		}
	}
}

// slowest returns how many tasks took longer than they are served, or were not.
func slowest(rec *record.Recording) (waited int) {
	for _, s := range rec.Samples {
		if s.Finished-s.Started > s.PlannedLatency+s.PlannedLatency/10 || s.Did == record.ActionTurnedAway {
			waited++
		}
	}
	return waited
}

// TestQueuesUnforeseen has servers of limited capacity of which the ideal is
// not known, and must not be told.
func TestQueuesUnforeseen(t *testing.T) {
	for name, text := range map[string]string{
		"the real clock": "clock: real\nserver: {latency: 1ms, capacity: {concurrent: 2}}\nworkload: {task: download, ",
		"attempts": "clock: virtual\nserver: {latency: 1ms, capacity: {concurrent: 2}}\n" +
			"workload: {task: download, attempts: 2, ",
		"a rate": "clock: virtual\nserver: {latency: 1ms, capacity: {concurrent: 2}, rate_limit: {per_second: 1000, " +
			"burst: 50}}\nexpect: {outcomes: {ok: 20}}\nworkload: {task: download, ",
		"a reset": "clock: virtual\nserver: {latency: 1ms, capacity: {concurrent: 2}, faults: [{kind: reset, " +
			"attempts: 1}]}\nworkload: {task: download, ",
		"an outage": "clock: virtual\nserver: {latency: 1ms, capacity: {concurrent: 2}, faults: [{kind: status, " +
			"status: 503, until: 2ms}]}\nworkload: {task: download, ",
		"slow to close": "clock: virtual\nserver: {latency: 1ms, capacity: {concurrent: 2}, faults: [{kind: " +
			"slow_close, rate: 0.5}]}\nworkload: {task: download, ",
	} {
		v := scenarios.Vocabulary{}
		s := parsed(t, v, "name: x\n"+text+"flags: top20}\nexecutors: [{kind: async}]\n")
		rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(rec.Findings()) > 0 || rec.IdealMakespan != 0 {
			t.Errorf("%s: got an ideal makespan of %v, and %v", name, rec.IdealMakespan, rec.Findings())
		}
	}
}

// TestQueuesOfFaults has every kind of fault at a server of limited capacity.
// Where the ideal is told it is what is measured, and where it cannot be told
// an expectation of it is a mistake of the file.
func TestQueuesOfFaults(t *testing.T) {
	told := 0
	for _, kind := range fault.Kinds() {
		more := ""
		if kind == fault.Status {
			more = ", status: 503"
		}
		const expect = "expect: {schedule: {within: 2us}, efficiency: \">= 0.999\"}\n"
		source := fmt.Sprintf("name: x\nclock: virtual\nserver: {latency: \"uniform(1ms, 199ms)\", "+
			"capacity: {concurrent: 5, queue: 7}, faults: [{kind: %s, rate: 0.4%s}]}\n"+
			"workload: {task: download, flags: all, limit: 100, timeout: 150ms, "+
			"arrivals: {burst: 12, every: 250ms, for: 2s}}\n"+
			"executors: [{kind: async, limit: 7}, {kind: async}]\n", kind, more)
		v := scenarios.Vocabulary{}
		s, mistakes := v.Parse("x.yaml", []byte(source+expect))
		if mistakes != nil {
			continue
		}
		told++
		for _, c := range s.Cases() {
			rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if len(rec.Findings()) > 0 {
				t.Errorf("%s on %s: %v", kind, c.Name(), rec.Findings())
			}
		}
	}
	if told < 12 {
		t.Errorf("the ideal is told of %d kinds, want 12 at least", told)
	}
}
