package scenarios_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

const ten = `name: ten
about: ten flags
seed: 3
clock: virtual
server:
  latency: uniform(1s, 2s)
  faults: [{kind: status, status: 503, rate: 0.3}, {kind: reset, from: 1ns, until: 2ns}] # so that the plan alone has no figures
workload: {task: download, flags: all, limit: 10}
executors:
  - {kind: sequential}
  - {kind: pool, workers: [2, 5]}
expect:
  order: submission
  schedule: {within: 0.000001ms}
  speedup: {over: sequential, at_least: 1.5}
  max: "<= 2.1s"
`

// parsed is the scenario of a text that is edited by pairs of old and new
// words.
func parsed(t *testing.T, v scenarios.Vocabulary, text string, edits ...string) *scenarios.Scenario {
	t.Helper()
	s, mistakes := v.Parse("ten.yaml", []byte(strings.NewReplacer(edits...).Replace(text)))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	return s
}

// ran runs the only case of a scenario.
func ran(t *testing.T, v scenarios.Vocabulary, text string) *record.Recording {
	t.Helper()
	rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), parsed(t, v, text).Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// judged runs every case and returns the checks that complain, a word for each
// case.
func judged(t *testing.T, r *scenarios.Runner, s *scenarios.Scenario) (string, []*record.Recording) {
	t.Helper()
	var words []string
	var recs []*record.Recording
	for _, c := range s.Cases() {
		rec, err := r.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		recs = append(recs, rec)
		var word strings.Builder
		word.WriteString(c.Executor())
		for _, v := range rec.Violations {
			word.WriteString(":" + v.Check)
		}
		for _, v := range rec.Inconclusive {
			word.WriteString(":" + v.Check + "?")
		}
		words = append(words, word.String())
	}
	return strings.Join(words, " "), recs
}

// TestRunner makes each expectation false by itself, and wants the one
// violation, at its line.
func TestRunner(t *testing.T) {
	for _, tt := range []struct {
		edit []string
		want string
		line string
	}{
		{nil, "sequential pool/2 pool/5", ""},
		{[]string{"at_least: 1.5", "at_least: 3"}, "sequential pool/2:speedup pool/5", "speedup:"},
		{[]string{"<= 2.1s", "<= 1.1s"}, "sequential:max pool/2:max pool/5:max", "max:"},
		{
			[]string{"order: submission", "outcomes: {ok: 10}"},
			"sequential:outcomes pool/2:outcomes pool/5:outcomes",
			"outcomes:",
		},
		{[]string{"limit: 10", "limit: 10, deliver: as_completed"}, "sequential pool/2:order pool/5:order", "order:"},
	} {
		s := parsed(t, scenarios.Vocabulary{}, ten, tt.edit...)
		got, recs := judged(t, &scenarios.Runner{
			Reproduce: func(c scenarios.Case) string { return c.CommandLine("teapot") },
		}, s)
		if got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.edit, got, tt.want)
		}
		lines := strings.Split(strings.NewReplacer(tt.edit...).Replace(ten), "\n")
		for _, rec := range recs {
			for _, v := range rec.Violations {
				if !strings.Contains(lines[v.Line-1], tt.line) || v.File != "ten.yaml" || !strings.Contains(v.Reproduce,
					"--only ten/"+rec.Name()+" ") {
					t.Errorf("%v: violation %v at %q, reproduce %q", tt.edit, v, lines[v.Line-1], v.Reproduce)
				}
			}
		}
	}
}

// TestOutcomesAreTheSameOnEveryExecutor compares key by key.
func TestOutcomesAreTheSameOnEveryExecutor(t *testing.T) {
	_, recs := judged(t, &scenarios.Runner{}, parsed(t, scenarios.Vocabulary{}, ten))
	failed := 0
	for i, first := range recs[0].Samples {
		for _, rec := range recs[1:] {
			if s := rec.Samples[i]; s.Key != first.Key || s.Seen != first.Seen || s.Latency() != first.Latency() {
				t.Errorf("%s on %s: %v, on %s %v", first.Key, recs[0].Name(), first.Seen, rec.Name(), s.Seen)
			}
		}
		if first.Status == 503 && first.Served == 503 {
			failed++
		}
	}
	if failed == 0 {
		t.Error("no request met a fault: nothing was compared")
	}
}

