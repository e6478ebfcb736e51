package record_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/search"
	"github.com/teapot-go/teapot/harness/share"
)

// valid returns a run of n tasks as the harness records it, in which some never
// start, some never finish, and some have no journal.
func valid(n int, seed uint64) *record.Recording {
	random := rand.New(rand.NewPCG(418, seed))
	r := &record.Recording{
		Scenario: "s", Executor: "pool", Workers: 3, Clock: record.Real, Delivery: record.AsCompleted,
		Cost: &record.Cost{CPU: time.Second}, Violations: []record.Violation{{Line: 7}},
	}
	classes := record.Classes()
	for i := range n {
		s := record.Sample{Seq: i, Attempt: 1, Submitted: -1, Started: -1, Finished: -1, Delivered: -1, Worker: -1}
		s.Class, s.PlannedClass = record.Lost, classes[random.IntN(len(classes))]
		s.Due = time.Duration(random.Int64N(int64(time.Hour)))
		s.PlannedLatency = time.Duration(random.Int64N(int64(time.Minute)))
		s.PlannedService = s.PlannedLatency
		if how := random.IntN(10); how > 0 {
			s.Submitted, s.Started = s.Due, s.Due+time.Duration(random.IntN(1000))
			if how > 1 {
				s.Finished = s.Started + time.Duration(random.Int64N(int64(time.Minute)))
				s.Delivered = s.Finished
				s.Class, s.Status, s.Bytes = classes[random.IntN(len(classes))], 200, 4096
			}
		}
		if random.IntN(4) > 0 {
			s.Did = record.ActionFaithful
		}
		r.Samples = append(r.Samples, s)
	}
	r.Summarize()
	return r
}

