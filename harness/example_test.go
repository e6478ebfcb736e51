package harness_test

import (
	"context"
	"fmt"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
)

// A workload of one's own: three tasks that sleep, on two workers, in simulated
// time.
func Example() {
	naps := map[string]time.Duration{"short": time.Second, "long": time.Hour, "middling": time.Minute}
	recording, err := harness.Run(context.Background(), harness.Trial{
		Scenario: "naps", Kind: "pool", Workers: 2,
		Clock: record.Virtual, Delivery: record.InOrder,
		Keys:     []string{"short", "long", "middling"},
		Executor: func() (executor.Executor, error) { return executor.NewPool(2) },
		Workload: func() (*harness.Workload, error) {
			return &harness.Workload{
				Oracle: oracle.Oracle{Plan: func(key string, _, _ int) record.Planned {
					return record.Planned{PlannedService: naps[key], PlannedClass: record.OK}
				}},
				Do: func(_ context.Context, key string, _ int) record.Seen {
					time.Sleep(naps[key]) // virtual time
					return record.Seen{Class: record.OK}
				},
			}, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range recording.Samples {
		fmt.Printf("%-8s worker %d, %v to %v\n", s.Key, s.Worker, s.Started, s.Finished)
	}
	fmt.Println("makespan", recording.Makespan, "ideal", recording.IdealMakespan)
	violations, _ := checks.Judge(recording, []checks.Expectation{
		{Check: checks.Exact}, {Check: checks.Leaks}, {Check: checks.Speedup("sequential", 2)},
	}, "go test")
	for _, v := range violations {
		fmt.Println(v.Check, "got", v.Got, "want", v.Want)
	}
	// Output:
	// short    worker 0, 0s to 1s
	// long     worker 1, 0s to 1h0m0s
	// middling worker 0, 1s to 1m1s
	// makespan 1h0m0s ideal 1h0m0s
	// speedup got 0 over sequential want >= 2
}
