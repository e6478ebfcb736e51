package reports

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teapot-go/teapot/harness"
)

var update = flag.Bool("update", false, "rewrite the golden files and recording.schema.json")

var testHost = Host{
	Go: "go1.26.8", OS: "linux", Arch: "amd64", CPUs: 2, MaxProcs: 2,
	Started: time.Date(2026, time.November, 3, 14, 5, 9, 0, time.UTC),
}

// simulate is a run of n tasks on an executor that keeps FIFO order on so many workers (0 for no limit) and loses delay at each
// task. Latencies are uniform between 0.5 and 5 s, a quarter of the requests meets a 418, some keys are missing.
func simulate(scenario, kind string, workers, n int, delay time.Duration) *harness.Recording {
	r := &harness.Recording{
		Scenario: scenario, About: plural(n, "flag") + " from a server that refuses a quarter of the requests",
		File: "scenarios/" + scenario + ".yaml", Executor: kind, Workers: workers, Clock: harness.Virtual, Seed: 418,
		Delivery: harness.AsCompleted, Outcomes: map[harness.Outcome]int{}, Classes: map[harness.Class]int{},
	}
	lanes := workers
	if lanes == 0 {
		lanes = n
	}
	measured, ideal := make([]time.Duration, lanes), make([]time.Duration, lanes)
	for seq := range n {
		s := plan(seq)
		lane := slices.Index(measured, slices.Min(measured))
		s.Worker, s.Started = lane, measured[lane]+delay
		s.Finished = s.Started + s.PlannedLatency
		s.Delivered, measured[lane] = s.Finished, s.Finished
		lane = slices.Index(ideal, slices.Min(ideal))
		s.IdealStarted, s.IdealFinished = ideal[lane], ideal[lane]+s.PlannedLatency
		ideal[lane] = s.IdealFinished
		r.Samples = append(r.Samples, s)
	}
	r.Makespan, r.IdealMakespan = slices.Max(measured), slices.Max(ideal)
	summarize(r)
	return r
}

// plan is what a sample's task is to meet, and does.
func plan(seq int) harness.Sample {
	key := string([]byte{'A' + byte(seq/26%26), 'A' + byte(seq%26)})
	h := fnv.New64a()
	h.Write([]byte(key))
	rng := rand.New(rand.NewPCG(418, h.Sum64()))
	s := harness.Sample{Seq: seq, Key: key, Attempt: 1}
	s.PlannedFault, s.Class, s.Status, s.Bytes = "none", harness.OK, 200, 4096
	s.PlannedLatency = 500*time.Millisecond + time.Duration(rng.Int64N(int64(4500*time.Millisecond)))
	switch x := rng.Float64(); {
	case x < 0.25:
		s.PlannedFault, s.Class, s.Status, s.Error = "status", harness.Status, 418, "418 I'm a teapot"
	case x < 0.32:
		s.Class, s.Status, s.Error = harness.NotFound, 404, "404 Not Found"
	}
	s.PlannedClass, s.PlannedService, s.Served, s.Did = s.Class, s.PlannedLatency, s.Status, s.PlannedFault
	return s
}

// summarize counts a recording's samples.
func summarize(r *harness.Recording) {
	clear(r.Outcomes)
	clear(r.Classes)
	var times []time.Duration
	for _, s := range r.Samples {
		r.Outcomes[s.Class.Outcome()]++
		r.Classes[s.Class]++
		if l := s.Latency(); l >= 0 {
			times = append(times, l)
		}
	}
	slices.Sort(times)
	r.Percentiles = map[string]time.Duration{}
	for name, rank := range map[string]int{"p50": 50, "p90": 90, "p95": 95, "p99": 99, "max": 100} {
		if len(times) > 0 {
			r.Percentiles[name] = times[max((len(times)*rank+99)/100, 1)-1]
		}
	}
}