// TestRunnerMeasuresAReferenceOnce counts the executors that are made.
func TestRunnerMeasuresAReferenceOnce(t *testing.T) {
	var opened atomic.Int32
	v := scenarios.Vocabulary{Executors: map[string]func(int) (executor.Executor, error){
		"mine": func(int) (executor.Executor, error) { opened.Add(1); return executor.NewPool(1) },
	}}
	s := parsed(t, v, ten, "kind: sequential", "kind: mine, workers: 1", "over: sequential", "over: mine")
	got, _ := judged(t, &scenarios.Runner{Vocabulary: v}, s)
	if got != "mine/1 pool/2 pool/5" || opened.Load() != 1 {
		t.Errorf("%s, opened %d times", got, opened.Load())
	}
}

// TestNoisyViolation runs a slow executor: under the real clock it is given
// other chances, and takes one in the first case only. The time of the bubble
// stands for the time of the machine, and no other program can take of it.
func TestNoisyViolation(t *testing.T) {
	const naps = `name: naps
clock: real
workload: {task: loiter, keys: [1, 1, 1, 1, 1]}
executors: [{kind: lazy, workers: 5}]
expect: {efficiency: ">= 0.9"}
`
	for _, tt := range []struct {
		slow  int32 // this many runs are slow
		clock string
		runs  int32
		want  string
	}{
		{0, "clock: real", 1, ""},
		{2, "clock: real", 3, ""},
		{9, "clock: real", 10, ""},
		{10, "clock: real", 10, "efficiency"},
		{1 << 30, "clock: real", 10, "efficiency"},
		{1, "clock: virtual", 1, "efficiency"},
	} {
		var opened atomic.Int32
		v := scenarios.Vocabulary{Executors: map[string]func(int) (executor.Executor, error){
			"lazy": func(workers int) (executor.Executor, error) {
				if opened.Add(1) <= tt.slow {
					return executor.NewPool(1)
				}
				return executor.NewPool(workers)
			},
		}}
		c := parsed(t, v, naps, "clock: real", tt.clock).Cases()[0]
		run := func(t *testing.T) *record.Recording {
			rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			return rec
		}
		var rec *record.Recording
		if tt.clock == "clock: virtual" {
			rec = run(t) // in a bubble of its own
		} else {
			synctest.Test(t, func(t *testing.T) { rec = run(t) })
		}
		var got strings.Builder
		for _, v := range rec.Violations {
			got.WriteString(v.Check)
		}
		if got.String() != tt.want || opened.Load() != tt.runs || !toldAgain(rec, int(tt.runs-1)) {
			t.Errorf("%+v: got %q after %d runs, warnings %v", tt, got.String(), opened.Load(), rec.Warnings)
		}
	}
}

