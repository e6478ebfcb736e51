package executortest_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
	"github.com/teapot-go/teapot/executor/process"
)

func TestMain(m *testing.M) {
	process.Main(definitions...)
	slog.SetDefault(slog.New(slog.DiscardHandler)) // panics of callbacks are reported there, as they should be
	os.Exit(m.Run())
}

// executors are those of the module, each with the rows that it cannot have and
// why. Only process has rows 70 to 83.
var executors = []struct {
	name   string
	open   executortest.Open
	except executortest.Except
}{
	{"sequential", func(int) (executor.Executor, error) { return executor.NewSequential(), nil }, executortest.Except{
		20: "a submit waits for its task: there is no queue to speak of",
		22: "a submit waits for its task, not for room",
		23: "it has no number of workers",
		24: "it has no number of workers",
		25: "it runs one task at a time, whatever the number",
		26: "it keeps no worker: a goroutine runs what is queued and ends",
		28: "it keeps no worker",
		29: "it keeps no worker, and has no settings",
		32: "it has no number of workers",
		44: "a submit waits for its task, so a Map without a bound runs all first",
	}},
	{"pool", executor.NewPool, nil},
	{"async", executor.NewAsync, executortest.Except{
		26: "it keeps no worker: every task has a goroutine of its own",
	}},
	{elsewhere, standIn(func(workers int) (executor.Executor, error) {
		return process.New(process.Config{Workers: workers})
	}), executortest.Except{
		20: "its queue has no bound",
		22: "its queue has no bound",
		24: "its default is a child for each CPU, and the check wants more",
		26: "a closure has a goroutine of its own; row 70 is about children",
		28: "a child lives until Shutdown, or for as many tasks as was asked for",
		29: "a child is a process, and has its number",
		32: "the number of children is fixed",
		84: "a child has no children: a task that submits is refused at once",
		85: "a child has no children: a task that submits is refused at once",
	}},
}

// elsewhere is the one whose tasks run in other processes, to which the virtual
// clock does not reach.
const elsewhere = "process"

func TestExecutors(t *testing.T) {
	for _, e := range executors {
		t.Run(e.name, func(t *testing.T) {
			if e.open == nil {
				t.Skip("not on this system")
			}
			executortest.Run(t, e.open, e.except)
		})
	}
}

// In a bubble the runtime itself reports a goroutine that is left over, and a
// deadlock.
func TestExecutorsInBubble(t *testing.T) {
	for _, e := range executors {
		if e.name == elsewhere {
			continue
		}
		t.Run(e.name, func(t *testing.T) { runInBubbles(t, e.open, e.except) })
	}
}

// runInBubbles does what executortest.Run does, each row in a bubble.
func runInBubbles(t *testing.T, open executortest.Open, excepts ...executortest.Except) {
	for _, c := range executortest.Checks() {
		if slices.ContainsFunc(excepts, func(e executortest.Except) bool { return e[c.Row] != "" }) {
			continue
		}
		t.Run(fmt.Sprint(c.Row, " ", c.Name), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := c.Run(ctx, open); err != nil {
					t.Errorf("%v\n\tlaw: %s", err, c.Law)
				}
			})
		})
	}
}
