package checks_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

// units are those of every bound.
var units = []bounds.Unit{bounds.Tasks, bounds.Percent, bounds.PerSecond, bounds.Time, bounds.Ratio}

// bounded is a check of a bound.
func bounded(check string, f bounds.Figure, text string) checks.Check {
	b, err := bounds.Parse(text, units...)
	if err != nil {
		panic(err)
	}
	return checks.Bounded(check, f, b)
}

// slower makes a task end later than planned.
func slower(seq int, by time.Duration) func(*record.Recording) {
	return func(r *record.Recording) {
		r.Samples[seq].Finished += by
		r.Makespan = max(r.Makespan, r.Samples[seq].Finished)
	}
}

// due makes tasks fall due a second after one another, and start and end by
// that.
func due(r *record.Recording) {
	for i := range r.Samples {
		s := &r.Samples[i]
		s.Due = time.Duration(i) * sec
		s.Started, s.Finished = s.Due, s.Due+s.PlannedService
		s.IdealStarted, s.IdealFinished = s.Started, s.Finished
	}
	r.Workers = 6
}

// TestBounded tries every figure with runs that meet its bound, and with bugs
// that break it and nothing else.
func TestBounded(t *testing.T) {
	whole := bounds.Window{}
	throughput := bounds.Throughput()
	hold(t, []planted{
		{name: "throughput", check: bounded("throughput", throughput, ">= 0.625/s")},
		{
			"a slow end", bounded("throughput", throughput, ">= 0.625/s"),
			bugs{slower(4, 2*sec)},
			"throughput", "0.5/s, planned 0.625/s|>= 0.625/s",
		},
		{
			"an error is no throughput", bounded("throughput", throughput, ">= 0.625/s"),
			one(0, func(s *record.Sample) { s.Class = record.Failed }), "throughput", "0.5/s, planned 0.625/s|",
		},
		{
			"a throughput without a plan", bounded("throughput", throughput, ">= 0.625/s"),
			bugs{slower(4, 2*sec), func(r *record.Recording) { r.IdealMakespan = 0 }},
			"throughput", "0.5/s|",
		},
		{"throttled", bounded("throughput", throughput, "<= 0.6/s"), nil, "throughput", "0.625/s|<= 0.6/s"},

		{name: "ok", check: bounded("outcomes", bounds.Outcome("ok"), ">= 4")},
		{
			"one ok less", bounded("outcomes", bounds.Outcome("ok"), ">= 4"),
			one(0, func(s *record.Sample) { s.Class = record.Timeout }), "outcomes", "ok 3, planned 4|ok >= 4",
		},
		{name: "errors in percent", check: bounded("outcomes", bounds.Outcome("error"), "<= 16.7%")},
		{
			"one error more", bounded("outcomes", bounds.Outcome("error"), "<= 16.7%"),
			one(0, func(s *record.Sample) { s.Class = record.Timeout }), "outcomes",
			"error 33.3%, planned 16.67%|error <= 16.7%",
		},
		{name: "no timeout", check: bounded("outcomes", bounds.Outcome("timeout"), "0")},
		{
			"a timeout", bounded("outcomes", bounds.Outcome("timeout"), "0"),
			one(0, func(s *record.Sample) { s.Class = record.Timeout }), "outcomes", "timeout 1, planned 0|timeout 0",
		},

		{name: "errors", check: bounded("errors", bounds.Errors(), "<= 1")},
		{
			"another error", bounded("errors", bounds.Errors(), "<= 1"),
			one(0, func(s *record.Sample) { s.Class = record.Refused }), "errors", "2, planned 1|<= 1",
		},
		{
			"a 404 is no error", bounded("errors", bounds.Errors(), "<= 1"),
			one(0, func(s *record.Sample) { s.Class = record.NotFound }), "", "",
		},

		{name: "latency", check: bounded("latency", bounds.Latency("p50", whole), "<= 3s")},
		{
			"a wait for the executor", bounded("latency", bounds.Latency("p50", whole), "<= 3s"),
			bugs{slower(1, 2*sec), slower(2, sec)},
			"latency", "p50 4s, planned 3s|p50 <= 3s",
		},
		{
			"a wait for the executor, due", bounded("service", bounds.Service("max", whole), "<= 5s"),
			bugs{func(r *record.Recording) { r.Samples[5].Started, r.Samples[5].Finished = 9*sec, 11*sec }},
			"", "",
		},
		{
			"the same by latency", bounded("latency", bounds.Latency("max", whole), "<= 8s"),
			bugs{func(r *record.Recording) { r.Samples[5].Started, r.Samples[5].Finished = 9*sec, 11*sec }},
			"latency", "max 11s, planned 8s|max <= 8s",
		},
		{name: "mean service", check: bounded("service", bounds.Service("mean", whole), "<= 2833.333334ms")},
		{
			"a slow task", bounded("service", bounds.Service("mean", whole), "<= 2833.333334ms"),
			bugs{slower(3, 6*sec)},
			"service", "mean 3.83s, planned 2.833333333s|mean <= 2.833333334s",
		},
		{
			"a late task in its window",
			bounded("latency", bounds.Latency("p99", bounds.Window{From: 2 * sec, Until: 4 * sec}), "<= 3s"),
			bugs{due, slower(2, sec)},
			"latency", "p99 from 2s until 4s 4s, planned 3s|p99 from 2s until 4s <= 3s",
		},
		{
			"a late task in another window",
			bounded("latency", bounds.Latency("p99", bounds.Window{From: 2 * sec, Until: 4 * sec}), "<= 3s"),
			bugs{due, slower(1, sec), slower(4, sec)},
			"", "",
		},
		{
			"nothing that ended", bounded("latency", bounds.Latency("p99.9", whole), "<= 9s"),
			bugs{lose(0), lose(1), lose(2), lose(3), lose(4), lose(5)},
			"latency", "p99.9 no task that ended|",
		},

		{name: "in flight", check: bounded("in_flight", bounds.InFlight(), "<= 3")},
		{
			"one more in flight", bounded("in_flight", bounds.InFlight(), "<= 3"),
			one(5, func(s *record.Sample) { s.Worker = 3 }), "in_flight", "4, planned 3|<= 3",
		},
	})
}