// TestNoiseBesideOthers has slow runs with something else wrong, which are not
// repeated under the real clock. What a busy machine can have done is in doubt
// there, and in what was checked too. Under the virtual clock it is certain.
func TestNoiseBesideOthers(t *testing.T) {
	v := scenarios.Vocabulary{Executors: map[string]func(int) (executor.Executor, error){
		"lazy": func(int) (executor.Executor, error) { return executor.NewPool(1) },
		"wrong": func(int) (executor.Executor, error) {
			pool, err := executor.NewPool(1)
			return &unruly{Executor: pool, spoil: func(pool executor.Executor, task executor.Task) error {
				return errors.Join(pool.Execute(task), pool.Execute(task))
			}}, err
		},
	}}
	const naps = `name: naps
clock: CLOCK
workload: {task: loiter, keys: [1, 1, 1, 1, 1]}
executors: [{kind: EXECUTOR, workers: 5}]
expect: {efficiency: ">= 0.9"}
`
	for _, tt := range []struct{ clock, executor, violated, doubted string }{
		{"real", "wrong", "runs", "efficiency"},
		{"virtual", "wrong", "runs efficiency", ""},
		{"real", "lazy", "efficiency", ""},
		{"virtual", "lazy", "efficiency", ""},
	} {
		edit := strings.NewReplacer("CLOCK", tt.clock, "EXECUTOR", tt.executor)
		c := parsed(t, v, edit.Replace(naps)).Cases()[0]
		run := func(t *testing.T) {
			rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			names := func(all []record.Violation) string {
				var names []string
				for _, v := range all {
					names = append(names, v.Check)
				}
				return strings.Join(names, " ")
			}
			if got, doubt := names(rec.Violations), names(rec.Inconclusive); got != tt.violated || doubt != tt.doubted {
				t.Errorf("%+v: violations %q, in doubt %q", tt, got, doubt)
			}
			for _, c := range rec.Checked {
				if c.Check == "efficiency" && tt.doubted == "efficiency" && c.Verdict != "inconclusive" {
					t.Errorf("%+v: checked: %+v", tt, c)
				}
			}
			if err := rec.Validate(); err != nil {
				t.Errorf("%+v: %v", tt, err)
			}
		}
		if tt.clock == "virtual" {
			run(t)
		} else {
			synctest.Test(t, run)
		}
	}
}

// TestUnrepeated has a slow run, and no second one: the executor cannot be
// opened again. What was measured is kept, and accuses no executor.
func TestUnrepeated(t *testing.T) {
	opened := 0
	v := scenarios.Vocabulary{Executors: map[string]func(int) (executor.Executor, error){
		"lazy": func(int) (executor.Executor, error) {
			if opened++; opened > 1 {
				return nil, errors.New("it is gone")
			}
			return executor.NewPool(1)
		},
	}}
	c := parsed(t, v, `name: naps
clock: real
workload: {task: loiter, keys: [1, 1, 1, 1, 1]}
executors: [{kind: lazy, workers: 5}]
expect: {efficiency: ">= 0.9"}
`).Cases()[0]
	synctest.Test(t, func(t *testing.T) {
		rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if len(rec.Samples) != 5 || len(rec.Violations) != 0 || len(rec.Inconclusive) != 1 || opened != 2 {
			t.Fatalf("%d runs, violations %v, inconclusive %v", opened, rec.Violations, rec.Inconclusive)
		}
		doubt := rec.Inconclusive[0]
		if doubt.Check != "efficiency" || doubt.Line == 0 || !strings.HasSuffix(doubt.Got, "it is gone") {
			t.Errorf("in doubt: %+v", doubt)
		}
	})
}

// toldAgain reports whether the only warning is that so many runs were measured
// again, or there is none.
func toldAgain(rec *record.Recording, n int) bool {
	if n == 0 {
		return len(rec.Warnings) == 0
	}
	told := fmt.Sprintf("again after %d runs", n)
	return len(rec.Warnings) == 1 && (n == 1 || strings.Contains(rec.Warnings[0], told))
}

// TestPatience measures a case again for about a minute: here each run takes 25
// seconds.
func TestPatience(t *testing.T) {
	v := scenarios.Vocabulary{Executors: map[string]func(int) (executor.Executor, error){
		"lazy": func(int) (executor.Executor, error) { return executor.NewPool(1) },
	}}
	c := parsed(t, v, `name: naps
clock: real
workload: {task: loiter, keys: [5, 5, 5, 5, 5]}
executors: [{kind: lazy, workers: 5}]
expect: {efficiency: ">= 0.9"}
`).Cases()[0]
	synctest.Test(t, func(t *testing.T) {
		rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), c)
		if err != nil || len(rec.Violations) != 1 || !toldAgain(rec, 2) {
			t.Errorf("%v, violations %v, warnings %v, want the third run's violation", err,
				rec.Violations, rec.Warnings)
		}
	})
}

