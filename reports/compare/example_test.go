package compare_test

import (
	"fmt"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/compare"
)

// Under the virtual clock every figure must be equal: one run of each side is
// enough.
func ExampleRecordings() {
	took := func(makespan time.Duration) []*record.Recording {
		return []*record.Recording{{
			Scenario: "crawl", Executor: "pool", Workers: 4, Clock: record.Virtual,
			Makespan: makespan, IdealMakespan: 2 * time.Second,
			Outcomes: map[record.Outcome]int{record.OutcomeOK: 8},
		}}
	}
	c := compare.Recordings(took(2*time.Second), took(3*time.Second), compare.Rule{})
	for _, k := range c.Cases {
		fmt.Println(k.Name(), k.Verdict)
	}
	fmt.Println("failed:", c.Failed())
	// Output:
	// crawl/pool/4 worse
	// failed: true
}
