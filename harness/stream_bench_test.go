package harness_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
)

// A metronome has so many tasks fall due, one every 10 µs.
type metronome int

func (m metronome) Due(seq int) (time.Duration, bool) {
	return time.Duration(seq) * 10 * time.Microsecond, seq < int(m)
}
func (metronome) String() string { return "100000/s" }

// BenchmarkStream runs tasks that do nothing, and measures what the harness
// takes for each of them, and what it holds in the end: the same of any number.
func BenchmarkStream(b *testing.B) {
	var held runtime.MemStats
	rec, err := harness.Run(b.Context(), harness.Trial{
		Scenario: "stream", Kind: "pool", Workers: 10, Clock: record.Virtual, Delivery: record.AsCompleted,
		Executor: func() (executor.Executor, error) { return executor.NewPool(10) },
		Pacer:    metronome(b.N), Keep: 1, Tasks: b.N,
		Key: func(seq int) (string, int) { return "task", seq + 1 },
		Workload: func() (*harness.Workload, error) {
			return &harness.Workload{
				Oracle: oracle.Oracle{Plan: func(string, int, int) record.Planned {
					return record.Planned{PlannedClass: record.OK, PlannedFault: "none"}
				}},
				Do: func(context.Context, string, int) record.Seen { return record.Seen{Class: record.OK} },
			}, nil
		},
		Watch: func(step harness.Step, s record.Sample) {
			if step == harness.Delivered && s.Seq == b.N-1 {
				runtime.GC()
				runtime.ReadMemStats(&held)
			}
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	if rec.Keep(100); rec.Tasks() != b.N || rec.Classes[record.OK] != b.N {
		b.Errorf("%d tasks, %v: want %d ok", rec.Tasks(), rec.Classes, b.N)
	}
	b.ReportMetric(float64(held.HeapAlloc)/1e6, "MB-held")
}