func TestValidate(t *testing.T) {
	for seed := range uint64(50) {
		if err := valid(int(seed), seed).Validate(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	if err := valid(100_000, 1).Validate(); err != nil {
		t.Fatal(err)
	}
	many := valid(10_000, 1)
	if allocations := testing.AllocsPerRun(1, func() { _ = many.Validate() }); allocations > 1000 {
		t.Errorf("%v allocations for ten thousand samples", allocations)
	}
}

func TestValidateRefuses(t *testing.T) {
	const n = 20
	past := time.Duration(math.MaxInt64/2 + 1)
	for _, c := range []struct {
		change func(r *record.Recording, s *record.Sample)
		want   string
	}{
		{
			func(r *record.Recording, _ *record.Sample) { r.Clock = "" },
			`"s/pool/3": clock: got "", want "real" or "virtual"`,
		},
		{
			func(r *record.Recording, _ *record.Sample) {
				r.Generators = []share.Generator{{Tasks: n / 2}, {Tasks: n/2 - 1, Sent: n, Drift: math.NaN()}}
			},
			"generators[1].tasks: got 9, want 10 to 10\n" +
				`"s/pool/3": generators[1].sent: got 20, want 0 to 9` + "\n" +
				`"s/pool/3": generators[1].drift_ppm: got NaN, want -1000000 to 1000000`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Delivery = "post\x1b" },
			`delivery: got "post\x1b", want "map" or "as_completed"`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.ConnectionsOpened, r.ConnectionsPeak = 3, 4 },
			`connections_peak: got 4, want 0 to 3`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.ConnectionsReused = -1 },
			`connections_reused: got -1, want 0 to 2147483647`,
		},
		{func(r *record.Recording, _ *record.Sample) { r.Position = -1 }, `position: got -1, want 0 to 2147483647`},
		{
			func(r *record.Recording, _ *record.Sample) { r.Workers = math.MaxInt },
			`workers: got 9223372036854775807, want 0 to 2147483647`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Round = math.MinInt },
			`round: got -9223372036854775808, want 0 to`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Timeout = -1 },
			`timeout_ns: got -1, want 0 to 4611686018427387903`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Makespan = past },
			`makespan_ns: got 4611686018427387904, want 3`,
		},
		{func(r *record.Recording, _ *record.Sample) { r.IdealMakespan = -5 }, `ideal_makespan_ns: got -5`},
		{
			func(r *record.Recording, _ *record.Sample) { r.Violations = []record.Violation{{Culprit: "cat"}} },
			`violations[0].culprit: got "cat", want one of file, client`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Makespan -= time.Nanosecond },
			`, the last finished_ns of the samples`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.IdealMakespan++ },
			`, the last ideal_finished_ns of the samples, or 0`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Percentiles["p90"]-- },
			`, as the samples have it`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { delete(r.Percentiles, "max") },
			`latency_ns.max: got none, want `,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Percentiles["p99.9"] = r.Percentiles["max"] },
			`want none, as the samples have too few times for it`,
		},
		{func(r *record.Recording, _ *record.Sample) { r.Response["p50"]++ }, `response_ns.p50: got `},
		{func(r *record.Recording, _ *record.Sample) { r.Lateness = nil }, `lateness_ns.p50: got none, want 0, as `},
		{
			func(r *record.Recording, _ *record.Sample) {
				for i := range r.Samples {
					r.Samples[i].Due = 0
				}
			},
			`response_ns: got 5 percentiles, want none, as every task is due at the start`,
		},
		{func(r *record.Recording, _ *record.Sample) { r.Samples = nil }, `outcomes.ok: got 1, want 0, as`},
		{
			func(r *record.Recording, _ *record.Sample) {
				r.Samples, r.Violations = nil, nil
				r.Summarize()
			},
			`samples: got none, want at least one, as no task of the run was tried`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Cost.AllocBytes = math.MaxUint64 },
			`cost.alloc_bytes: got 18446744073709551615, want 0 to`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Search = found(20, 0) },
			`search.found: got 20, want 10, by the`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Search = found(10, 40) },
			`search.missed: got 40, want 20, by`,
		},
		{
			func(r *record.Recording, _ *record.Sample) {
				r.Search = found(10, 20)
				r.Search.Tried[1].Meets = true
			},
			`search.tried[1].meets: got true, want false, as 1 of 3 runs met the expectations`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Speedup = math.NaN() },
			`speedup: got NaN, want a number that is not negative`,
		},
		{func(r *record.Recording, _ *record.Sample) { r.Speedup = math.Inf(1) }, `speedup: got +Inf`},
		{func(r *record.Recording, _ *record.Sample) { r.Speedup = -0.5 }, `speedup: got -0.5`},
		{func(r *record.Recording, _ *record.Sample) { r.Cost.CPU = -1 }, `cost.cpu_ns: got -1`},
		{func(r *record.Recording, _ *record.Sample) { r.Violations[0].Line = -7 }, `violations[0].line: got -7`},
		{
			func(r *record.Recording, _ *record.Sample) { r.Percentiles["p42"] = 1 },
			`latency_ns: got "p42", want p50 or p90 or p95 or p99 or p99.9 or p99.99 or max`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Percentiles["max"] = 0 },
			`latency_ns.max: got 0, want 5`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Percentiles["p99"] = -2 },
			`latency_ns.p99: got -2, want 5`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Outcomes["odd"] = 0 },
			`outcomes: got "odd", want "ok" or "not_found" or "error"`,
		},
		{func(r *record.Recording, _ *record.Sample) { r.Outcomes[record.OutcomeOK] += 3 }, `outcomes.ok: got `},
		{func(r *record.Recording, _ *record.Sample) { delete(r.Classes, record.Lost) }, `classes.lost: got 0, want `},
		{
			func(r *record.Recording, _ *record.Sample) { r.Classes["odd"] = 1 },
			`classes: got "odd", want "ok" or "not_found" or`,
		},
		{func(r *record.Recording, _ *record.Sample) { r.Truth["none"][record.OK]-- }, `truth.none.ok: got `},
		{
			func(r *record.Recording, _ *record.Sample) { r.Truth["\x1b"] = map[record.Class]int{"": 4} },
			`truth.\x1b.: got 4, want 0, as the samples have it`,
		},
		{func(_ *record.Recording, s *record.Sample) { s.Seq = 3 }, `samples[4].seq: got 3, want 4, its index`},
		{
			func(_ *record.Recording, s *record.Sample) { s.Attempt = -1 },
			`samples[4].attempt: got -1, want 0 to 2147483647`,
		},
		{
			func(_ *record.Recording, s *record.Sample) { s.Due = -2 },
			`samples[4].due_ns: got -2, want -1 to 4611686018427387903`,
		},
		{
			func(_ *record.Recording, s *record.Sample) { s.Submitted = past },
			`samples[4].submitted_ns: got 4611686018427387904`,
		},
		{func(_ *record.Recording, s *record.Sample) { s.Started = s.Finished + 1 }, `samples[4].started_ns: got `},
		{
			func(_ *record.Recording, s *record.Sample) { s.Started, s.Worker = -1, -1 },
			`samples[4].started_ns: got -1, want 0 to finished_ns, `,
		},
		{func(_ *record.Recording, s *record.Sample) { s.Finished = past }, `samples[4].finished_ns: got`},
		{func(_ *record.Recording, s *record.Sample) { s.Delivered = math.MinInt64 }, `samples[4].delivered_ns: got`},
		{func(_ *record.Recording, s *record.Sample) { s.Head = -2 }, `samples[4].head_ns: got`},
		{func(_ *record.Recording, s *record.Sample) { s.PlannedLatency = -2 }, `samples[4].planned_latency_ns: got`},
		{func(_ *record.Recording, s *record.Sample) { s.PlannedService = past }, `samples[4].planned_service_ns: got`},
		{func(_ *record.Recording, s *record.Sample) { s.IdealStarted = past }, `samples[4].ideal_started_ns: got`},
		{func(_ *record.Recording, s *record.Sample) { s.IdealFinished = past }, `samples[4].ideal_finished_ns: got`},
		{
			func(_ *record.Recording, s *record.Sample) { s.Worker = 4611686018427387904 },
			`samples[4].worker: got 4611686018427387904, want 0 to 19, less than the number of tasks`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Checked = []record.Checked{{Verdict: "fine"}} },
			`checked[0].verdict: got "fine", want "met" or "missed" or "inconclusive"`,
		},
		{
			func(r *record.Recording, _ *record.Sample) { r.Checked = []record.Checked{{Verdict: "met", Line: -1}} },
			`checked[0].line: got -1, want 0 to 2147483647`,
		},
		{func(_ *record.Recording, s *record.Sample) { s.Turn = 21 }, `samples[4].turn: got 21, want 0 to 20`},
		{func(_ *record.Recording, s *record.Sample) { s.Turn = -1 }, `samples[4].turn: got -1, want 0 to 20`},
		{func(_ *record.Recording, s *record.Sample) { s.Worker = -1 }, `samples[4].worker: got -1, want 0 to 19`},
		{
			func(_ *record.Recording, s *record.Sample) { s.Started, s.Finished = -1, -1 },
			`want -1 for a task that never started`,
		},
		{func(_ *record.Recording, s *record.Sample) { s.Status = 1000 }, `samples[4].status: got 1000, want 0 to 999`},
		{func(_ *record.Recording, s *record.Sample) { s.Served = -1 }, `samples[4].served_status: got -1`},
		{func(_ *record.Recording, s *record.Sample) { s.Bytes = -1 }, `samples[4].bytes: got -1`},
		{
			func(_ *record.Recording, s *record.Sample) { s.PlannedBytes = math.MaxInt64 },
			`samples[4].planned_bytes: got`,
		},
		{
			func(_ *record.Recording, s *record.Sample) { s.Class = "sulk" },
			`samples[4].class: got "sulk", want "ok" or "not_found"`,
		},
		{
			func(_ *record.Recording, s *record.Sample) { s.PlannedClass = "sulk" },
			`samples[4].planned_class: got "sulk"`,
		},
		{
			func(_ *record.Recording, s *record.Sample) { s.Requests = make([]record.Request, 21) },
			`samples[4].requests: got 21, want at most 20`,
		},
		{
			func(_ *record.Recording, s *record.Sample) { s.Requests = []record.Request{{}, {Attempt: -1}} },
			`samples[4].requests[1].attempt: got -1`,
		},
		{
			func(_ *record.Recording, s *record.Sample) { s.Requests = []record.Request{{Arrived: past}} },
			`samples[4].requests[0].arrived_ns: got 4611686018427387904, want -4611686018427387903 to`,
		},
		{
			func(_ *record.Recording, s *record.Sample) { s.Requests = []record.Request{{Took: -1}} },
			`samples[4].requests[0].took_ns: got -1`,
		},
		{
			func(_ *record.Recording, s *record.Sample) { s.Requests = []record.Request{{Status: 1000}} },
			`samples[4].requests[0].served_status: got 1000`,
		},
	} {
		r := valid(n, 2)
		if r.Samples[4].Finished < 0 {
			t.Fatal("the sample that is changed has not finished")
		}
		c.change(r, &r.Samples[4])
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v\nwant %s", err, c.want)
		} else if strings.ContainsAny(err.Error(), "\x1b") {
			t.Errorf("a control character stands in the error %q", err)
		}
	}
}

