package scenarios_test

import (
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// TestLongWorkload has a run of more arrivals than can be listed. It counts all
// of them, keeps some samples, and is judged by all.
func TestLongWorkload(t *testing.T) {
	s, mistakes := scenarios.Vocabulary{}.Parse("long.yaml", []byte(`
name: long
clock: virtual
workload: {task: loiter, keys: [0.001, 0.002, 0.003], arrivals: {rate: 50000/s, for: 21s}, deliver: as_completed}
executors: [{kind: async}]
expect: {latency: {max: "<= 3ms"}, in_flight: "<= 150", throughput: ">= 49000/s"}
`))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	const n, limit = 21 * 50_000, 1000
	if c := s.Cases()[0]; c.Tasks() != n || n <= arrivals.Limit {
		t.Fatalf("%d tasks, want %d", c.Tasks(), n)
	}
	if first := s.Keys(); len(first) >= n || strings.Join(first[:4], " ") != "0.001 0.002 0.003 0.001" {
		t.Errorf("the first keys are %d: %q", len(first), first[:4])
	}
	rec, err := (&scenarios.Runner{Samples: limit}).Run(t.Context(), s.Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Validate(); err != nil {
		t.Error(err)
	}
	if rec.Tasks() != n || rec.Classes[record.OK] != n || len(rec.Samples) > limit || len(rec.Findings()) > 0 {
		t.Errorf("%d tasks, %v, %d samples: %v", rec.Tasks(), rec.Classes, len(rec.Samples), rec.Findings())
	}
	if len(rec.Checked) == 0 {
		t.Error("nothing was checked")
	}
	for _, sample := range rec.Samples {
		if want := []string{"0.001", "0.002", "0.003"}[sample.Seq%3]; sample.Key != want {
			t.Errorf("task %d: %s, want %s", sample.Seq, sample.Key, want)
		}
	}
}
