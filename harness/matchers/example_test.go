package matchers_test

import (
	"context"
	"fmt"

	. "github.com/onsi/gomega"

	. "github.com/teapot-go/teapot/harness/matchers"
	"github.com/teapot-go/teapot/scenarios"
)

// A recording of any run can be held to what a test expects of it.
func Example() {
	s, mistakes := scenarios.Vocabulary{}.Parse("crawl.yaml", []byte(`name: crawl
clock: virtual
server: {latency: 1s, faults: [{kind: reset, keys: [BR]}]}
workload: {task: download, flags: top20}
executors: [{kind: pool, workers: 10}]
`))
	if mistakes != nil {
		fmt.Println(mistakes)
		return
	}
	recording, err := new(scenarios.Runner).Run(context.Background(), s.Cases()[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	g := NewGomega(func(message string, _ ...int) { fmt.Println(message) })
	g.Expect(recording).To(SatisfyAll(HoldToThePlan(), BeDeliveredInOrder(), LeakNothing()))
	g.Expect(recording).To(HaveEfficiency(BeNumerically(">=", 0.95)))
	fmt.Println(recording.Outcomes["ok"], "of", len(recording.Samples))
	// Output: 19 of 20
}
