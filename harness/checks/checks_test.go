package checks_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

// TestChecks tries every check but [checks.Order] with recordings that must
// pass and with planted bugs.
func TestChecks(t *testing.T) {
	exact, class := checks.Check(checks.Exact), checks.Check(checks.Classification)
	counts := checks.Counts(map[record.Outcome]int{
		record.OutcomeOK: 4, record.OutcomeNotFound: 1,
		record.OutcomeError: 1,
	})
	hold(t, []planted{
		{name: "exact", check: exact},
		{name: "classification", check: class},
		{
			"an ok that was none", class,
			one(3, func(s *record.Sample) { s.Class = record.OK }), "classification", "D ok|D status",
		},
		{
			"an error that was none", class,
			one(0, func(s *record.Sample) { s.Class, s.Error = record.Failed, "panic: tea" }), "classification",
			"A failed (panic: tea)|A ok",
		},
		{
			"an error of another class", class,
			one(3, func(s *record.Sample) { s.Class = record.Timeout }), "classification", "D timeout|D status",
		},
		{
			"an error that a client left too early for", class,
			one(0, func(s *record.Sample) { s.Class, s.Did = record.Timeout, record.ActionClientLeft }),
			"classification", "A timeout|A ok (client left first)",
		},
		{
			"an attempt that never came", class,
			one(0, func(s *record.Sample) { s.Class, s.Did, s.Attempt = record.Status, record.ActionNoRequest, 2 }),
			"classification", "A status|A ok at attempt 2 (no request came)",
		},
		{
			"a success that no request explains", class,
			one(0, func(s *record.Sample) { s.Did, s.Status, s.Served = record.ActionNoRequest, 0, 0 }),
			"classification", "A ok (no request came)|A ok as the answer to a request",
		},
		{
			"a success of an attempt that never came", class,
			one(0, func(s *record.Sample) { s.Did, s.Served, s.Attempt = record.ActionNoRequest, 0, 2 }),
			"classification", "A ok (no request came)|A ok at attempt 2 as the answer to a request",
		},
		{
			"a timeout before anything was sent", class,
			one(0, func(s *record.Sample) {
				s.Class, s.PlannedClass, s.Did, s.Status, s.Served = record.Timeout, record.Timeout,
					record.ActionNoRequest, 0, 0
			}), "", "",
		},
		{
			"other bytes than were sent", class,
			one(0, func(s *record.Sample) { s.Bytes, s.PlannedBytes = 7, 4452 }), "classification",
			"A 7 bytes|A 4452 bytes, which the server sent",
		},
		{
			"bytes that were not counted", class,
			one(0, func(s *record.Sample) { s.PlannedBytes = 4452 }), "", "",
		},
		{
			"a value of another task", exact,
			one(1, func(s *record.Sample) { s.Value = "20" }), "outcomes", `B = "20"|B = "10"`,
		},
		{
			"another status than the server has sent", class,
			one(0, func(s *record.Sample) { s.Served = 206 }), "classification", "A 200|A 206",
		},
		{
			"a status that the server has not sent", class,
			one(0, func(s *record.Sample) { s.Served = 0 }), "classification", "A 200|A nothing",
		},
		{
			"no status, as without a server", class,
			one(0, func(s *record.Sample) { s.Status, s.Served = 0, 0 }), "", "",
		},
		{
			"no status, because the client did not wait for it", class,
			one(0, func(s *record.Sample) { s.Class, s.PlannedClass, s.Status = record.Timeout, record.Timeout, 0 }),
			"", "",
		},
		{"a task that was never run", class, bugs{lose(4)}, "classification", "E never ran|E ok"},
		{
			"everything wrong", class,
			bugs{func(r *record.Recording) {
				for range 20 {
					r.Samples = append(r.Samples, r.Samples[0])
				}
				for i := range r.Samples {
					r.Samples[i].Class = record.Failed
				}
			}},
			"classification",
			"24 × failed: A, B, E, F, A, A, A, A, A, A and 14 more\n1 × failed: C\n1 × failed: D|" +
				"24 × ok\n1 × not_found\n1 × status 418",
		},

		{name: "counts", check: counts},
		{
			"one ok less", counts,
			bugs{func(r *record.Recording) { r.Outcomes[record.OutcomeOK] = 3 }},
			"outcomes", "3 ok, 1 not found, 1 error|4 ok, 1 not found, 1 error",
		},
		{
			"one error more", counts,
			bugs{func(r *record.Recording) { r.Outcomes[record.OutcomeError] = 2 }},
			"outcomes", "2 error|1 error",
		},
		{
			"an outcome that was not named",
			checks.Counts(map[record.Outcome]int{record.OutcomeOK: 4, record.OutcomeError: 1}),
			nil, "outcomes", "1 not found|0 not found",
		},
		{
			"an outcome that is zero either way",
			checks.Counts(map[record.Outcome]int{record.OutcomeOK: 6, record.OutcomeError: 0}),
			bugs{func(r *record.Recording) { r.Outcomes = map[record.Outcome]int{record.OutcomeOK: 6} }},
			"", "",
		},

		{name: "efficient", check: checks.Efficiency(1)},
		{
			"as efficient as asked", checks.Efficiency(0.8),
			bugs{func(r *record.Recording) { r.Makespan = 10 * sec }},
			"", "",
		},
		{
			"not as efficient as asked", checks.Efficiency(0.81),
			bugs{func(r *record.Recording) { r.Makespan = 10 * sec }},
			"efficiency", "0.8 (ideal makespan 8s, measured 10s)|>= 0.81",
		},
		{
			"nothing ran", checks.Efficiency(0.1),
			bugs{func(r *record.Recording) { r.Makespan = 0 }},
			"efficiency",
			"0 (ideal makespan 8s, measured 0s)|>= 0.1",
		},

		{name: "each once", check: checks.Runs},
		{
			"some twice, some never", checks.Runs,
			bugs{func(r *record.Recording) {
				r.Samples[1].Misrun, r.Samples[3].Misrun = "run 2 times: run once", "accepted and never run: run once"
			}},
			"runs", "B run 2 times, D accepted and never run|B run once, D run once",
		},
		{name: "waits", check: checks.Shutdown},
		{
			"does not wait", checks.Shutdown,
			bugs{func(r *record.Recording) { r.Outlived = []string{"E", "F"} }},
			"shutdown", "Shutdown returned nil while 2 of 6 tasks ran: E, F|Shutdown waits until every task has ended",
		},
		{
			"a map does not wait", checks.Shutdown,
			bugs{func(r *record.Recording) { r.Outlived, r.Mapped = []string{"E"}, true }},
			"shutdown", "the iteration ended while 1 of 6 tasks ran: E|when every call has returned",
		},

		{name: "fast", check: checks.Speedup("sequential", 2.5)},
		{"slow", checks.Speedup("sequential", 2.6), nil, "speedup", "2.5 over sequential|>= 2.6"},
		{
			"never compared", checks.Speedup("sequential", 1),
			bugs{func(r *record.Recording) { r.Speedup = 0 }},
			"speedup", "0 over sequential|>= 1",
		},

		{
			"CPUs that are busy", checks.Efficiency(0.75),
			bugs{func(r *record.Recording) { r.IdealMakespan, r.Makespan = 0, 7*sec }},
			"", "",
		},
		{
			"a CPU that is idle", checks.Efficiency(0.75),
			bugs{func(r *record.Recording) { r.IdealMakespan = 0 }},
			"efficiency", "0.708 (measured makespan 8s, longest task 5s, all of them shared out among the workers " +
				"5.67s)|>= 0.75",
		},

		{name: "on schedule", check: checks.Schedule(0)},
		{
			"a late start", checks.Schedule(0),
			one(3, func(s *record.Sample) { s.Started++ }), "schedule", "D from 2.000000001s to 3s|D from 2s to 3s",
		},
		{
			"an early start", checks.Schedule(0), one(3, func(s *record.Sample) { s.Started-- }), "schedule",
			"D from 1.999999999s|",
		},
		{
			"a late finish", checks.Schedule(0), one(4, func(s *record.Sample) { s.Finished++ }), "schedule",
			"E from 3s to 8.000000001s|",
		},
		{
			"an early finish", checks.Schedule(0), one(4, func(s *record.Sample) { s.Finished-- }), "schedule",
			"E|within 0s: E",
		},
		{
			"within the tolerance", checks.Schedule(time.Millisecond),
			one(4, func(s *record.Sample) { s.Started, s.Finished = s.Started+1e6, s.Finished-1e6 }), "", "",
		},
		{
			"beyond the tolerance", checks.Schedule(time.Millisecond),
			one(4, func(s *record.Sample) { s.Finished += 1e6 + 1 }), "schedule", "E from|within 1ms",
		},
		{"a task that was never run is not off schedule", checks.Schedule(0), bugs{lose(5)}, "", ""},
		{
			"a task that never ended is not off schedule", checks.Schedule(0),
			one(5, func(s *record.Sample) { s.Finished = -1 }), "", "",
		},
		{
			"a task that never ended began off schedule", checks.Schedule(0),
			one(5, func(s *record.Sample) { s.Started, s.Finished = s.Started+1, -1 }), "schedule",
			"F from 3.000000001s|F from 3s",
		},

		{name: "three on three workers", check: checks.Concurrency},
		{
			"four on three workers", checks.Concurrency,
			one(5, func(s *record.Sample) { s.Worker = 3 }), "concurrency", "4 tasks|<= 3",
		},
		{
			"three on one worker", checks.Concurrency,
			bugs{func(r *record.Recording) { r.Workers = 1 }},
			"concurrency",
			"3 tasks|<= 1",
		},
		{"no limit", checks.Concurrency, bugs{func(r *record.Recording) { r.Workers = 0 }}, "", ""},

		{name: "no leaks", check: checks.Leaks},
		{"a leak", checks.Leaks, bugs{leak("a.go:1")}, "leaks", "1 goroutine left: 1 × a.go:1|none"},
		{
			"leaks", checks.Leaks,
			bugs{leak("a.go:1", "a.go:1", "b.go:2")},
			"leaks", "3 goroutines left: 2 × a.go:1; 1 × b.go:2|none",
		},
		{
			"leaks of many kinds", checks.Leaks,
			bugs{leak("a", "b", "c", "d", "e", "f", "g")},
			"leaks", "7 goroutines left: 1 × a; 1 × b; 1 × c; 1 × d; 1 × e; …|none",
		},

		{name: "its own end", check: checks.Deadlock},
		{
			"a deadlock", checks.Deadlock,
			bugs{
				leak("a.go:1"),
				func(r *record.Recording) { r.Deadlock, r.Stuck = "not over after 1m", []string{"C", "D"} },
			},
			"deadlock", "not over after 1m; 2 of 6 tasks had not ended: C, D; 1 goroutine left: 1 × a.go:1|every " +
				"task ends",
		},
		{"a leak is no deadlock", checks.Deadlock, bugs{leak("a.go:1")}, "", ""},
	})
}

