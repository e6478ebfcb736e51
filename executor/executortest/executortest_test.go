package executortest_test

import (
	"log/slog"
	"os"
	"testing"
	"testing/synctest"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // panics of callbacks are reported there, as they should be
	os.Exit(m.Run())
}

var executors = []struct {
	name   string
	open   executortest.Open
	except map[int]string
}{
	{"sequential", func(int) (executor.Executor, error) { return executor.NewSequential(), nil }, map[int]string{
		20: "a submit waits for its task: there is no queue to speak of",
		22: "a submit waits for its task, not for room",
		23: "it has no number of workers",
		24: "it has no number of workers",
		25: "it runs one task at a time, whatever the number",
		26: "it keeps no worker: a goroutine runs what is queued and ends",
		28: "it keeps no worker",
		29: "it keeps no worker, and has no settings",
		32: "it has no number of workers",
		44: "a submit waits for its task, so that a Map without a bound has run all before its first result",
	}},
	{"pool", executor.NewPool, nil},
	{"async", executor.NewAsync, map[int]string{
		26: "it keeps no worker: every task has a goroutine of its own",
	}},
}

func TestExecutors(t *testing.T) {
	for _, e := range executors {
		t.Run(e.name, func(t *testing.T) {
			if err := executortest.Test(e.open, e.except); err != nil {
				t.Error(err)
			}
		})
	}
}

// In a bubble the runtime itself reports a goroutine that is left over, and a deadlock.
func TestExecutorsInBubble(t *testing.T) {
	for _, e := range executors {
		t.Run(e.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if err := executortest.Test(e.open, e.except); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
