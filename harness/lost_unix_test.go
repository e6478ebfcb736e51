//go:build unix

package harness_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"testing"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

// A lostWorker is the error of a task that so many workers were lost with, as
// package cluster has it.
type lostWorker int

func (l lostWorker) Error() string { return fmt.Sprintf("given to workers %d times", int(l)) }
func (l lostWorker) Single() bool  { return l == 1 }
func (l lostWorker) Unwrap() error { return executor.ErrBroken }

// TestLostTasks blames a task for the end of the process that ran it only where
// nothing else can have ended that, and no task for what an executor refused.
func TestLostTasks(t *testing.T) {
	exit := func(script string) error { return exec.Command("sh", "-c", script).Run() }
	broken := func(err error) error { return fmt.Errorf("%w: child 7 was lost: %w", executor.ErrBroken, err) }
	for _, tt := range []struct {
		name    string
		lost    error
		refused bool
		want    record.Culprit // of the only violation; "" for a doubt
	}{
		{"killed", broken(exit("kill -KILL $$")), false, ""},
		{"terminated", broken(exit("kill -TERM $$")), false, ""},
		{"exited", broken(exit("exit 7")), false, record.ByClient},
		{"panicked", broken(exit("exit 2")), false, record.ByClient},
		{"one worker", lostWorker(1), false, ""},
		{"three workers", lostWorker(3), false, record.ByClient},
		{"an error of its own", errors.New("killed"), false, record.ByClient},
		{"refused", errors.New("the queue is full"), true, record.ByExecutor},
		{"refused by a broken executor", broken(exit("exit 7")), true, record.ByExecutor},
	} {
		tr := trial(record.Real)
		tr.Executor = func() (executor.Executor, error) {
			return opened{func(task executor.Task) error {
				if tt.refused {
					return tt.lost
				}
				r := task.(executor.Remote)
				r.Begin()
				r.End(0, tt.lost)
				return nil
			}, func(context.Context) error { return nil }}, nil
		}
		tr.Workload = func() (*harness.Workload, error) {
			w, err := sleeper(constant(0), nil)()
			w.Defined = elsewhere
			return w, err
		}
		rec, err := harness.Run(t.Context(), tr)
		if err != nil {
			t.Fatal(tt.name, err)
		}
		violations, doubts := checks.Judge(rec, []checks.Expectation{{Check: checks.Classification}}, "")
		switch {
		case tt.want == "" && len(violations) == 0 && len(doubts) == 1:
		case tt.want != "" && len(violations) == 1 && len(doubts) == 0 && violations[0].Culprit == tt.want:
		default:
			t.Errorf("%s: violations %v, in doubt %v, want the culprit %q", tt.name, violations, doubts, tt.want)
		}
	}
}
