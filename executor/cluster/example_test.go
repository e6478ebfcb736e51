package cluster_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
)

// isPrime is defined once. Workers of other processes get it by
// [cluster.Work].
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
	ex, err := cluster.New(cluster.Config{}) // with the URL of a server, the tasks run on its workers
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ex.Shutdown(ctx)

	for prime, err := range isPrime.Map(ctx, ex, slices.Values([]int64{142702110479, 33333333333, 2})) {
		fmt.Println(prime, err)
	}
	// Output:
	// true <nil>
	// false <nil>
	// true <nil>
}
