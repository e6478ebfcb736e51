// Package executortest holds an executor to the law: a table of named checks, each with the rule that it protects.
//
//	err := executortest.Test(func(workers int) (executor.Executor, error) {
//		return executor.NewPool(workers)
//	}, nil)
//
// The checks know nothing of testing frameworks and never sleep. Every wait in them has a deadline, so that a broken executor
// yields an error and not a hang.
package executortest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/teapot-go/teapot/executor"
)

// Open makes a fresh executor with that many workers, under the same conventions as [executor.NewPool]: a negative number is
// refused. An executor without workers to choose ignores the number.
type Open func(workers int) (executor.Executor, error)

// A Check protects one row of the law. Run opens the executors that it needs and shuts them down; it returns what is wrong with
// them, also when they panic or hang in the calling goroutine, and ends soon after ctx is done.
type Check struct {
	Row  int
	Name string
	Law  string
	Run  func(ctx context.Context, open Open) error
}

// Checks returns all checks in the order of their rows.
func Checks() []Check {
	all := slices.Concat(futures, callbacks, submits, workers, shutdowns, mapped, waits, failures)
	for i := range all {
		all[i].Run = bounded(all[i].Run)
	}
	slices.SortStableFunc(all, func(a, b Check) int { return a.Row - b.Row })
	return all
}

// patience is far more than a check takes on a busy machine.
const patience = 10 * time.Second

// Test runs the checks one after another and joins their errors, each with its row, name and law. The rows in except are left
// out: except says for each why the executor cannot have it. An unknown row or an empty reason is an error too.
func Test(open Open, except map[int]string) error {
	var errs []error
	known := map[int]bool{}
	for _, c := range Checks() {
		known[c.Row] = true
		if except[c.Row] != "" {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		if err := c.Run(ctx, open); err != nil {
			errs = append(errs, fmt.Errorf("row %d, %s: %w\n\tlaw: %s", c.Row, c.Name, err, c.Law))
		}
		cancel()
	}
	for _, row := range slices.Sorted(maps.Keys(except)) {
		if !known[row] || except[row] == "" {
			errs = append(errs, fmt.Errorf("row %d is excepted with the reason %q: it has no check, or needs a reason", row, except[row]))
		}
	}
	return errors.Join(errs...)
}
