package scenarios_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/scenarios"
)

// TestLateGenerator plants a generator that takes 15 ms for each task, of which
// one falls due every 10 ms, and executors and clients that are right and
// wrong. The virtual clock makes it exact.
func TestLateGenerator(t *testing.T) {
	const due = "keys: {count: 50, prefix: item-}, arrivals: {rate: 100/s, for: 1s}"
	slow := func(string, *executor.Future[harness.Ran]) { <-time.After(15 * time.Millisecond) }
	right := func(_ string, seen record.Seen) record.Seen { return seen }
	wrong := func(_ string, seen record.Seen) record.Seen {
		return record.Seen{Class: record.OK, Status: seen.Status, Bytes: seen.Bytes}
	}
	const world = "latency: 20ms, body: 2KB, faults: [{kind: status, status: 503, rate: 0.2}]"
	for _, tt := range []struct {
		name     string
		slow     bool
		says     func(string, record.Seen) record.Seen
		executor string
		expect   string
		want     string // the verdict
		findings string
	}{
		{"a right client", true, right, "{kind: async}", "", "invalid", "lateness owed"},
		{"a wrong client", true, wrong, "{kind: async}", "", "1 violation", "classification lateness owed"},
		{
			"an efficiency that is missed", true, right, "{kind: async}", "efficiency: '>= 0.99'", "invalid",
			"lateness owed efficiency",
		},
		{"a generator that is on time", false, right, "{kind: async}", "efficiency: '>= 0.99'", "ok", ""},
		{"an executor that holds it up", false, right, "{kind: sequential}", "efficiency: '>= 0.99'", "ok", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := "name: late\nseed: 5\nclock: virtual\nserver: {" + world + "}\nworkload: {task: fetch, " + due +
				"}\nexecutors: [" + tt.executor + "]\nexpect: {" + tt.expect + "}\n"
			v := item(tt.says)
			s, mistakes := v.Parse("late.yaml", []byte(text))
			if mistakes != nil {
				t.Fatal(mistakes)
			}
			runner := &scenarios.Runner{Vocabulary: v}
			if tt.slow {
				runner.Scheduled = slow
			}
			rec, err := runner.Run(t.Context(), s.Cases()[0])
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, f := range rec.Findings() {
				found = append(found, f.Check)
			}
			if got := summary.Verdict(rec); got != tt.want || strings.Join(found, " ") != tt.findings {
				t.Errorf("got %s with %v, want %s with %s", got, rec.Findings(), tt.want, tt.findings)
			}
			// task n is due at n times 10 ms, and handed over at n times 15
			if worst := rec.Lateness["max"]; tt.slow && worst != 99*5*time.Millisecond || !tt.slow && worst != 0 {
				t.Errorf("late by up to %v", worst)
			}
		})
	}
}

// TestStalledServer has ten requests that a server answers after a second while
// 1,000 tasks fall due each second, for whom ten workers have no room. The
// latency from due shows it, as the oracle has it; the service time, which is
// what a closed loop tells, does not.
func TestStalledServer(t *testing.T) {
	const world = "latency: 1ms, latencies: [{keys: ['item-100?'], latency: 1s}], body: 1KB"
	rec := runOpen(t, scenarios.Vocabulary{}, record.Virtual, world,
		"task: download, keys: {count: 3000, prefix: item-}, arrivals: {rate: 1000/s, for: 3s}",
		"{kind: pool, workers: 10}")
	if got := verdictOf(rec); got != "ok" {
		t.Fatalf("%s: %v", got, rec.Findings())
	}
	var ideal []time.Duration
	for _, s := range rec.Samples {
		ideal = append(ideal, s.IdealFinished-s.Due)
	}
	slices.Sort(ideal)
	want := ideal[len(ideal)*99/100-1]
	if got := rec.Response["p99"]; want < 800*time.Millisecond || (got-want).Abs() > want/50 {
		t.Errorf("p99 of the latency is %v, want the oracle's %v within 2%%", got, want)
	}
	if got := rec.Percentiles["p99"]; got > 2*time.Millisecond {
		t.Errorf("p99 of the service time is %v, want that of a server that never stands still", got)
	}
	var text bytes.Buffer
	if err := reports.Text([]*record.Recording{rec})(&text); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{"latency, from due", "service time", "lateness of teapot", "p99.9"} {
		if !strings.Contains(text.String(), row) {
			t.Errorf("no %q in\n%s", row, text.String())
		}
	}
}
