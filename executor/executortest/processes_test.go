//go:build unix

package executortest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
	"github.com/teapot-go/teapot/executor/process"
)

// definitions are what the children of this test program know.
var definitions = executortest.Definitions()

func standIn(open executortest.Open) executortest.Open { return executortest.StandIn(open) }

func TestProcesses(t *testing.T) {
	open := func(o executortest.Options) (executor.Executor, error) {
		return process.New(process.Config{
			Workers: o.Workers, TasksPerChild: o.TasksPerChild,
			Initializer: o.Initializer,
		})
	}
	for _, c := range executortest.Processes(open) {
		t.Run(fmt.Sprint(c.Row, " ", c.Name), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // hundreds of processes start and end
			defer cancel()
			if err := c.Run(ctx, nil); err != nil {
				t.Errorf("%v\n\tlaw: %s", err, c.Law)
			}
		})
	}
}