// TestWith overrides the clock and the seed, and says what that makes
// impossible to judge.
func TestWith(t *testing.T) {
	seed := uint64(4)
	s := parsed(t, scenarios.Vocabulary{}, ten, "uniform(1s, 2s)", "uniform(1ms, 2ms)",
		"order: submission",
		"outcomes: {ok: 10}",
		"{kind: sequential}", "{kind: sequential}").With(record.Real, &seed)
	rec, err := (&scenarios.Runner{}).Run(t.Context(), s.Cases()[1])
	if err != nil {
		t.Fatal(err)
	}
	warnings := strings.Join(rec.Warnings, "\n")
	for _, want := range []string{"expect.outcomes", "expect.schedule", "expect.max"} {
		if !strings.Contains(warnings, want) {
			t.Errorf("no warning of %s in:\n%s", want, warnings)
		}
	}
	if rec.Clock != record.Real || rec.Seed != 4 {
		t.Errorf("clock %s, seed %d", rec.Clock, rec.Seed)
	}
	for _, v := range rec.Violations {
		if v.Check != "speedup" { // of 2 ms tasks on a busy machine
			t.Errorf("violation %v", v)
		}
	}
}

// TestOwnTask has a client under test that takes every answer for a success,
// and one that gives up too early.
func TestOwnTask(t *testing.T) {
	gullible := func(ctx context.Context, server *servers.Server, key string, _ int) record.Seen {
		resp, err := server.Client().Get(server.URL() + servers.FlagPath(key))
		if err != nil {
			return record.Seen{Class: record.Failed, Error: err.Error()}
		}
		_ = resp.Body.Close()
		return record.Seen{Class: record.OK, Status: resp.StatusCode}
	}
	hasty := func(context.Context, *servers.Server, string, int) record.Seen {
		return record.Seen{Class: record.Timeout}
	}
	for name, request := range map[string]scenarios.RequestFunc{"gullible": gullible, "hasty": hasty} {
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(request)}}
		s := parsed(t, v, ten, "task: download", "task: fetch")
		rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(rec.Violations) == 0 || rec.Violations[0].Check != "classification" {
			t.Errorf("%s: %v", name, rec.Violations)
		}
	}
}

// TestTimeout has a client that gives up before some of the answers: the plan
// knows which.
func TestTimeout(t *testing.T) {
	got, recs := judged(t, &scenarios.Runner{}, parsed(t, scenarios.Vocabulary{}, ten, "limit: 10",
		"limit: 10, timeout: 1.5s"))
	if got != "sequential pool/2 pool/5" {
		t.Error(got)
	}
	for _, s := range recs[0].Samples {
		if late := s.PlannedLatency > 1500*time.Millisecond; late != (s.Class == record.Timeout) || late &&
			s.Latency() != 1500*time.Millisecond {
			t.Errorf("%s: planned %v, took %v: %s", s.Key, s.PlannedLatency, s.Latency(), s.Class)
		}
	}
	if recs[0].Classes[record.Timeout] == 0 {
		t.Error("no request timed out: nothing was tested")
	}
}

