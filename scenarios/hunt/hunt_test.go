package hunt_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/hunt"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
)

// named returns a client of the gallery.
func named(t *testing.T, name string) client {
	t.Helper()
	i := slices.IndexFunc(clients, func(c client) bool { return c.name == name })
	if i < 0 {
		t.Fatalf("no client %s", name)
	}
	return clients[i]
}

const truncating = "takes a truncated body for a success"

// patient is a correct client of the workload of another.
func patient(workload, faults string) client {
	return client{name: "correct", faults: faults, workload: workload, open: just(correct)}
}

func run(t *testing.T, h hunt.Hunt, c scenarios.Case) *hunt.Result {
	t.Helper()
	found, err := h.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestCorrect wants no failure of clients that do as their workload says, and
// each planned fault to be met.
func TestCorrect(t *testing.T) {
	const all = "[{kind: truncate, rate: 0.1}, {kind: reset_body, rate: 0.1}, {kind: redirect_loop, rate: 0.05}, " +
		"{kind: status, status: 503, rate: 0.1}]"
	for _, c := range []client{
		patient("", all),
		patient("attempts: 3", all),
		patient("timeout: 5s, retry: {attempts: 3, wait: 10ms}",
			"[{kind: hang, rate: 0.05}, {kind: status, status: 429, retry_after: 2s, rate: 0.1}]"),
	} {
		k, h := hunted(t, c)
		h.Seeds, h.KeepGoing = 60, true
		found := run(t, h, k)
		if len(found.Failures) > 0 || found.Tried != 60 || found.Unknown > 0 || len(found.Coverage.Never) > 0 {
			t.Errorf("%s: %d worlds, %d unknown (%s), never met %q, failures %v", c.workload, found.Tried,
				found.Unknown, found.Why, found.Coverage.Never, found.Failures)
		}
	}
}

// TestJobs wants the same result from any number of jobs.
func TestJobs(t *testing.T) {
	for _, keepGoing := range []bool{false, true} {
		var want string
		for _, jobs := range []int{1, 2, 7} {
			c, h := hunted(t, named(t, truncating))
			h.Jobs, h.Seeds, h.KeepGoing = jobs, 20, keepGoing
			found := run(t, h, c)
			found.Took = 0
			text, err := json.MarshalIndent(found, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			if want == "" {
				want = string(text)
			}
			if string(text) != want || len(found.Failures) == 0 {
				t.Errorf("%d jobs, keep going %v: got\n%s\nwant as from one job\n%s", jobs, keepGoing, text, want)
			}
		}
	}
}

// TestShortTime wants a world of a hunt whose time is over when it begins: none
// would say nothing.
func TestShortTime(t *testing.T) {
	for _, jobs := range []int{1, 3} {
		c, h := hunted(t, patient("", "[{kind: truncate, rate: 0.1}]"))
		h.For, h.Jobs = 1, jobs
		if found := run(t, h, c); found.Tried != 1 || found.Interrupted || found.Sample == nil {
			t.Errorf("%d jobs: %+v", jobs, found)
		}
	}
}

// TestSmallest wants a world that was made small to fail in each of 20 runs of
// its file.
func TestSmallest(t *testing.T) {
	for _, name := range []string{truncating, "swaps two results", "retries a POST"} {
		c, h := hunted(t, named(t, name))
		h.Corpus = t.TempDir()
		found := run(t, h, c)
		if len(found.Failures) != 1 || found.Failures[0].File == "" {
			t.Fatalf("%s: no small world in %+v", name, found)
		}
		f, r := found.Failures[0], h.Runner()
		text, err := os.ReadFile(f.File)
		if err != nil {
			t.Fatal(err)
		}
		s, mistakes := r.Vocabulary.Parse(f.File, text)
		if mistakes != nil {
			t.Fatalf("%v\n%s", mistakes, text)
		}
		for i := range 20 {
			rec, err := r.Run(t.Context(), s.Cases()[0])
			if err != nil {
				t.Fatal(err)
			}
			is := func(v record.Violation) bool { return v.Check == f.Check }
			if !slices.ContainsFunc(rec.Violations, is) {
				t.Fatalf("%s: run %d: %v, want a finding of %s\n%s", name, i, rec.Findings(), f.Check, text)
			}
		}
	}
}

// TestSimpler wants what a failure does not need to be left out: TLS, HTTP/2,
// workers, latencies, and faults that do not matter.
func TestSimpler(t *testing.T) {
	for server, faults := range map[string]string{
		"protocol: https": "[{kind: truncate, rate: 0.05}, {kind: status, status: 503, rate: 0.1}]",
		"protocol: h2":    "[{kind: redirect_loop, rate: 0.05}, {kind: status, status: 503, rate: 0.1}]",
		"protocol: h2c":   "[{kind: redirect_loop, rate: 0.05}, {kind: wrong_type, rate: 0.1}]",
	} {
		bad := named(t, truncating)
		if bad.server, bad.faults = server, faults; strings.Contains(faults, "redirect") {
			bad.open = named(t, "takes a redirect for a success").open
		}
		c, h := hunted(t, bad)
		found := run(t, h, c)
		if len(found.Failures) != 1 || !found.Failures[0].Repeats() {
			t.Fatalf("%s: %+v", server, found.Failures)
		}
		text := found.Failures[0].Text
		for _, left := range []string{"protocol", "latency", "seed", "rate", "503", "wrong_type"} {
			if strings.Contains(text, left) {
				t.Errorf("%s: %s is left:\n%s", server, left, text)
			}
		}
		if !strings.Contains(text, "workers: 1}") || strings.Count(text, "kind:") != 2 {
			t.Errorf("%s: want one worker and one fault:\n%s", server, text)
		}
	}
}

// TestCorpus wants worlds that failed before to be tried first, as long as they
// fail, and those that fail no more to be reported.
func TestCorpus(t *testing.T) {
	bad := named(t, truncating)
	c, h := hunted(t, bad)
	h.Corpus = t.TempDir()
	first := run(t, h, c)
	if first.Tried == 0 || len(first.Failures) != 1 {
		t.Fatalf("%+v", first)
	}
	file := first.Failures[0].File
	if again := run(t, h, c); again.Tried != 0 || len(again.Failures) != 1 || !again.Failures[0].Old ||
		again.Failures[0].File != file {
		t.Errorf("a second hunt: %d worlds, %+v, want %s alone", again.Tried, again.Failures, file)
	}
	bad.open = just(correct)
	c, mended := hunted(t, bad)
	mended.Corpus, mended.Seeds = h.Corpus, 3
	if found := run(t, mended, c); len(found.Failures) > 0 || !slices.Equal(found.Fixed, []string{file}) ||
		found.Tried != 3 {
		t.Errorf("a mended client: %d worlds, fixed %q, %+v", found.Tried, found.Fixed, found.Failures)
	}
	if err := os.WriteFile(filepath.Join(h.Corpus, "gallery", "wrong.yaml"), []byte("nam: x\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := mended.Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), "wrong.yaml:1:1") {
		t.Errorf("a mistake in the corpus: %v", err)
	}
}

// TestUnrepeated wants a failure that is not there in every run to be reported
// with its counts, and not made smaller.
func TestUnrepeated(t *testing.T) {
	var calls atomic.Int64
	c, h := hunted(t, client{
		name: "unsteady", faults: "[{kind: status, status: 503, rate: 0.1}]",
		open: just(func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
			seen := once(ctx, s, key, n).seen
			if calls.Add(1) == 30 {
				return record.Seen{Class: record.Truncated}
			}
			return seen
		}),
	})
	h.Corpus = t.TempDir()
	found := run(t, h, c)
	if len(found.Failures) != 1 || found.Failures[0].Repeats() || found.Failures[0].Again != 0 ||
		found.Failures[0].File != "" || found.Failures[0].Tries != 0 {
		t.Fatalf("%+v", found.Failures)
	}
	if entries, _ := os.ReadDir(h.Corpus); len(entries) > 0 {
		t.Errorf("the corpus has %v", entries)
	}
}

// TestProperty wants what a property finds to be a failure like any other.
func TestProperty(t *testing.T) {
	c, h := hunted(t, patient("attempts: 3", "[{kind: reset_head, rate: 0.1}, {kind: status, status: 503, rate: 0.1}]"))
	h.Property = func(rec *record.Recording) []record.Violation {
		for _, s := range rec.Samples {
			if s.Attempt > 1 && s.Class == record.OK {
				return []record.Violation{{Check: "patience", Got: s.Key + " after 2 attempts", Want: "one"}}
			}
		}
		return nil
	}
	found := run(t, h, c)
	if len(found.Failures) != 1 || found.Failures[0].Kind != "patience: KEY after N attempts" ||
		strings.Count(found.Failures[0].Text, "kind:") != 2 { // a fault and an executor
		t.Errorf("%+v", found.Failures)
	}
}

// TestCoverage wants a fault that no request meets to be told.
func TestCoverage(t *testing.T) {
	c, h := hunted(t, patient("", "[{kind: truncate, rate: 1e-9}, {kind: status, status: 503, rate: 1}]"))
	h.Seeds = 2
	found := run(t, h, c)
	want := hunt.Met{Fault: "status", Attempt: 1, Worlds: 2}
	if !slices.Contains(found.Coverage.Met, want) || !reflect.DeepEqual(found.Coverage.Never, []string{"1 truncate"}) ||
		found.Coverage.Nothing() {
		t.Errorf("%+v", found.Coverage)
	}
	c, h = hunted(t, patient("", "[{kind: truncate, rate: 1e-9}]"))
	h.Seeds = 2
	if found := run(t, h, c); !found.Coverage.Nothing() {
		t.Errorf("no fault was met: %+v", found.Coverage)
	}
}

// TestInterrupted wants a hunt that is stopped to keep what it has found.
func TestInterrupted(t *testing.T) {
	c, h := hunted(t, named(t, truncating))
	ctx, stop := context.WithCancel(t.Context())
	h.KeepGoing, h.Corpus = true, t.TempDir()
	failed := false
	h.Tried = func(world int, rec *record.Recording) {
		if failed = failed || len(rec.Violations) > 0; failed {
			stop()
		}
	}
	found, err := h.Run(ctx, c)
	if err != nil || !found.Interrupted || len(found.Failures) != 1 || found.Failures[0].Seed != 2 {
		t.Fatalf("%v, %+v", err, found)
	}
	kept := found.Failures[0].File
	if text, err := os.ReadFile(kept); err != nil || string(text) != found.Failures[0].Text {
		t.Errorf("got %q, want the world as it was found: %v\n%s", kept, err, text)
	}
	h.Tried, h.KeepGoing = nil, false
	if again := run(t, h, c); again.Tried > 0 || len(again.Failures) != 1 || again.Failures[0].File != kept {
		t.Errorf("the next hunt has %+v, want %s first", again, kept)
	}
}

// TestUnkept wants what a hunt has found beside the error of a corpus that
// takes no file: a folder is missing there, and cannot be made.
func TestUnkept(t *testing.T) {
	c, h := hunted(t, named(t, truncating))
	h.Corpus = filepath.Join(t.TempDir(), "corpus")
	if err := os.Symlink("missing/corpus", h.Corpus); err != nil {
		t.Skip(err)
	}
	found, err := h.Run(t.Context(), c)
	if err == nil || len(found.Failures) != 1 {
		t.Fatalf("%v, %+v, want an error and a failure", err, found)
	}
	if f := found.Failures[0]; f.File != "" || !strings.Contains(f.Text, "at: {key: ") || f.Story.This == "" {
		t.Errorf("got %+v, want its text and story, and no file", f)
	}
}

// TestRefused wants a case that needs the real clock to be refused.
func TestRefused(t *testing.T) {
	v := scenarios.Vocabulary{}
	const text = "name: p\nworkload: {task: prime, keys: [7]}\nexecutors: [{kind: sequential}]\n"
	s, mistakes := v.Parse("p.yaml", []byte(text))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	h := hunt.Hunt{Runner: func() *scenarios.Runner { return new(scenarios.Runner) }}
	if _, err := h.Run(t.Context(), s.Cases()[0]); err == nil || !strings.Contains(err.Error(), "virtual clock") {
		t.Errorf("got %v", err)
	}
}

// TestVary wants worlds within the ranges of the file, and each two faults to
// meet in some world.
func TestVary(t *testing.T) {
	const text = `name: varied
clock: virtual
server:
  faults:
    - {kind: truncate, rate: 0.01}
    - {kind: status, status: 503, rate: 0.01}
    - {kind: reset_head, rate: 0.01}
    - {kind: garbage, keys: [BR]}
workload: {task: download, flags: top20, timeout: 5s, attempts: 2}
executors: [{kind: sequential}, {kind: pool, workers: 10}]
hunt: {seeds: 30}
vary: {workers: [2, 4], keys: [6, 9], latency: [10ms, 30ms], rate: [0.001, 1], timeout: [40ms, 50ms]}
expect: {p99: "<= 1h", errors: "<= 4", speedup: {over: sequential, at_least: 1.1}}
`
	s, mistakes := scenarios.Vocabulary{}.Parse("varied.yaml", []byte(text))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	together, workers := map[string]bool{}, map[int]bool{}
	h := hunt.Hunt{
		Runner: func() *scenarios.Runner { return new(scenarios.Runner) },
		Tried: func(_ int, rec *record.Recording) {
			if n := len(rec.Samples); n < 6 || n > 9 {
				t.Errorf("%d keys", n)
			}
			if rec.Timeout.Milliseconds() < 40 || rec.Timeout.Milliseconds() > 50 {
				t.Errorf("timeout %v", rec.Timeout)
			}
			if workers[rec.Workers] = true; rec.Workers < 2 || rec.Workers > 4 {
				t.Errorf("%d workers", rec.Workers)
			}
			kinds := map[string]bool{}
			for _, requests := range rec.Struck {
				for _, r := range requests {
					kinds[r.Did] = true
				}
			}
			for a := range kinds {
				for b := range kinds {
					together[a+" "+b] = true
				}
			}
		},
	}
	found := run(t, h, s.Cases()[1])
	if found.Tried != 30 || len(found.Failures) > 0 || found.Unknown > 0 {
		t.Fatalf("%+v", found)
	}
	for _, pair := range []string{"truncate status", "status reset_head", "truncate reset_head"} {
		if !together[pair] {
			t.Errorf("%s: no world has both", pair)
		}
	}
	if len(workers) != 3 {
		t.Errorf("workers %v", workers)
	}
}

// TestVaryArrivals wants rates of arrivals within the range of the file, and a
// world also where no task falls due at the rate that is drawn.
func TestVaryArrivals(t *testing.T) {
	for arrivals, count := range map[string]struct{ rates, least, most int }{
		"{rate: 7/s, for: 2s}":                                   {20, 20, 80},
		"{poisson: 7/s, for: 2s}":                                {10, 1, 120},
		"{ramp: [0/s, 9/s], for: 2s}":                            {20, 20, 80},
		"[{ramp: [0/s, 9/s], poisson: true, for: 2s}]":           {10, 1, 120},
		"[{rate: 7/s, for: 1s}, {burst: 5, every: 1s, for: 1s}]": {10, 15, 45},
	} {
		text := "name: arrivals\nclock: virtual\nserver: {body: 1KB}\nworkload: {task: download, keys: {count: 9, " +
			"prefix: k}, arrivals: " + arrivals + "}\nexecutors: [{kind: async}]\nhunt: {seeds: 40}\n" +
			"vary: {arrivals: [10/s, 40/s]}\n"
		s, mistakes := scenarios.Vocabulary{}.Parse("arrivals.yaml", []byte(text))
		if mistakes != nil {
			t.Fatal(mistakes)
		}
		tasks := map[int]bool{}
		h := hunt.Hunt{
			Runner: func() *scenarios.Runner { return new(scenarios.Runner) },
			Tried: func(_ int, rec *record.Recording) {
				n := len(rec.Samples)
				if tasks[n] = true; n < count.least || n > count.most {
					t.Errorf("%s: %d tasks, want %d to %d", arrivals, n, count.least, count.most)
				}
			},
		}
		if found := run(t, h, s.Cases()[0]); found.Tried != 40 || len(found.Failures) > 0 || len(tasks) < count.rates {
			t.Errorf("%s: %d numbers of tasks in %+v", arrivals, len(tasks), found)
		}
	}
	const rare = "name: rare\nclock: virtual\nserver: {body: 1KB}\nworkload: {task: download, keys: [k], arrivals: " +
		"{poisson: 5/s, for: 1s}}\nexecutors: [{kind: async}]\nvary: {arrivals: [1/h, 5/s]}\nhunt: {seeds: 20}\n"
	s, mistakes := scenarios.Vocabulary{}.Parse("rare.yaml", []byte(rare))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	h := hunt.Hunt{Runner: func() *scenarios.Runner { return new(scenarios.Runner) }}
	if found := run(t, h, s.Cases()[0]); found.Tried != 20 || len(found.Failures) > 0 {
		t.Errorf("%+v", found)
	}
}

// TestContract wants the smallest world to say which client is correct as the
// scenario does.
func TestContract(t *testing.T) {
	bad := named(t, truncating)
	bad.workload, bad.expect = "timeout: 7s, attempts: 2, unasked: cache",
		"classification: plain, success: [409], order: any, errors: '<= 20'"
	c, h := hunted(t, bad)
	found := run(t, h, c)
	if len(found.Failures) != 1 {
		t.Fatalf("%+v", found)
	}
	tree, err := strict.ParseNode([]byte(found.Failures[0].Text))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"workload.timeout 7s", "workload.attempts 2", "expect.classification plain", "expect.success.0 409",
		"expect.leaks none", "expect.order any", "workload.unasked cache", "expect.errors ", "server.latency ",
	} {
		at, want, _ := strings.Cut(path, " ")
		if got := tree.At(strings.Split(at, ".")...).Text(); got != want {
			t.Errorf("%s is %q, want %q:\n%s", at, got, want, found.Failures[0].Text)
		}
	}
}
