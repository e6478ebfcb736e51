package process_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/process"
)

// isPrime is defined once; main, or here TestMain, hands it to process.Main.
var isPrime = executor.Define("is-prime", func(_ context.Context, n int64) (bool, error) {
	for d := int64(2); d*d <= n; d++ {
		if n%d == 0 {
			return false, nil
		}
	}
	return n > 1, nil
})

func Example() {
	ctx := context.Background()
	ex, err := process.New(process.Config{Workers: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ex.Shutdown(ctx)

	for prime, err := range isPrime.Map(ctx, ex, slices.Values([]int64{142702110479723, 3333333333333333, 2})) {
		fmt.Println(prime, err)
	}
	prime, err := isPrime.Submit(ctx, ex, 299593572317531).Result(ctx)
	fmt.Println(prime, err)
	// Output:
	// true <nil>
	// false <nil>
	// true <nil>
	// true <nil>
}
