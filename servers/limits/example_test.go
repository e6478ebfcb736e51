package limits_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/teapot-go/teapot/servers/limits"
)

// A gate with room for one request refuses the second until the first leaves.
func ExampleGate() {
	gate, err := limits.NewGate(limits.Capacity{Concurrent: 1, Policy: limits.TooMany}, limits.Rate{}, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, header := context.Background(), http.Header{}
	fmt.Println("let in:", gate.Enter(ctx, header, 0) == nil)
	fmt.Println("let in:", gate.Enter(ctx, header, 0) == nil)
	gate.Leave()
	fmt.Println("let in:", gate.Enter(ctx, header, 0) == nil)
	// Output:
	// let in: true
	// let in: false
	// let in: true
}
