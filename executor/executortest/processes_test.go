//go:build unix

package executortest_test

import (
	"testing"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
	"github.com/teapot-go/teapot/executor/process"
)

// definitions are what the children of this test program know.
var definitions = executortest.Definitions()

func standIn(open executortest.Open) executortest.Open { return executortest.StandIn(open) }

func TestProcesses(t *testing.T) {
	err := executortest.TestProcesses(func(o executortest.Options) (executor.Executor, error) {
		return process.New(process.Config{
			Workers: o.Workers, TasksPerChild: o.TasksPerChild,
			Initializer: o.Initializer,
		})
	})
	if err != nil {
		t.Error(err)
	}
}