// found is a search that states what it has found, and has tried 10/s and 20/s.
func found(rate, missed float64) *search.Result {
	return &search.Result{Found: rate, Missed: missed, Low: 10, High: 40, Within: 0.05, Tried: []search.Tried{
		{Rate: 10, Runs: 2, Met: 2, Meets: true}, {Rate: 20, Runs: 3, Met: 1},
	}}
}

// TestValidateWithoutSamples has runs that say why they have no samples.
func TestValidateWithoutSamples(t *testing.T) {
	for name, say := range map[string]func(r *record.Recording){
		"a violation":  func(r *record.Recording) { r.Violations = []record.Violation{{Check: "c"}} },
		"inconclusive": func(r *record.Recording) { r.Inconclusive = []record.Violation{{Check: "c"}} },
		"interrupted":  func(r *record.Recording) { r.Interrupted = true },
		"a deadlock":   func(r *record.Recording) { r.Deadlock = "the executor did not shut down" },
		"a limit":      func(r *record.Recording) { r.Limit = "cannot be judged" },
	} {
		r := valid(0, 1)
		r.Violations = nil
		if r.Validate() == nil {
			t.Fatal("a run that tried nothing is valid")
		}
		if say(r); r.Validate() != nil {
			t.Errorf("%s: %v", name, r.Validate())
		}
	}
	r := valid(20, 1)
	if r.Search = found(10, 20); r.Validate() != nil {
		t.Error(r.Validate())
	}
}

