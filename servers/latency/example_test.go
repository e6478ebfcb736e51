package latency_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/teapot-go/teapot/servers/latency"
)

// Equal sources draw equal latencies on every platform.
func ExampleParse() {
	waits, err := latency.Parse("uniform(500ms, 5s)")
	if err != nil {
		fmt.Println(err)
		return
	}
	src := rand.NewPCG(418, 0)
	fmt.Println(waits, waits.Draw(src), waits.Draw(src))
	// Output:
	// uniform(500ms, 5s) 3.475550107s 1.405731121s
}
