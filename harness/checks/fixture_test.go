package checks_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
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
func clean() *record.Recording {
	ok, notFound, refused := record.OK, record.NotFound, record.Status
	r := &record.Recording{
		Executor: "pool", Workers: 3, Clock: record.Virtual, Delivery: record.InOrder,
		Makespan: 8 * sec, IdealMakespan: 8 * sec, Speedup: 2.5,
		Outcomes: map[record.Outcome]int{record.OutcomeOK: 4, record.OutcomeNotFound: 1, record.OutcomeError: 1},
		Classes:  map[record.Class]int{ok: 4, notFound: 1, refused: 1},
		Percentiles: map[string]time.Duration{
			"p50": 2 * sec, "p90": 5 * sec, "p95": 5 * sec, "p99": 5 * sec,
			"max": 5 * sec,
		},
	}
	for seq, row := range []struct {
		start, finish, deliver time.Duration
		lane, status           int
		class                  record.Class
	}{
		{0, 4, 4, 0, 200, ok},
		{0, 2, 4, 1, 200, ok},
		{0, 3, 4, 2, 404, notFound},
		{2, 3, 4, 1, 418, refused},
		{3, 8, 8, 1, 200, ok},
		{3, 5, 8, 2, 200, ok},
	} {
		value := fmt.Sprint(10 * seq)
		r.Samples = append(r.Samples, record.Sample{
			Seq: seq, Key: string(rune('A' + seq)), Attempt: 1,
			IdealStarted: row.start * sec, IdealFinished: row.finish * sec,
			Started: row.start * sec, Finished: row.finish * sec, Delivered: row.deliver * sec, Worker: row.lane,
			Seen:   record.Seen{Class: row.class, Status: row.status, Value: value},
			Served: row.status,
			Planned: record.Planned{
				PlannedLatency: (row.finish - row.start) * sec, PlannedService: (row.finish - row.start) * sec,
				PlannedClass: row.class, PlannedValue: value,
			},
		})
	}
	return r
}

// completing is clean with its results delivered as they complete.
func completing(r *record.Recording) {
	r.Delivery = record.AsCompleted
	for i := range r.Samples {
		r.Samples[i].Delivered = r.Samples[i].Finished
	}
}

// serial is n tasks of a second each, one after another on one lane, in an
// order of starts.
func serial(starts ...int) func(*record.Recording) {
	return func(r *record.Recording) {
		r.Samples = make([]record.Sample, len(starts))
		for at, seq := range starts {
			began := time.Duration(at) * sec
			r.Samples[seq] = record.Sample{
				Seq: seq, Key: string(rune('A' + seq)), Started: began, Finished: began + sec,
				Delivered: time.Duration(len(starts)) * sec,
			}
		}
	}
}

func busy(r *record.Recording) { r.Clock = record.Real }

// lose makes a task one that never ran.
func lose(seq int) func(*record.Recording) {
	return func(r *record.Recording) {
		sample := &r.Samples[seq]
		sample.Submitted, sample.Started, sample.Finished, sample.Delivered, sample.Worker = -1, -1, -1, -1, -1
		sample.Seen = record.Seen{Class: record.Lost}
	}
}

func leak(places ...string) func(*record.Recording) {
	return func(r *record.Recording) { r.Leaks = append(r.Leaks, places...) }
}

// A planted is a check, a recording of clean with bugs planted in it, and what
// must come of it.
type planted struct {
	name  string
	check checks.Check
	bugs  bugs
	want  string // the violation's check, "" for none
	says  string // what its Got and its Want name, with | between
}

type bugs = []func(*record.Recording)

// one plants a bug in one sample.
func one(seq int, change func(*record.Sample)) bugs {
	return bugs{func(r *record.Recording) { change(&r.Samples[seq]) }}
}

func hold(t *testing.T, tests []planted) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := clean()
			for _, plant := range test.bugs {
				plant(r)
			}
			found := test.check(r)
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
				t.Errorf("got %s: %q instead of %q, want %s: %q instead of %q", v.Check, v.Got, v.Want,
					test.want, got, want)
			}
		})
	}
}
