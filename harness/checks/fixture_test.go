package checks_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
)

const sec = time.Second

// clean is a run without a fault: six tasks on three workers, under the virtual
// clock, delivered in the order of submission.
//
//	seq      0  1  2  3  4  5
//	service  4  2  3  1  5  2
//	start    0  0  0  2  3  3
//	finish   4  2  3  3  8  5
//	deliver  4  4  4  4  8  8
func clean() *harness.Recording {
	ok, notFound, refused := harness.OK, harness.NotFound, harness.Status
	r := &harness.Recording{
		Executor: "pool", Workers: 3, Clock: harness.Virtual, Delivery: harness.InOrder,
		Makespan: 8 * sec, IdealMakespan: 8 * sec, Speedup: 2.5,
		Outcomes:    map[harness.Outcome]int{harness.OutcomeOK: 4, harness.OutcomeNotFound: 1, harness.OutcomeError: 1},
		Classes:     map[harness.Class]int{ok: 4, notFound: 1, refused: 1},
		Percentiles: map[string]time.Duration{"p50": 2 * sec, "p90": 5 * sec, "p95": 5 * sec, "p99": 5 * sec, "max": 5 * sec},
	}
	for seq, row := range []struct {
		start, finish, deliver time.Duration
		lane, status           int
		class                  harness.Class
	}{
		{0, 4, 4, 0, 200, ok},
		{0, 2, 4, 1, 200, ok},
		{0, 3, 4, 2, 404, notFound},
		{2, 3, 4, 1, 418, refused},
		{3, 8, 8, 1, 200, ok},
		{3, 5, 8, 2, 200, ok},
	} {
		value := fmt.Sprint(10 * seq)
		r.Samples = append(r.Samples, harness.Sample{
			Seq: seq, Key: string(rune('A' + seq)), Attempt: 1,
			Started: row.start * sec, Finished: row.finish * sec, Delivered: row.deliver * sec, Worker: row.lane,
			Seen:   harness.Seen{Class: row.class, Status: row.status, Value: value},
			Served: row.status,
			Planned: harness.Planned{
				PlannedLatency: (row.finish - row.start) * sec, PlannedService: (row.finish - row.start) * sec,
				PlannedClass: row.class, PlannedValue: value,
			},
		})
	}
	return r
}

// completing is clean with its results delivered as they complete.
func completing(r *harness.Recording) {
	r.Delivery = harness.AsCompleted
	for i := range r.Samples {
		r.Samples[i].Delivered = r.Samples[i].Finished
	}
}

// serial is n tasks of a second each, one after another on one lane, in an
// order of starts.
func serial(starts ...int) func(*harness.Recording) {
	return func(r *harness.Recording) {
		r.Samples = make([]harness.Sample, len(starts))
		for at, seq := range starts {
			began := time.Duration(at) * sec
			r.Samples[seq] = harness.Sample{
				Seq: seq, Key: string(rune('A' + seq)), Started: began, Finished: began + sec, Delivered: time.Duration(len(starts)) * sec,
			}
		}
	}
}

func busy(r *harness.Recording) { r.Clock = harness.Real }

// lose makes a task one that never ran.
func lose(seq int) func(*harness.Recording) {
	return func(r *harness.Recording) {
		sample := &r.Samples[seq]
		sample.Submitted, sample.Started, sample.Finished, sample.Delivered, sample.Worker = -1, -1, -1, -1, -1
		sample.Seen = harness.Seen{Class: harness.Lost}
	}
}

func leak(places ...string) func(*harness.Recording) {
	return func(r *harness.Recording) { r.Leaks = append(r.Leaks, places...) }
}

// A planted is a check, a recording of clean with bugs planted in it, and what
// must come of it.
type planted struct {
	name  string
	check harness.Check
	bugs  bugs
	want  string // the violation's check, "" for none
	says  string // what its Got and its Want name, with | between
}

type bugs = []func(*harness.Recording)

// one plants a bug in one sample.
func one(seq int, change func(*harness.Sample)) bugs {
	return bugs{func(r *harness.Recording) { change(&r.Samples[seq]) }}
}

func hold(t *testing.T, tests []planted) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := clean()
			for _, plant := range test.bugs {
				plant(r)
			}
			found := test.check(r, r.Oracle())
			if test.want == "" {
				if len(found) > 0 {
					t.Errorf("got %v, want none", found)
				}
				return
			}
			if len(found) != 1 {
				t.Fatalf("got %v, want one of %s", found, test.want)
			}
			v := found[0]
			got, want, _ := strings.Cut(test.says, "|")
			if v.Check != test.want || !strings.Contains(v.Got, got) || !strings.Contains(v.Want, want) {
				t.Errorf("got %s: %q instead of %q, want %s: %q instead of %q", v.Check, v.Got, v.Want, test.want, got, want)
			}
		})
	}
}
