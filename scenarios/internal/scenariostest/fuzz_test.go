package scenarios_test

import (
	"context"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/lean"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/flags"
)

// The bounds of the language, as its messages and its schema have them.
const (
	maxCount    = 1_000_000
	maxAttempts = 100
)

var validName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// registered is a vocabulary with an executor, a task and a batch of one's own.
var registered = scenarios.Vocabulary{
	Executors: map[string]func(int) (executor.Executor, error){"mine": executor.NewPool},
	Cluster:   cluster.Open,
	Drivers:   drivers(lean.Open).Drivers,
	Tasks:     map[string]scenarios.WorkloadFunc{"crawl": scenarios.RequestWorkload(scenarios.Downloader{}.Download)},
	Batches: map[string]func(int) (harness.Batch, error){"mine": func(workers int) (harness.Batch, error) {
		return func(ctx context.Context, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			return pipeline(download, inOrder)(ctx, workers, s, keys, emit)
		}, nil
	}},
}

// FuzzParse holds Parse to what is true of every file: it returns a scenario
// that can be run, or mistakes at places that exist.
func FuzzParse(f *testing.F) {
	for _, dir := range []string{"../..", "../../testdata/good", "../../testdata/bad"} {
		for _, file := range filesIn(f, dir) {
			f.Add(contents(f, file))
		}
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		s, mistakes := registered.Parse("fuzz.yaml", source)
		if (s == nil) != (len(mistakes) > 0) {
			t.Fatalf("scenario %v and %d mistakes", s, len(mistakes))
		}
		checkMistakes(t, source, mistakes)
		if s != nil {
			checkScenario(t, s, source)
		}
	})
}

// FuzzFaults holds what the language accepts of a server to what a server
// accepts, and to plans that can be asked anything.
func FuzzFaults(f *testing.F) {
	for _, server := range []string{
		"latency: lognormal(80ms, 2s)\n  spend: over_body\n  pieces: 4\n  bandwidth: 64KB/s",
		"faults: [{kind: status, status: 503, reason: Tea, body: tea, retry_after: 2s, attempts: 2}, " +
			"{kind: hang, rate: 0.5}]",
		"faults: [{kind: redirect, hops: 5, keys: [B*, \"[AB]?\"]}, " +
			"{kind: huge_head, size: 20MB, every: 3, rate: 0.5}]",
		"faults: [{kind: slow_close, delay: 3s, from: 1s, until: 2s}, {kind: reset_body, until: 1m}]",
		"faults: [{kind: status, status: 400, retry_after: 1.5s, rate: 1}]", "latency: list(1s, 2s)",
		"faults: [{kind: refuse, keys: []}]", "key: header(X)",
		"content: {routes: [{path: \"/{id}\", json: {a: [1]}}]}",
	} {
		f.Add(server)
	}
	f.Fuzz(func(t *testing.T, server string) {
		source := "name: x\nserver:\n  " + server +
			"\nworkload: {task: download, flags: top20, timeout: 1s}\nexecutors: [{kind: async}]\n"
		s, mistakes := scenarios.Vocabulary{}.Parse("fuzz.yaml", []byte(source))
		checkMistakes(t, []byte(source), mistakes)
		if s == nil || s.Server == nil {
			return
		}
		config, _, err := scenarios.Vocabulary{}.ServerConfig(s)
		if err != nil {
			t.Fatal(err)
		}
		p := config.Plan
		if err := p.Check(); err != nil {
			t.Fatalf("the language accepts what a server does not: %v\n%s", err, source)
		}
		for i, key := range append(flags.Top20(), "", "ZZ", "/") {
			now := time.Duration(i) * time.Second
			fate := p.FateOf(fault.Request{Key: key, Attempt: i + 1, Since: now})
			if again := p.FateOf(fault.Request{Key: key, Attempt: i + 1, Since: now}); fate != again {
				t.Errorf("%s meets %+v, and then %+v", key, fate, again)
			}
			if fate.Latency < 0 || fate.Latency >= 24*time.Hour+time.Microsecond || fate.Rule > len(p.Faults) ||
				(fate.Rule == 0) != (fate.Fault == servers.None) {
				t.Errorf("%s meets %+v", key, fate)
			}
		}
	})
}

// checkScenario holds a scenario to what is true of all that are read without a
// mistake.
func checkScenario(t *testing.T, s *scenarios.Scenario, source []byte) {
	t.Helper()
	cases := s.Cases()
	if len(cases) == 0 || cases[0].Tasks() == 0 {
		t.Error("no cases, or no keys")
	}
	var names []string
	for _, c := range cases {
		names = append(names, c.Name())
		if c.Workers < 0 || c.Workers > maxCount {
			t.Errorf("%s: %d workers", c.Name(), c.Workers)
		}
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(cases) {
		t.Errorf("two cases of one name: %q", names)
	}
	d := document(source)
	for _, path := range paths(d, s) {
		if line, column := d.Position(path); !inside(source, line, column) {
			t.Errorf("%s: %d:%d is not in the file", path, line, column)
		}
	}
	if s.Clock == "" || s.Workload.Deliver == "" || !validName.MatchString(s.Name) {
		t.Errorf("clock %q, deliver %q, name %q", s.Clock, s.Workload.Deliver, s.Name)
	}
	if s.Expect.Order == "completion" && s.Workload.Deliver == "map" || s.Expect.Efficiency.Least > 1 {
		t.Errorf("cannot be met: order %s of a map, or efficiency %v", s.Expect.Order, s.Expect.Efficiency)
	}
	if s.Expect.Speedup != nil {
		over := s.Expect.Speedup.Over
		exact := func(c scenarios.Case) bool { return c.Executor() == over }
		others := slices.DeleteFunc(slices.Clone(cases), func(c scenarios.Case) bool { return c.Kind == over })
		if !slices.ContainsFunc(cases, exact) && len(cases)-len(others) != 1 {
			t.Errorf("a speedup over %q, which is %d cases of %q", over, len(cases)-len(others), names)
		}
	}
}