// suite is a scenario of n keys on each of the four executors.
func suite(n int) []*harness.Recording {
	name := fmt.Sprintf("error-%d", n)
	recs := []*harness.Recording{
		simulate(name, "sequential", 1, n, 0), simulate(name, "pool", 10, n, 0),
		simulate(name, "pool", 100, n, 0), simulate(name, "async", 100, n, 2*time.Millisecond),
	}
	for _, r := range recs[1:] {
		r.Speedup = float64(recs[0].Makespan) / float64(r.Makespan)
	}
	return recs
}

// troubled is a scenario in which everything goes wrong that a report can show.
func troubled() []*harness.Recording {
	slow := simulate("slow-12", "pool", 3, 12, 800*time.Millisecond)
	slow.Violations = []harness.Violation{
		{Check: "efficiency", Got: "0.78", Want: ">= 0.95", File: slow.File, Line: 24, Reproduce: "teapot run scenarios/slow-12.yaml --executor pool/3 --seed 418"},
		{Check: "outcomes", Got: "ok 11, error 1\nok 11, error 1 again", Want: "ok 12", File: slow.File, Line: 22, Reproduce: "teapot run scenarios/slow-12.yaml --executor pool/3 --seed 418"},
	}
	late := &slow.Samples[4]
	late.Class, late.Status, late.Bytes, late.Error = harness.Timeout, 0, 0, "context deadline exceeded"
	slow.Warnings = []string{"p99 was not judged: absolute times need the virtual clock"}
	slow.Leaks = []string{"goroutine 12 [chan receive]:\nmain.worker()\n\t/src/worker.go:12"}
	summarize(slow)

	stopped := simulate("slow-12", "async", 4, 12, 0)
	stopped.Interrupted = true
	stopped.Samples[10].Finished, stopped.Samples[10].Delivered, stopped.Samples[10].Class = -1, -1, harness.Lost
	cut(&stopped.Samples[11])
	summarize(stopped)

	stuck := simulate("slow-12", "stuck", 2, 12, 0)
	stuck.Deadlock, stuck.Makespan = "all goroutines in bubble are blocked", 0
	for i := range stuck.Samples {
		stuck.Stuck = append(stuck.Stuck, stuck.Samples[i].Key)
		cut(&stuck.Samples[i])
	}
	summarize(stuck)
	return []*harness.Recording{slow, stopped, stuck}
}

// cut makes a sample one of a task that never started.
func cut(s *harness.Sample) {
	s.Started, s.Finished, s.Delivered, s.Worker, s.Class, s.Status, s.Bytes = -1, -1, -1, -1, harness.Lost, 0, 0
}

// hostile is a run whose every string wants out of the report.
func hostile() *harness.Recording {
	r := simulate("plain", "pool", 2, 6, 0)
	bad := `</title></svg></style><script>alert("x")</script><img src=http://example.org/x onerror=alert(1)>'"` + "`\x1b[31m\u202e" + "👩‍💻 {{.}}"
	long := strings.Repeat("long", 2560)
	r.Scenario, r.About, r.File, r.Executor = bad+long, long+bad, bad, bad+long
	r.Samples[0].Key, r.Samples[1].Key, r.Samples[2].Key = bad, long, "שלום עולם"
	for i := range r.Samples {
		r.Samples[i].Class, r.Samples[i].Error = harness.Timeout, bad+long
	}
	r.Samples[3].Class, r.Samples[3].Did, r.Samples[4].Did = harness.Class(bad), bad, long
	r.Warnings, r.Leaks, r.Deadlock = []string{bad, long}, []string{bad + long}, long+bad
	r.Stuck = []string{bad, long}
	r.Violations = []harness.Violation{{Check: bad, Got: long, Want: bad, File: bad + long, Line: 1, Reproduce: bad + long}}
	summarize(r)
	return r
}

// render is what the reporter writes.
func render(t testing.TB, r Reporter) string {
	t.Helper()
	var b strings.Builder
	if err := r(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// golden compares got with the file in testdata, or rewrites it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; rewrite it with go test ./reports -update):\n%s", path, diff)
	}
}