// every is each check, as strict as can be.
func every() map[string]checks.Check {
	all := map[string]checks.Check{
		"classification": checks.Classification, "counts": checks.Counts(nil), "efficiency": checks.Efficiency(1),
		"speedup":  checks.Speedup("sequential", 1),
		"schedule": checks.Schedule(0), "concurrency": checks.Concurrency, "leaks": checks.Leaks,
		"deadlock": checks.Deadlock,
	}
	for _, name := range bounds.Statistics() {
		all[name] = bounded(name, bounds.Service(name, bounds.Window{}), "<= 1ns")
	}
	for name, f := range map[string]bounds.Figure{
		"throughput": bounds.Throughput(), "errors": bounds.Errors(), "in_flight": bounds.InFlight(),
		"recovery": bounds.Recovery([]bounds.Window{{From: sec, Until: 2 * sec}}),
	} {
		all[name] = bounded(name, f, "<= 1")
	}
	for _, o := range []checks.Ordering{checks.BySubmission, checks.ByCompletion, checks.AnyOrder} {
		all["order "+string(o)] = checks.Order(o)
	}
	return all
}

// TestNothingPanics gives every check recordings of which nothing, or next to
// nothing, is there.
func TestNothingPanics(t *testing.T) {
	recordings := map[string]*record.Recording{"zero": {}, "clean": clean()}
	empty := clean()
	empty.Samples = nil
	recordings["empty"] = empty
	lost, begun, undelivered := clean(), clean(), clean()
	for i := range lost.Samples {
		lose(i)(lost)
		begun.Samples[i].Finished, begun.Samples[i].Delivered = -1, -1
		undelivered.Samples[i].Delivered = -1
	}
	recordings["lost"], recordings["begun"], recordings["undelivered"] = lost, begun, undelivered
	// What must complain of recordings in which nothing was reached; the others
	// must not.
	complain := map[string][]string{
		"zero":  {"recovery", "speedup"},
		"lost":  {"classification", "counts", "errors", "recovery"},
		"begun": {"counts", "in_flight", "recovery"},
	}
	for name, want := range complain {
		complain[name] = slices.Sorted(slices.Values(append(want, bounds.Statistics()...)))
	}
	for name, r := range recordings {
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			for _, workers := range []int{0, 1, 3} {
				r.Clock, r.Workers = clock, workers
				var found []string
				for check, c := range every() {
					if len(c(r)) > 0 {
						found = append(found, check)
					}
				}
				slices.Sort(found)
				if want := complain[name]; want != nil && workers == 3 && !slices.Equal(found, want) {
					t.Errorf("%s, %s: %q complain, want %q", name, clock, found, want)
				}
			}
		}
	}
}

