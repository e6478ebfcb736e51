package checks_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

// TestCulprits plants faults of each kind. A culprit is named only where it is
// known.
func TestCulprits(t *testing.T) {
	later := func(r *record.Recording, by time.Duration) {
		r.Makespan += by
		r.Samples[4].Finished += by
	}
	short := func(r *record.Recording) { // by the plan
		for i := range r.Samples {
			s := &r.Samples[i]
			s.PlannedService, s.IdealFinished = 1, s.IdealStarted+1
		}
	}
	bounded := func(check string, f bounds.Figure, bound string, unit bounds.Unit) checks.Check {
		b, err := bounds.Parse(bound, unit)
		if err != nil {
			t.Fatal(err)
		}
		return checks.Bounded(check, f, b)
	}
	p50 := bounded("p50", bounds.Service("p50", bounds.Window{}), "<= 1s", bounds.Time)
	latency := bounded("latency", bounds.Latency("max", bounds.Window{}), "<= 8s", bounds.Time)
	throughput := bounded("throughput", bounds.Throughput(), ">= 0.6/s", bounds.PerSecond)
	errors := bounded("errors", bounds.Errors(), "<= 1", bounds.Tasks)
	none := bounded("errors", bounds.Errors(), "0", bounds.Tasks)
	planned := checks.Counts(map[record.Outcome]int{
		record.OutcomeOK: 4, record.OutcomeNotFound: 1, record.OutcomeError: 1,
	})
	refuse := func(r *record.Recording, seq int) {
		s := &r.Samples[seq]
		r.Outcomes[s.Class.Outcome()]--
		r.Outcomes[record.OutcomeError]++
		s.Started, s.Finished, s.Worker, s.Class, s.Error = -1, -1, -1, record.Lost, "the queue is full"
	}
	for name, tt := range map[string]struct {
		check checks.Check
		spoil func(*record.Recording)
		want  record.Culprit
	}{
		"a wrong class": {
			checks.Classification, func(r *record.Recording) { r.Samples[3].Class = record.OK }, record.ByClient,
		},
		"a task that the executor refused": {
			checks.Classification, func(r *record.Recording) { refuse(r, 3) }, record.ByExecutor,
		},
		"a task that it refused and ran": {checks.Classification, func(r *record.Recording) {
			refuse(r, 3)
			r.Samples[3].Misrun = "refused and run: not run"
		}, record.ByExecutor},
		"a task that a batch left out": {checks.Classification, func(r *record.Recording) {
			refuse(r, 3)
			r.Batch, r.Samples[3].Delivered = true, 9*sec
		}, record.ByClient},
		"counts without a task that the executor refused": {
			planned, func(r *record.Recording) { refuse(r, 0) }, record.ByExecutor,
		},
		"counts with a wrong class too": {planned, func(r *record.Recording) {
			refuse(r, 0)
			r.Samples[3].Class = record.OK
			r.Outcomes[record.OutcomeOK], r.Outcomes[record.OutcomeError] = 3, 2
		}, ""},
		"a task that panicked": {checks.Classification, func(r *record.Recording) {
			r.Samples[3].Class, r.Samples[3].Panicked = record.Failed, true
		}, record.ByClient},
		"one that panicked where any error is right": {checks.Classification, func(r *record.Recording) {
			r.Samples[3].Class, r.Samples[3].PlannedClass, r.Samples[3].Panicked = record.Failed, record.Failed, true
		}, record.ByClient},
		"a wrong value": {checks.Exact, func(r *record.Recording) { r.Samples[1].Value = "x" }, record.ByClient},
		"an attempt too many": {checks.Retries, func(r *record.Recording) {
			r.Samples[1].Misstep = "asked twice: once"
		}, record.ByClient},
		"counts that the plan rules out": {
			checks.Counts(map[record.Outcome]int{record.OutcomeOK: 6}), func(*record.Recording) {}, record.ByFile,
		},
		"counts of a client": {
			checks.Counts(map[record.Outcome]int{
				record.OutcomeOK: 4, record.OutcomeNotFound: 1, record.OutcomeError: 1,
			}),
			func(r *record.Recording) {
				r.Samples[3].Class = record.OK
				r.Outcomes[record.OutcomeOK], r.Outcomes[record.OutcomeError] = 5, 0
			}, record.ByClient,
		},
		"counts without a plan": {
			checks.Counts(map[record.Outcome]int{record.OutcomeOK: 6}),
			func(r *record.Recording) { r.Samples[0].PlannedClass = "" }, "",
		},
		"a task that takes longer": {
			checks.Efficiency(0.9), func(r *record.Recording) { later(r, 9*sec) }, record.ByClient,
		},
		"a worker that is idle": {checks.Efficiency(0.9), func(r *record.Recording) {
			later(r, 9*sec)
			r.Samples[4].Started += 9 * sec
		}, record.ByExecutor},
		"a task without planned times": {checks.Efficiency(0.9), func(r *record.Recording) {
			later(r, 9*sec)
			r.Samples[0].PlannedService = 0
		}, ""},
		"a late machine": {checks.Efficiency(0.9), func(r *record.Recording) {
			later(r, 9*sec)
			r.Clock, r.Late = record.Real, 20*sec
		}, ""},
		"a speedup above the ideal": {checks.Speedup("sequential", 3), func(*record.Recording) {}, record.ByFile},
		"a speedup below the ideal": {checks.Speedup("sequential", 2.4), func(r *record.Recording) {
			r.Speedup = 2
			r.Makespan = 10 * sec
			r.Samples[4].Started += 2 * sec
			r.Samples[4].Finished += 2 * sec
		}, record.ByExecutor},
		"a percentile above the plan's": {p50, func(*record.Recording) {}, record.ByFile},
		"an order": {checks.Order(checks.BySubmission), func(r *record.Recording) {
			r.Samples[0].Delivered, r.Samples[5].Delivered = 9*sec, sec
		}, record.ByExecutor},
		"the order of a batch": {checks.Order(checks.BySubmission), func(r *record.Recording) {
			r.Batch, r.Mapped = true, true
			r.Samples[0].Delivered, r.Samples[5].Delivered = 9*sec, sec
		}, record.ByClient},
		"more at once than workers": {
			checks.Concurrency, func(r *record.Recording) { r.Samples[0].Worker = 7 }, record.ByExecutor,
		},
		"a task that runs on": {checks.Deadlock, func(r *record.Recording) {
			r.Deadlock, r.Samples[0].Finished = "no task ended", -1
		}, ""},
		"a batch on a late machine": {checks.Efficiency(0.9), func(r *record.Recording) {
			later(r, 9*sec)
			r.Batch, r.Clock, r.Late = true, record.Real, 20*sec
		}, ""},
		"a batch that is late": {checks.Efficiency(0.9), func(r *record.Recording) {
			later(r, 9*sec)
			r.Batch = true
		}, record.ByClient},
		"idle beside work for a CPU": {checks.Efficiency(0.9), func(r *record.Recording) {
			r.IdealMakespan, r.Makespan = 0, 20*sec
		}, record.ByExecutor},
		"the same on a late machine": {checks.Efficiency(0.9), func(r *record.Recording) {
			r.IdealMakespan, r.Makespan, r.Clock, r.Late = 0, 20*sec, record.Real, 20*sec
		}, ""},
		"a percentile that the plan allows": {p50, short, record.ByClient},
		"the same of a late machine": {p50, func(r *record.Recording) {
			short(r)
			r.Clock, r.Late = record.Real, 20*sec
		}, ""},
		"the same of a late generator": {p50, func(r *record.Recording) {
			short(r)
			r.Clock, r.Lateness = record.Real, map[string]time.Duration{"max": 20 * sec}
		}, ""},
		"the same beside a task that did not end": {p50, func(r *record.Recording) {
			short(r)
			r.Samples[0].Finished = -1
		}, ""},
		"the same at a server that is full": {p50, func(r *record.Recording) {
			short(r)
			r.Samples[5].IdealFinished += 3 * sec
		}, ""},
		"the same with more at once than workers": {p50, func(r *record.Recording) {
			short(r)
			r.Samples[0].Worker = 7
		}, ""},
		"a latency of an idle executor": {latency, func(r *record.Recording) {
			r.Makespan += 9 * sec
			r.Samples[4].Started += 9 * sec
			r.Samples[4].Finished += 9 * sec
		}, record.ByExecutor},
		"a latency of a slow client": {latency, func(r *record.Recording) { later(r, 9*sec) }, record.ByClient},
		"a throughput of an idle executor": {throughput, func(r *record.Recording) {
			r.Makespan += 9 * sec
			r.Samples[4].Started += 9 * sec
			r.Samples[4].Finished += 9 * sec
		}, record.ByExecutor},
		"a throughput of a slow client": {
			throughput, func(r *record.Recording) { later(r, 9*sec) }, record.ByClient,
		},
		"errors of a client": {
			errors, func(r *record.Recording) { r.Samples[0].Class = record.Failed }, record.ByClient,
		},
		"errors of an executor that refuses": {errors, func(r *record.Recording) { refuse(r, 0) }, record.ByExecutor},
		"errors of both": {errors, func(r *record.Recording) {
			refuse(r, 0)
			r.Samples[1].Class = record.Failed
		}, ""},
		"errors by the plan": {none, func(*record.Recording) {}, record.ByFile},
		"a shutdown that fails": {checks.Deadlock, func(r *record.Recording) {
			r.Deadlock, r.Unshut = "the executor did not shut down: planted", true
		}, record.ByExecutor},
		"a shutdown that waits for a task": {checks.Deadlock, func(r *record.Recording) {
			r.Deadlock, r.Unshut, r.Samples[0].Finished = "the executor did not shut down: late", true, -1
		}, ""},
		"a workload that does not close": {checks.Deadlock, func(r *record.Recording) {
			r.Deadlock = "the workload did not close"
		}, ""},
		"a task that does not begin": {checks.Deadlock, func(r *record.Recording) {
			r.Deadlock = "no task ended"
			r.Samples[0].Started, r.Samples[0].Finished = -1, -1
		}, record.ByExecutor},
		"a shutdown that does not wait": {
			checks.Shutdown, func(r *record.Recording) { r.Outlived = []string{"A"} }, record.ByExecutor,
		},
		"a goroutine that is left": {
			checks.Leaks, func(r *record.Recording) { r.Leaks = []string{"main.f (x.go:1)"} }, "",
		},
		"a late generator": {checks.Generator(0), func(r *record.Recording) {
			r.Clock, r.Users, r.Lateness = record.Real, 2, map[string]time.Duration{"p99": sec, "max": sec}
		}, record.ByMachine},
	} {
		r := clean()
		tt.spoil(r)
		found := tt.check(r)
		if len(found) == 0 {
			t.Errorf("%s: nothing is found", name)
		}
		for _, v := range found {
			if v.Culprit != tt.want {
				t.Errorf("%s: the culprit is %q, want %q: %s", name, v.Culprit, tt.want, v)
			}
		}
	}
}
