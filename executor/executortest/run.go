package executortest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
)

// An Option tells [Run] how an executor differs from the law.
type Option interface{ apply(*trial) }

// Except are rows that are left out, each with the reason why the executor
// cannot keep it.
type Except map[int]string

func (e Except) apply(tr *trial) { maps.Copy(tr.except, e) }

// TwoMethods leaves out the rows that an executor cannot keep whose only
// methods are Execute and Shutdown. One with a method
// Tune(executor.Settings) error can keep all of them but the last.
func TwoMethods() Except {
	const settings = "it has no settings"
	return Except{
		20: settings, 22: settings, 28: settings, 29: settings, 32: settings,
		85: "only package executor's own lend the place of a task that waits",
	}
}

// Blocking leaves out the rows that an executor cannot keep whose Execute waits
// for room. [executor.Queued] makes such an executor keep them.
func Blocking() Except {
	e := Except{}
	for _, row := range roomy {
		e[row] = "Execute waits for room"
	}
	return e
}

// Refusal takes err for [executor.ErrShutdown], for an executor that refuses
// tasks after Shutdown with an error of its own.
func Refusal(err error) Option { return ownRefusal{err} }

type ownRefusal struct{ err error }

func (r ownRefusal) apply(tr *trial) {
	if r.err == nil {
		tr.mistakes = append(tr.mistakes,
			errors.New("Refusal of a nil error: want the error of Execute after Shutdown"))
		return
	}
	open := tr.open
	tr.open = func(workers int) (executor.Executor, error) {
		ex, err := open(workers)
		if err != nil || ex == nil {
			return ex, err
		}
		return &refusing{ex, r.err}, nil
	}
}

// refusing is an executor whose own refusal is taken for ErrShutdown.
type refusing struct {
	executor.Executor
	own error
}

func (r *refusing) Execute(t executor.Task) error {
	err := r.Executor.Execute(t)
	if errors.Is(err, r.own) {
		return fmt.Errorf("%w: %w", executor.ErrShutdown, err)
	}
	return err
}

func (r *refusing) Tune(s executor.Settings) error { return executor.Tune(r.Executor, s) }

// The rows that fail together, for one cause.
var (
	// roomy are those that submit to an executor whose workers are busy, and
	// go on.
	roomy = []int{
		1, 2, 3, 5, 6, 7, 9, 11, 12, 13, 15, 19, 21, 25, 33, 34, 35, 37, 40, 42, 45, 48, 52, 55, 56, 57, 58, 59, 60, 61,
		63, 64, 84, 85,
	}

	// crowd is more than any of them submits, but for row 19.
	crowd = 120

	// causes are the rows that show the causes, the first of them last.
	causes = []int{18, 19, 8}

	// refused are those that wait for ErrShutdown.
	refused = []int{18, 33, 34, 37, 42}

	// turnedAway are those that submit until any error refuses a task.
	turnedAway = []int{41}
)

// Run holds an executor to the law, one row after another, each in a subtest
// with the number and the name of the row:
//
//	go test -run 'TestLaw/35' .
//
// It runs a task first, and no row if that task does not end. The rows 8, 19
// and 18 come next: an executor that loses tasks, whose Execute waits for room,
// or that refuses with an error of its own, fails many rows for that one cause.
// Those are left out, and the message says what to do.
//
// Every row has a deadline, which becomes shorter the longer rows wait in vain.
// An executor of which most rows hang has its verdict in less than a minute.
//
// Options say how the executor differs from the law. The subtests cannot run in
// a bubble of package synctest: call [Checks] there, each in a bubble.
//
// A panic of the executor in a goroutine that calls it fails the row. One in a
// goroutine that the executor starts ends the test program, as in any test.
func Run(t *testing.T, open Open, options ...Option) {
	t.Helper()
	tr := newTrial(open, options)
	for _, mistake := range tr.mistakes {
		t.Error(mistake)
	}
	if end, limited := t.Deadline(); limited {
		tr.left = min(tr.left, time.Until(end)/2)
	}
	if !t.Run("first task", func(t *testing.T) {
		if err := tr.row(t.Context(), Check{Run: bounded(firstTask)}); err != nil {
			t.Errorf("%v\n\tso no row can be judged", err)
		}
	}) {
		return
	}
	for _, c := range tr.rows() {
		t.Run(fmt.Sprint(c.Row, " ", c.Name), func(t *testing.T) {
			if why := tr.why(c.Row); why != "" {
				t.Skip(why)
			}
			if err := tr.row(t.Context(), c); err != nil {
				t.Errorf("%v\n\tlaw: %s", err, c.Law)
			}
		})
	}
	if tr.late > 0 {
		t.Errorf("%d rows were not run, as those before them took too long", tr.late)
	}
}

// A trial holds one executor to the law.
type trial struct {
	open     Open
	except   Except
	mistakes []error        // of the caller
	caused   map[int]string // rows that need not be run, each with the cause
	left     time.Duration  // that rows may yet lose
	late     int            // rows that were not run because nothing was left
}