// TestValidateListsAllProblems wants every problem in one error, and a bound on
// its length.
func TestValidateListsAllProblems(t *testing.T) {
	r := valid(5, 3)
	r.Clock, r.Samples[0].Seq, r.Samples[3].Status = "sun", 9, -9
	if err := r.Validate(); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("got error %v, want three problems", err)
	}
	r = valid(1000, 4)
	for i := range r.Samples {
		r.Samples[i].Status = -1
	}
	err := r.Validate()
	if err == nil || strings.Count(err.Error(), "\n") != 20 || !strings.Contains(err.Error(), "and 980 more") {
		t.Errorf("got error %v, want 20 problems and how many more there are", err)
	}
}

// FuzzValidate holds the two to each other: what Summarize completes from
// samples that a run can have is valid, whatever the run was.
func FuzzValidate(f *testing.F) {
	f.Add(uint64(1), uint16(20), int64(time.Second), false)
	f.Add(uint64(2), uint16(0), int64(-1), true)
	f.Add(uint64(3), uint16(300), int64(math.MaxInt64/2), false)
	f.Fuzz(func(t *testing.T, seed uint64, n uint16, at int64, virtual bool) {
		r := valid(int(n%500), seed)
		if virtual {
			r.Clock, r.Cost, r.Workers, r.Delivery = record.Virtual, nil, 0, record.InOrder
		}
		if n%500 > 0 && at >= -1 && at <= math.MaxInt64/2 {
			s := &r.Samples[0]
			s.Started, s.Finished, s.Delivered = time.Duration(at), time.Duration(at), -1
			if at%2 == 0 {
				s.Finished = -1
			}
		}
		r.Summarize()
		if err := r.Validate(); err != nil {
			t.Error(err)
		}
	})
}
