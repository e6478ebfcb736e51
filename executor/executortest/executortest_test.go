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
// why. Rows 70 to 83 are of those that have other processes. The tests of
// package cluster hold it to the others: they find the exceptions in the table
// of this package's documentation. Here, NATS would be needed by every program
// that tests an executor.
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
	{"cluster", nil, executortest.Except{
		20: "its queue has no bound",
		22: "its queue has no bound",
		26: "every task has a goroutine of its own, in whatever worker is free",
		28: "a worker lives as long as its process",
		29: "a worker has the name of its process",
		32: "the number of slots is that of the workers that are there",
		85: "a task that waits keeps its slot: what it submits is refused",
	}},
}

// ofWorkers are the rows of processes that cluster cannot have: its workers are
// not its children.
var ofWorkers = executortest.Except{
	70: "the next task goes to any worker",
	71: "a killed worker breaks nothing: another one runs its task again",
	72: "a lost worker breaks nothing",
	74: "a task that kills its worker runs again on others, and is lost alone",
	76: "a result must fit into a message of the server",
	78: "it starts no workers",
	79: "it starts no workers",
	80: "it starts no workers",
	81: "a worker is prepared before it calls Work",
}

// elsewhere is the one whose tasks run in other processes, to which the virtual
// clock does not reach.
const elsewhere = "process"

func TestExecutors(t *testing.T) {
	for _, e := range executors {
		t.Run(e.name, func(t *testing.T) {
			if e.open == nil {
				t.Skip("not on this system, or by its own tests")
			}
			executortest.Run(t, e.open, e.except)
		})
	}
}

// In a bubble the runtime itself reports a goroutine that is left over, and a
// deadlock.
func TestExecutorsInBubble(t *testing.T) {
	for _, e := range executors {
		if e.name == elsewhere || e.open == nil {
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
