package scenarios_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// TestInterleave wants correct clients to be right in any order of what happens
// at one instant, and equal recordings of equal orders.
func TestInterleave(t *testing.T) {
	const faults = "{faults: [{kind: status, status: 503, rate: 0.2}, {kind: redirect_loop, rate: 0.2}]%s}"
	const task = "{task: download, flags: top20, attempts: 3}"
	for name, parts := range map[string][2]string{
		"http":      {"", task},
		"https":     {", protocol: https", task},
		"h2c":       {", protocol: h2c", task},
		"h2":        {", protocol: h2", task},
		"handler":   {", transport: handler", task},
		"latency":   {", latency: 10ms", task},
		"capacity":  {", capacity: {concurrent: 2}", task},
		"slow body": {", latency: 10ms, spend: over_body", task},
		"arrivals": {
			", body: 4KB", "{task: download, keys: {count: 20, prefix: k}, arrivals: {burst: 5, every: 1s, for: 4s}}",
		},
		"users": {
			", body: 4KB", "{task: download, keys: {count: 20, prefix: k}, users: 3, think: 1ms, iterations: 5}",
		},
		"completed": {"", "{task: download, flags: top20, deliver: as_completed}"},
	} {
		for seed, way := range []string{"random", "priorities(3)", "mixed"} {
			text := fmt.Sprintf("name: i\nseed: %d\nclock: virtual\ninterleave: %s\nserver: %s\nworkload: %s\n"+
				"executors: [{kind: pool, workers: 4}, {kind: async}, {kind: sequential}]\nexpect: {leaks: none}\n",
				seed, way, fmt.Sprintf(faults, parts[0]), parts[1])
			s, mistakes := scenarios.Vocabulary{}.Parse("i.yaml", []byte(text))
			if mistakes != nil {
				t.Fatalf("%s: %v", name, mistakes)
			}
			for _, c := range s.Cases() {
				first := interleaved(t, c)
				if again := interleaved(t, c); again != first {
					t.Errorf("%s, %s, seed %d, %s: got\n%s\nand\n%s", name, way, seed, c.Executor(), first, again)
				}
			}
		}
	}
}

// interleaved runs a case, which must be right, and returns its samples.
func interleaved(t *testing.T, c scenarios.Case) string {
	t.Helper()
	rec, err := new(scenarios.Runner).Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if found := rec.Findings(); len(found) > 0 {
		t.Errorf("%s: got %v\n%s", c.Name(), found, c.Scenario.Text())
	}
	slices.SortFunc(rec.Samples, func(a, b record.Sample) int { return a.Seq - b.Seq })
	text, err := json.MarshalIndent(rec.Samples, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestInterleaveReal wants a scenario with an order to run under the real
// clock, which has none, with a warning.
func TestInterleaveReal(t *testing.T) {
	s, mistakes := scenarios.Vocabulary{}.Parse("i.yaml", []byte("name: i\nclock: virtual\ninterleave: random\n"+
		"server: {}\nworkload: {task: download, flags: [BR]}\nexecutors: [{kind: sequential}]\n"))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	rec, err := new(scenarios.Runner).Run(t.Context(), s.With(record.Real, nil).Cases()[0])
	if err != nil || len(rec.Violations) > 0 {
		t.Fatalf("%v, %v", err, rec.Violations)
	}
	if !slices.ContainsFunc(s.With(record.Real, nil).Warnings(), func(w string) bool {
		return strings.HasPrefix(w, "interleave ")
	}) {
		t.Errorf("got the warnings %q", s.With(record.Real, nil).Warnings())
	}
}