// TestBuiltIn runs what the chapter gives figures for.
func TestBuiltIn(t *testing.T) {
	load := func(name string) *scenarios.Scenario {
		text := contents(t, "../../"+name+".yaml")
		loaded, err := scenarios.Vocabulary{}.Load(fstest.MapFS{name + ".yaml": {Data: text}}, ".", "")
		if err != nil {
			t.Fatal(err)
		}
		return loaded[0]
	}
	_, recs := judged(t, &scenarios.Runner{}, load("loiter"))
	for i, want := range []time.Duration{0, 1, 2, 3, 5} { // on three workers, task 4 follows 1
		if s := recs[1].Samples[i]; s.Delivered != want*time.Second || s.Value != []string{
			"0", "10", "20",
			"30", "40",
		}[i] {
			t.Errorf("loiter %d gave %s at %v", i, s.Value, s.Delivered)
		}
	}
	_, recs = judged(t, &scenarios.Runner{}, load("every-delay"))
	ideal := float64(recs[0].IdealMakespan) / float64(recs[1].IdealMakespan)
	if d := recs[0].Makespan; d < 5*time.Minute || recs[1].Speedup < 0.99*ideal || recs[1].Speedup > 1.01*ideal {
		t.Errorf("sequential %v, speedup %.3f, ideal %.3f", d, recs[1].Speedup, ideal)
	}
	for _, rec := range recs {
		if d := (rec.Makespan - rec.IdealMakespan).Abs(); d > time.Millisecond {
			t.Errorf("%s: %v from the ideal", rec.Name(), d)
		}
	}
}

// TestWrongOutcomeIsNotNoise has a client that is wrong in its first run only:
// a timeout that is far away is no excuse for it.
func TestWrongOutcomeIsNotNoise(t *testing.T) {
	var requests atomic.Int32
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(
		func(ctx context.Context, server *servers.Server, key string, _ int) record.Seen {
			resp, err := server.Client().Get(server.URL() + servers.FlagPath(key))
			if err != nil {
				return record.Seen{Class: record.Failed, Error: err.Error()}
			}
			seen := record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode}
			if requests.Add(1) == 3 {
				seen.Class = record.Timeout
			}
			_ = resp.Body.Close()
			return seen
		})}}
	s := parsed(t, v, ten, "task: download", "task: fetch", "limit: 10", "limit: 10, timeout: 6.1s", "clock: virtual",
		"clock: real",
		"uniform(1s, 2s)", "2ms", "  schedule: {within: 0.000001ms}\n", "", "  max: \"<= 2.1s\"\n", "",
		"  speedup: {over: sequential, at_least: 1.5}\n", "", "workers: [2, 5]", "workers: 2")
	rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Violations) != 1 || rec.Violations[0].Check != "classification" || requests.Load() != 10 {
		t.Errorf("%v after %d requests, want one of classification after 10", rec.Violations, requests.Load())
	}
}

// TestNearTheTimeout has answers so near to the timeout that a client which
// takes a little longer meets the timeout first: no client is at fault.
func TestNearTheTimeout(t *testing.T) {
	runs := 0
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"slow": scenarios.RequestWorkload(
		func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
			if key == "BR" {
				runs++
			}
			seen := scenarios.Downloader{}.Download(ctx, server, key, attempt)
			seen.Class, seen.Status, seen.Bytes = record.Timeout, 0, 0
			return seen
		})}}
	s := parsed(t, v, `name: near
server: {latency: 95ms}
workload: {task: slow, flags: [BR, CN], timeout: 100ms}
executors: [{kind: pool, workers: 2}]
`)
	rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	// A machine that is late in one of the runs makes its client right.
	settled := len(rec.Inconclusive) == 0 || runs == 10
	if len(rec.Violations) > 0 || !settled || runs > 1 && !toldAgain(rec, runs-1) {
		t.Errorf("after %d runs: violations %v, inconclusive %v, warnings %v", runs, rec.Violations, rec.Inconclusive,
			rec.Warnings)
	}
}

