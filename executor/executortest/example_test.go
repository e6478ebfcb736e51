package executortest_test

import (
	"errors"
	"testing"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
)

var (
	t         *testing.T // that of your test
	errClosed = errors.New("closed")
)

// An executor of two methods whose Execute waits for room, and that refuses
// with an error of its own after Shutdown.
func ExampleRun() {
	open := func(workers int) (executor.Executor, error) { // yours
		ex, err := executor.NewPool(workers)
		return executor.Queued(ex), err
	}
	executortest.Run(t, open, executortest.TwoMethods(), executortest.Refusal(errClosed))
}
