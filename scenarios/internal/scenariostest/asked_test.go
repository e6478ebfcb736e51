package scenarios_test

import (
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// Every run says by what it was judged: each expectation that its file has, and
// those that every run is held to. None is without words, and each that was
// missed has a finding.
func TestAsked(t *testing.T) {
	loaded, err := scenarios.Vocabulary{}.Load(os.DirFS("../.."), ".", "scenarios")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range loaded {
		s = s.With(record.Virtual, nil)
		if string(s.Clock) != string(record.Virtual) {
			continue
		}
		rec, err := new(scenarios.Runner).Run(t.Context(), s.Cases()[len(s.Cases())-1])
		if err != nil {
			t.Fatal(err)
		}
		for _, always := range []string{"deadlock", "runs", "shutdown"} {
			if !slices.ContainsFunc(rec.Checked, func(c record.Checked) bool { return c.Check == always }) {
				t.Errorf("%s: %s is not among what was checked", rec.Case(), always)
			}
		}
		for _, c := range rec.Checked {
			seen[c.Check] = true
			if c.Verdict != "met" || c.Got == "" || c.Want == "" || c.Line == 0 {
				t.Errorf("%s: %+v", rec.Case(), c)
			}
		}
	}
	rec := ran(t, scenarios.Vocabulary{}, `name: asked
clock: virtual
server: {latency: 100ms, faults: [{kind: status, status: 503, keys: [BR]}]}
workload: {task: download, flags: [BR, CN, IN], attempts: 1}
executors: [{kind: pool, workers: 3}]
expect:
  outcomes: {ok: 2, error: 1}
  throughput: ">= 10/s"
  in_flight: "<= 4"
  p99: "<= 200ms"
  latency: {mean: ">= 50ms, <= 200ms"}
`)
	want := map[string]string{
		"outcomes":   "2 ok, 0 not found, 1 error",
		"throughput": "20/s, planned 20/s, a margin of 100 %",
		"in_flight":  "3, planned 3, a margin of 25 %",
		"p99":        "100ms, planned 100ms, a margin of 50 %",
		"latency":    "mean 100ms, planned 100ms, a margin of 50 %",
	}
	for _, c := range rec.Checked {
		seen[c.Check] = true
		if w, ok := want[c.Check]; ok && c.Got != w {
			t.Errorf("%s: got %q, want %q", c.Check, c.Got, w)
		}
		delete(want, c.Check)
	}
	if len(want) > 0 {
		t.Errorf("nothing of %v, among %q", want, slices.Sorted(maps.Keys(seen)))
	}
}
