package checks_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

// wide returns a run of n tasks on ten workers, which falls due over time.
func wide(n int) *record.Recording {
	r := &record.Recording{
		Executor: "pool", Workers: 10, Clock: record.Virtual, Delivery: record.InOrder, Seed: 1,
		Samples: make([]record.Sample, n),
	}
	for i := range r.Samples {
		start := time.Duration(i/10) * time.Millisecond
		r.Samples[i] = record.Sample{
			Seq: i, Key: fmt.Sprint("k", i%100), Attempt: 1, Due: start, Submitted: start, Started: start,
			Finished: start + time.Millisecond, Delivered: start + time.Millisecond,
			Seen:    record.Seen{Class: record.OK},
			Planned: record.Planned{PlannedService: time.Millisecond, PlannedClass: record.OK},
		}
	}
	r.Summarize()
	return r
}

// TestMemory bounds what a judgement takes for each sample, of which there may
// be a million: a sample itself has 500 bytes.
func TestMemory(t *testing.T) {
	const n, most = 50_000, 128
	r := wide(n)
	late := bounded("latency", bounds.Latency("p99", bounds.Window{}), "<= 1us")
	slow := bounded("throughput", bounds.Throughput(), "<= 1/s")
	for name, judge := range map[string]func() any{
		"the summary":            func() any { r.Summarize(); return r },
		"classification":         func() any { return checks.Classification(r) },
		"the order of results":   func() any { return checks.Order(checks.BySubmission)(r) },
		"the order of ends":      func() any { return checks.Order(checks.ByCompletion)(r) },
		"efficiency":             func() any { return checks.Efficiency(0.99)(r) },
		"the schedule":           func() any { return checks.Schedule(time.Second)(r) },
		"a latency and its plan": func() any { return late(r) },
		"a rate and its plan":    func() any { return slow(r) },
		"the runs":               func() any { return checks.Runs(r) },
		"the retries":            func() any { return checks.Retries(r) },
		"the generator":          func() any { return checks.Generator(0)(r) },
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		judge()
		runtime.ReadMemStats(&after)
		if took := (after.TotalAlloc - before.TotalAlloc) / n; took > most {
			t.Errorf("%s takes %d bytes a sample, want at most %d", name, took, most)
		}
	}
}