// outage is 60 tasks, one every 100 ms for 50 ms each. Those that fall due from
// 1 s until 2 s are refused.
func outage(r *record.Recording) {
	r.Workers, r.Samples = 0, nil
	for i := range 60 {
		at := time.Duration(i) * 100 * time.Millisecond
		s := record.Sample{
			Seq: i, Key: "A", Due: at, Started: at, Finished: at + 50*time.Millisecond,
			Planned: record.Planned{PlannedClass: record.OK, PlannedService: 50 * time.Millisecond},
		}
		if at >= sec && at < 2*sec {
			s.PlannedClass, s.PlannedService, s.Finished = record.Refused, 0, at
		}
		s.Class, s.IdealStarted, s.IdealFinished = s.PlannedClass, s.Started, s.Finished
		r.Samples = append(r.Samples, s)
	}
	r.Makespan, r.IdealMakespan = r.Samples[59].Finished, r.Samples[59].Finished
}

// failing makes tasks fail that should not; late makes them take longer.
func failing(from, until int) func(*record.Recording) {
	return func(r *record.Recording) {
		for i := from; i < until; i++ {
			r.Samples[i].Class = record.Failed
		}
	}
}

func late(from, until int, by time.Duration) func(*record.Recording) {
	return func(r *record.Recording) {
		for i := from; i < until; i++ {
			r.Samples[i].Finished += by
		}
	}
}

// closed has the tasks fall due at the start, however they start.
func closed(r *record.Recording) {
	for i := range r.Samples {
		r.Samples[i].Due = 0
	}
}

