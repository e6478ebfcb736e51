package record_test

import (
	"fmt"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// Four tasks on two workers: the third starts when the first ends, and its
// result waits for the second in order of submission.
func ExampleNewIdeal() {
	var plans []record.Planned
	for _, seconds := range []time.Duration{1, 3, 1, 1} {
		plans = append(plans, record.Planned{PlannedService: seconds * time.Second, PlannedClass: record.OK})
	}
	ideal := record.NewIdeal(plans, make([]time.Duration, len(plans)), 2, record.InOrder)
	for _, task := range ideal.Tasks {
		fmt.Println(task.Started, task.Finished, task.Delivered)
	}
	fmt.Println("makespan", ideal.Makespan)
	// Output:
	// 0s 1s 1s
	// 0s 3s 3s
	// 1s 2s 3s
	// 2s 3s 3s
	// makespan 3s
}