// TestRunnerMeasuresAnew runs each case twice: a Runner keeps nothing of a
// recording that it has given away, and runs what a speedup is measured over
// once.
func TestRunnerMeasuresAnew(t *testing.T) {
	var runs []string
	r := &scenarios.Runner{Watch: func(c scenarios.Case, step harness.Step, s record.Sample) {
		if step == harness.Submitted && s.Seq == 0 {
			runs = append(runs, c.Executor())
		}
	}}
	cases := parsed(t, scenarios.Vocabulary{}, ten).Cases()
	for _, c := range []scenarios.Case{cases[1], cases[1], cases[0], cases[2]} {
		first, err := r.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if first.Speedup <= 1 && c.Kind != "sequential" {
			t.Errorf("%s: speedup %v", c.Executor(), first.Speedup)
		}
		first.Samples[0].Key, first.Violations, first.Warnings = "changed", nil, []string{"changed"}
	}
	second, err := r.Run(t.Context(), cases[1])
	if err != nil {
		t.Fatal(err)
	}
	if second.Samples[0].Key == "changed" || len(second.Warnings) != 0 || second.Violations == nil {
		t.Errorf("a second run returned the recording of the first: %+v", second)
	}
	if got, want := strings.Join(runs, " "), "sequential pool/2 pool/2 sequential pool/5 pool/2"; got != want {
		t.Errorf("ran %s, want %s", got, want)
	}
}

// TestSpeedupOverNoTime does not judge a speedup over a run that took no time,
// or that did not come to its end.
func TestSpeedupOverNoTime(t *testing.T) {
	for name, edit := range map[string][]string{
		"no time": {
			"latency: uniform(1s, 2s)", "latency: 0s",
			"  schedule: {within: 0.000001ms}\n", "",
		},
		"a deadlock": {"task: download", "task: hangs"},
	} {
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"hangs": scenarios.RequestWorkload(
			func(ctx context.Context, _ *servers.Server, _ string, _ int) record.Seen {
				<-ctx.Done()
				return record.Seen{Class: record.Lost}
			})}}
		got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, parsed(t, v, ten, edit...))
		if strings.Contains(got, "speedup") || len(recs[1].Warnings) != 1 || !strings.Contains(recs[1].Warnings[0],
			"expect.speedup not judged") {
			t.Errorf("%s: got %q, warnings %q", name, got, recs[1].Warnings)
		}
	}
}

// TestReproduce has cases that teapot itself cannot run, for it does not know
// their task, or there is no such file: the test that runs them reproduces
// them.
func TestReproduce(t *testing.T) {
	t.Chdir(t.TempDir())
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(plain)}}
	const (
		here   = "github.com/teapot-go/teapot/scenarios/internal/scenariostest"
		test   = "go test -count=1 -run '^TestReproduce$' " + here
		teapot = "go run github.com/teapot-go/teapot/cmd/teapot run x.yaml --only x/sequential --clock virtual --seed 0"
	)
	for _, tt := range []struct {
		task   string
		inFile bool
		want   string
	}{
		{"fetch", false, test},
		{"fetch", true, test},
		{"download", false, test},
		{"download", true, teapot},
	} {
		text := "name: x\nclock: virtual\nserver: {latency: 1ms}\nworkload: {task: " + tt.task +
			", flags: [BR]}\nexecutors: [{kind: sequential}]\nexpect: {p50: <= 1us}\n"
		if err := os.RemoveAll("x.yaml"); err != nil {
			t.Fatal(err)
		}
		if tt.inFile {
			if err := os.WriteFile("x.yaml", []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		run := func(t *testing.T) *record.Recording {
			s, mistakes := v.Parse("x.yaml", []byte(text))
			if mistakes != nil {
				t.Fatal(mistakes)
			}
			rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
			if err != nil || len(rec.Violations) != 1 || rec.Violations[0].Reproduce != rec.Reproduce {
				t.Fatalf("%s: %+v, %v", tt.task, rec, err)
			}
			return rec
		}
		if rec := run(t); rec.Reproduce != tt.want {
			t.Errorf("%s, in a file: %v: got %q, want %q", tt.task, tt.inFile, rec.Reproduce, tt.want)
		}
		t.Run("subtest", func(t *testing.T) {
			if rec := run(t); rec.Reproduce != tt.want {
				t.Errorf("%s, in a file: %v: got %q, want %q", tt.task, tt.inFile, rec.Reproduce, tt.want)
			}
		})
	}
}
