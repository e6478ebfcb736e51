package executortest_test

import (
	"fmt"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
)

// An executor of another package keeps the whole law but for the rows of
// TwoMethods. It takes some seconds.
func ExampleTest() {
	open := func(workers int) (executor.Executor, error) { return executor.NewPool(workers) } // yours
	if err := executortest.Test(open, executortest.TwoMethods()); err != nil {
		fmt.Println(err)
	}
}
