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
	atMost, err := bounds.Parse("<= 1s", bounds.Time)
	if err != nil {
		t.Fatal(err)
	}
	p50 := checks.Bounded("p50", bounds.Service("p50", bounds.Window{}), atMost)
	for name, tt := range map[string]struct {
		check checks.Check
		spoil func(*record.Recording)
		want  record.Culprit
	}{
		"a wrong class": {
			checks.Classification, func(r *record.Recording) { r.Samples[3].Class = record.OK }, record.ByClient,
		},
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
			func(r *record.Recording) { r.Outcomes[record.OutcomeOK]++ }, record.ByClient,
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
		"a percentile that the plan allows": {p50, func(r *record.Recording) {
			for i := range r.Samples {
				r.Samples[i].IdealFinished = r.Samples[i].IdealStarted + 1
			}
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
