package formats_test

import (
	"os"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/formats"
)

func ExampleMarkdown() {
	recordings := []*record.Recording{{
		Scenario: "crawl", About: "eight pages on four workers", File: "crawl.yaml",
		Executor: "pool", Workers: 4, Clock: record.Virtual,
		Makespan: 2 * time.Second, IdealMakespan: 2 * time.Second,
		Outcomes:    map[record.Outcome]int{record.OutcomeOK: 8},
		Classes:     map[record.Class]int{record.OK: 8},
		Percentiles: map[string]time.Duration{"p50": time.Second, "p95": time.Second, "p99": time.Second},
	}}
	formats.Markdown(reports.Host{}, recordings)(os.Stdout)
	// Output:
	// ### ✅ teapot: 1 run, 0 violations
	//
	// | scenario | executor | ok | error | makespan | ideal | efficiency | p50 | p95 | p99 | verdict |
	// |---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|
	// | crawl | pool/4 | 8 | 0 | 2s | 2s | 100.0% | 1s | 1s | 1s | ok |
}