// TestChecksArePure holds a recording against every check twice.
func TestChecksArePure(t *testing.T) {
	r, untouched := clean(), clean()
	serial(5, 4, 3, 2, 1, 0)(r)
	serial(5, 4, 3, 2, 1, 0)(untouched)
	for name, check := range every() {
		if first, second := fmt.Sprint(check(r)), fmt.Sprint(check(r)); first != second {
			t.Errorf("%s: got %s, then %s", name, first, second)
		}
		if fmt.Sprint(r) != fmt.Sprint(untouched) {
			t.Fatalf("%s has changed the recording", name)
		}
	}
}

// TestAlike: what more than a few tasks do alike is told once.
func TestAlike(t *testing.T) {
	rec := &record.Recording{}
	for i, key := range []string{"A", "B", "C", "D", "E"} {
		rec.Samples = append(rec.Samples, record.Sample{
			Key: key, Misstep: fmt.Sprintf("attempt 2 came %dms after an answer of 503: 1s, by its Retry-After", 100+i),
			Misrun: "said a: b: c",
		})
	}
	got := checks.Retries(rec)[0]
	if got.Got != "A attempt 2 came 100ms after an answer of 503 (and 4 like it: B, C, D, E)" ||
		got.Want != "A 1s, by its Retry-After" {
		t.Errorf("got %+v", got)
	}
	rec.Samples = rec.Samples[:2]
	if got := checks.Runs(rec)[0]; got.Got != "A said a: b, B said a: b" || got.Want != "A c, B c" {
		t.Errorf("got %+v", got)
	}
}
