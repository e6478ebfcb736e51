package oracle_test

import (
	"fmt"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/servers"
)

// A correct client reports a truncated response as such, unless its own timeout
// ends the wait first.
func ExampleTruth() {
	fate := servers.Fate{Latency: 2 * time.Second, Fault: "truncate", Status: 200}
	for _, timeout := range []time.Duration{0, time.Second} {
		planned := oracle.Truth(fate, timeout)
		fmt.Println(planned.PlannedClass, "after", planned.PlannedService)
	}
	// Output:
	// truncated after 2s
	// timeout after 1s
}