const (
	// longest is far more than a row takes on a busy machine.
	longest = 10 * time.Second

	// shortest is the least for a row, when others have waited in vain.
	shortest = 2 * time.Second

	// free is what a row may take at no cost.
	free = 200 * time.Millisecond

	// allowance is what all rows together may take beyond that.
	allowance = 40 * time.Second
)

func newTrial(open Open, options []Option) *trial {
	tr := &trial{open: open, except: Except{}, caused: map[int]string{}, left: allowance}
	for _, o := range options {
		if o != nil {
			o.apply(tr)
		}
	}
	known := every()
	for _, row := range slices.Sorted(maps.Keys(tr.except)) {
		if !slices.Contains(known, row) || tr.except[row] == "" {
			tr.mistakes = append(tr.mistakes, fmt.Errorf("row %d is excepted with the reason %q: it has no check, or "+
				"needs a reason", row, tr.except[row]))
		}
	}
	return tr
}

// every returns the rows of all checks.
func every() (rows []int) {
	for _, c := range Checks() {
		rows = append(rows, c.Row)
	}
	return rows
}

// rows returns the checks, those first that may be the cause of other failures.
func (tr *trial) rows() []Check {
	all := Checks()
	slices.SortStableFunc(all, func(a, b Check) int {
		return slices.Index(causes, b.Row) - slices.Index(causes, a.Row)
	})
	return all
}

// why returns the reason to leave a row out, or "".
func (tr *trial) why(row int) string {
	switch {
	case tr.except[row] != "":
		return tr.except[row]
	case tr.caused[row] != "":
		return tr.caused[row]
	case tr.left <= 0:
		tr.late++
		return "not run: the rows before it took too long"
	default:
		return ""
	}
}

// row runs one check with a deadline, and learns the cause of other failures.
func (tr *trial) row(ctx context.Context, c Check) error {
	limit := min(max(tr.left/4, shortest), longest)
	if slices.Contains(causes, c.Row) {
		limit = max(limit, longest/2)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit,
		fmt.Errorf("the row took more than %v", limit.Round(100*time.Millisecond)))
	defer cancel()
	began := time.Now()
	err := c.Run(ctx, tr.open)
	tr.left -= max(0, time.Since(began)-free)
	if err == nil {
		return nil
	}
	return tr.explained(c.Row, err)
}

// explained adds to the error of a row what to do about it, and leaves out the
// rows that would fail for the same cause.
func (tr *trial) explained(row int, err error) error {
	own, refuses := errors.AsType[*refusalError](err)
	room, waits := errors.AsType[*waitsError](err)
	switch {
	case errors.Is(err, errLost):
		return fmt.Errorf("%w.\n\tNo other row is run: each would wait for a task that is lost (%d rows)",
			err, tr.cause(row, every()))
	case waits && room.queued >= crowd:
		return fmt.Errorf("%w.\n\tWrap the executor with executor.Queued, or leave the row out with "+
			"executortest.Except", err)
	case waits:
		return fmt.Errorf("%w: %d rows need one that does not.\n\tAdd executortest.Blocking() to leave them out, "+
			"or wrap the executor with executor.Queued to keep them", err, tr.cause(row, roomy))
	case refuses:
		return fmt.Errorf("%w: %d rows need one that is executor.ErrShutdown.\n\tAdd executortest.Refusal(err) with "+
			"that error, or wrap executor.ErrShutdown", own, tr.cause(row, refused))
	case row == 18:
		return fmt.Errorf("%w\n\t%d rows need a refusal", err, tr.cause(row, slices.Concat(refused, turnedAway)))
	case TwoMethods()[row] != "":
		return fmt.Errorf("%w\n\tIf the executor has only Execute and Shutdown, add executortest.TwoMethods()", err)
	default:
		return err
	}
}

// cause leaves out rows that fail for the same cause as one that has failed,
// and returns how many they are with that one.
func (tr *trial) cause(failed int, rows []int) int {
	n := 0
	for _, row := range rows {
		if tr.except[row] != "" {
			continue
		}
		n++
		if row != failed {
			tr.caused[row] = fmt.Sprintf("not run: it would fail for the cause of row %d", failed)
		}
	}
	return n
}

// firstTask is what all checks need: an executor that runs one task, and ends.
func firstTask(ctx context.Context, open Open) error {
	ex, err := open(1)
	switch {
	case err != nil:
		return fmt.Errorf("open with 1 worker: %w", err)
	case ex == nil:
		return errors.New("open with 1 worker: got a nil executor and no error")
	}
	ended := newLatch()
	executed := make(chan error, 1)
	aside(ctx, func() { executed <- ex.Execute(taskFunc(func(context.Context) { ended.open() })) })
	err, late := receive(ctx, executed, "the first call of Execute")
	switch {
	case late != nil:
		return late
	case err != nil:
		return fmt.Errorf("Execute refused the first task: %w", err)
	}
	if err := ended.wait(ctx, "Execute returned nil, and its task"); err != nil {
		return err
	}
	stopped := make(chan error, 1)
	aside(ctx, func() { stopped <- ex.Shutdown(ctx) })
	err, late = receive(ctx, stopped, "Shutdown after the only task had ended")
	if err != nil {
		return fmt.Errorf("Shutdown after the only task had ended: %w", err)
	}
	return late
}
