package chapter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// Loiter is the command line of teapot loiter, which runs tasks that sleep.
type Loiter struct {
	Seconds     []string `arg:"" optional:"" name:"seconds" want:"a number of seconds from 0 to 86400" help:"How long each task sleeps, 0 to 86400 seconds; 0 1 2 3 4, if none is given. Its result is ten times that."`
	Workers     *int     `short:"w" placeholder:"N" want:"1 or more" help:"How many may sleep at once (3)."`
	Executor    string   `enum:"sequential,pool,async" default:"pool" placeholder:"KIND" help:"What runs them: sequential, pool or async (${default})."`
	Clock       string   `enum:"real,virtual" default:"real" placeholder:"CLOCK" help:"real or virtual (${default}). Under the virtual one the same lines come at once."`
	AsCompleted bool     `help:"Take the results as they come, and not in the order of the tasks."`
	program
}

// Help returns what teapot loiter --help prints below the options.
func (Loiter) Help() string {
	return `A line tells when each task starts and ends, set in by one tab more than that of the task before, and when its result comes. Results come in
the order of the tasks: one that is ready waits for those before it.

Examples:

  teapot loiter                        five tasks on three workers, in 5 seconds
  teapot loiter --clock virtual        the same at once
  teapot loiter 3 1 1 --as-completed   the slow one comes last
  teapot loiter --executor sequential  one after another, in 10 seconds`
}

// Run sleeps, and tells of it.
func (c *Loiter) Run(ctx context.Context, to *cli.Console) error {
	if len(c.Seconds) == 0 {
		c.Seconds = strings.Fields("0 1 2 3 4")
	}
	unit := time.Second
	for _, s := range c.Seconds {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || !(n >= 0 && n <= 86400) {
			return fmt.Errorf("seconds %s: want a number of seconds from 0 to 86400", s)
		}
		if n != float64(int(n)) {
			unit = 100 * time.Millisecond
		}
	}
	workers := 3
	if c.Workers != nil {
		workers = *c.Workers
	}
	if workers < 1 {
		return fmt.Errorf("-w/--workers %d: want 1 or more", workers)
	}
	err := errors.Join(c.besideYAML(), besideSequential(c.Executor, given{"-w/--workers", c.Workers != nil}))
	if err != nil {
		return err
	}
	deliver := record.InOrder
	if c.AsCompleted {
		deliver = record.AsCompleted
	}
	c.source = fmt.Sprintf("name: loiter\nclock: %s\nworkload: {task: loiter, keys: [%s], deliver: "+
		"%s}\nexecutors: [%s]\n",
		c.Clock, strings.Join(c.Seconds, ", "), deliver, executorEntry(c.Executor, workers))
	out, err := c.prepare(to)
	if err != nil {
		return err
	}
	told := &teller{to: out, unit: unit, sorted: c.Clock == string(record.Virtual)}
	rec, err := c.run(ctx, to, told.tell)
	if rec == nil {
		return err
	}
	told.flush()
	told.total(rec)
	if err := errors.Join(cli.UnlessClosed(told.err), err); err != nil {
		return err
	}
	return judged(ctx, to, rec)
}

// executorEntry is an executor as a scenario has it.
func executorEntry(kind string, workers int) string {
	switch kind {
	case "sequential":
		return "{kind: sequential}"
	case "async":
		return fmt.Sprintf("{kind: async, limit: %d}", workers)
	default:
		return fmt.Sprintf("{kind: %s, workers: %d}", kind, workers)
	}
}

// A teller tells of tasks that sleep.
type teller struct {
	to   io.Writer
	unit time.Duration // to which times are told
	err  error

	sorted bool // keep the events, and tell of them in one order
	events []event
}

// An event is a step of a task.
type event struct {
	step   harness.Step
	sample record.Sample
}

// at is when the event was.
func (e event) at() time.Duration {
	switch e.step {
	case harness.Finished:
		return e.sample.Finished
	case harness.Delivered:
		return e.sample.Delivered
	default:
		return e.sample.Started
	}
}

// rank orders the events of one instant: tasks that started earlier end, others
// start, those that take no time end, and results are delivered.
func (e event) rank() int {
	switch {
	case e.step == harness.Delivered:
		return 3
	case e.step == harness.Started:
		return 1
	case e.sample.Started == e.sample.Finished:
		return 2
	default:
		return 0
	}
}

// flush tells of the events that were kept. Events of one instant have no order
// of their own: the same ones are told of in the same order each time.
func (l *teller) flush() {
	slices.SortStableFunc(l.events, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.at(), b.at()), cmp.Compare(a.rank(), b.rank()),
			cmp.Compare(a.sample.Seq, b.sample.Seq))
	})
	for _, e := range l.events {
		l.print(e)
	}
}

// tell tells of a step, or keeps it for later.
func (l *teller) tell(step harness.Step, s record.Sample) {
	switch e := (event{step, s}); {
	case step == harness.Submitted:
	case l.sorted:
		l.events = append(l.events, e)
	default:
		l.print(e)
	}
}

func (l *teller) print(e event) {
	step, s := e.step, e.sample
	at, what := s.Started, "sleeps for "+s.Key+" s"
	switch step {
	case harness.Finished:
		at, what = s.Finished, "is done"
	case harness.Delivered:
		at, what = s.Delivered, "gives "+s.Value
	}
	if s.Class == record.Lost && step != harness.Started {
		what = "was cancelled"
	}
	if l.err != nil || step == harness.Delivered && s.Class == record.Lost {
		return
	}
	tabs := strings.Repeat("\t", min(s.Seq, 8))
	if step == harness.Delivered {
		tabs = ""
	}
	decimals := 0
	if l.unit < time.Second {
		decimals = 1
	}
	_, l.err = fmt.Fprintf(l.to, "[%.*f s] %sloiter(%s) %s\n", decimals, at.Round(l.unit).Seconds(), tabs, s.Key, what)
}

// total says how long it all took, and how long it should have.
func (l *teller) total(rec *record.Recording) {
	if l.err != nil {
		return
	}
	ideally := ", ideally " + text.Short(rec.IdealMakespan)
	if n := cancelled(rec); n > 0 {
		ideally = fmt.Sprintf(", %d cancelled", n)
	}
	_, l.err = fmt.Fprintf(l.to, "%s in %s%s\n", cli.Plural(len(rec.Samples), "task"),
		text.Short(rec.Makespan.Round(l.unit/100)), ideally)
}
