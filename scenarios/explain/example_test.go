package explain_test

import (
	"fmt"

	"github.com/teapot-go/teapot/scenarios/explain"
)

func ExampleFind() {
	found, _ := explain.Find("faults.rate")
	for _, k := range found {
		fmt.Println(k.Path, "takes", k.Accepts)
		fmt.Println(k.Example)
	}
	_, near := explain.Find("fault.rate")
	fmt.Println(near)
	// Output:
	// server.faults.rate takes a share above 0 and at most 1, such as 0.25 or 25%
	// server:
	//   faults:
	//     - {kind: truncate, rate: 0.25}
	// [server.faults.rate]
}