// TestRecovery tries the figure of recovery with clients that recover at once,
// late and never.
func TestRecovery(t *testing.T) {
	window := []bounds.Window{{From: sec, Until: 2 * sec}}
	twice := []bounds.Window{{From: sec, Until: 2 * sec}, {From: 4 * sec, Until: 5 * sec}}
	joint := []bounds.Window{{From: sec, Until: 3 * sec / 2}, {From: 6 * sec / 5, Until: 2 * sec}}
	check := func(w []bounds.Window, text string) checks.Check {
		return bounded("recovery", bounds.Recovery(w), text)
	}
	hold(t, []planted{
		{"at once", check(window, "<= 1ns"), bugs{outage}, "", ""},
		{"a breaker that stays open", check(window, "<= 1s"), bugs{outage, failing(20, 30)}, "", ""},
		{
			"a breaker that stays open longer", check(window, "<= 1s"),
			bugs{outage, failing(20, 31)},
			"recovery", "1.1s, planned 0s|<= 1s",
		},
		{
			"one that lets a few through", check(window, "<= 1s"),
			bugs{outage, failing(20, 22), failing(31, 32)},
			"recovery", "1.2s, planned 0s|<= 1s",
		},
		{"ten in a row", check(window, "<= 1s"), bugs{outage, failing(20, 22), failing(32, 33)}, "", ""},
		{"a backlog", check(window, "<= 500ms"), bugs{outage, late(20, 25, sec)}, "", ""},
		{
			"a longer backlog", check(window, "<= 500ms"),
			bugs{outage, late(20, 26, sec)},
			"recovery", "600ms, planned 0s|<= 500ms",
		},
		{"a little late", check(window, "<= 1ns"), bugs{outage, late(20, 60, 105*time.Millisecond)}, "", ""},
		{
			"never", check(window, "<= 500ms"),
			bugs{outage, failing(20, 60)},
			"recovery", "without an end, planned 0s|<= 500ms",
		},
		{"before the window", check(window, "<= 1ns"), bugs{outage, failing(0, 10)}, "", ""},
		{
			"the second of two", check(twice, "<= 100ms"),
			bugs{outage, failing(50, 52)},
			"recovery", "200ms, planned 0s|<= 100ms",
		},
		{"the first of two is over", check(twice, "<= 100ms"), bugs{outage, failing(40, 50)}, "", ""},
		{"two that overlap", check(joint, "<= 1ns"), bugs{outage, failing(12, 20)}, "", ""},
		{
			"in a closed workload", check(window, "<= 500ms"),
			bugs{outage, closed, failing(20, 26)},
			"recovery", "600ms, planned 0s|<= 500ms",
		},
		{
			"nothing after it", check([]bounds.Window{{From: sec, Until: 9 * sec}}, "<= 1s"),
			bugs{outage, closed},
			"recovery", "no task came after the faults ended at 9s|a longer workload",
		},
		{
			"a server that started earlier", check(window, "<= 500ms"),
			bugs{outage, failing(19, 25), func(r *record.Recording) { r.ServerAhead = 100 * time.Millisecond }},
			"recovery", "600ms, planned 0s|<= 500ms",
		},
	})
}

// TestBoundedIsTimed wants the figures that depend on times to be told by, so
// that a late generator is no violation of them, and no others.
func TestBoundedIsTimed(t *testing.T) {
	window := []bounds.Window{{Until: sec}}
	for name, test := range map[string]struct {
		figure bounds.Figure
		timed  bool
	}{
		"throughput": {bounds.Throughput(), true},
		"latency":    {bounds.Latency("p99", bounds.Window{}), true},
		"service":    {bounds.Service("mean", bounds.Window{}), true},
		"in_flight":  {bounds.InFlight(), true},
		"recovery":   {bounds.Recovery(window), true},
		"errors":     {bounds.Errors(), false},
		"outcomes":   {bounds.Outcome("ok"), false},
	} {
		r := clean()
		failing(0, 6)(r)
		least := bounds.Bound{Unit: bounds.Tasks, Least: 1e12, HasLeast: true}
		if name == "recovery" {
			least = bounds.Bound{Unit: bounds.Time, Most: 1, HasMost: true}
		}
		found := checks.Bounded(name, test.figure, least)(r)
		if len(found) != 1 || found[0].Timed != test.timed || found[0].Noise {
			t.Errorf("%s: got %+v, want one that is timed: %v", name, found, test.timed)
		}
	}
}
