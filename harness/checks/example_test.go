package checks_test

import (
	"fmt"
	"time"

	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

func ExampleJudge() {
	recording := &record.Recording{
		Scenario: "crawl", Executor: "pool", Workers: 4, Clock: record.Virtual,
		Makespan: 2500 * time.Millisecond, IdealMakespan: 2 * time.Second,
	}
	found, _ := checks.Judge(recording, []checks.Expectation{
		{Check: checks.Efficiency(0.95), File: "crawl.yaml", Line: 12},
		{Check: checks.Leaks, File: "crawl.yaml", Line: 13},
	}, "teapot run crawl.yaml")
	for _, violation := range found {
		fmt.Println(violation)
		fmt.Println(violation.Reproduce)
	}
	// Output:
	// crawl.yaml:12: efficiency: got 0.8 (ideal makespan 2s, measured 2.5s), want >= 0.95
	// teapot run crawl.yaml
}
