package chapter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// hardNumbers are those that are checked if no others are given, the largest
// first.
const hardNumbers = "9999999999999999 9999999999999917 7777777777777777 7777777777777753 7777777536340681 " +
	"6666667141414921 6666666666666719 " +
	"6666666666666666 5555555555555555 5555555555555503 5555553133149889 4444444488888889 4444444444444444 " +
	"4444444444444423 3333335652092209 " +
	"3333333333333333 3333333333333301 299593572317531 142702110479723 2"

// Primes is the command line of teapot primes, which checks numbers.
type Primes struct {
	Workers     *int     `arg:"" optional:"" name:"workers" want:"1 to 1000" help:"How many are checked at once; as many as the machine has CPUs, if not given."`
	Numbers     []string `arg:"" optional:"" name:"number" want:"a whole number from 0, below 2^64" help:"What to check, whole numbers below 2^64; twenty of up to sixteen digits, if none is given."`
	Executor    string   `enum:"sequential,pool,async,process" default:"process" placeholder:"KIND" help:"What runs the checks: sequential, pool, async, or process, which runs them in child processes (${default})."`
	AsCompleted bool     `help:"Take the results as they come, and not in the order of the numbers."`
	program
}

// Help returns what teapot primes --help prints below the options.
func (Primes) Help() string {
	return `It divides each number by 2 and by every odd number up to its square root: the cost is the point. A line has the number, P for a prime, and how
long its check took. Results come in the order of the numbers: those that are ready wait for the ones before them, and then come all at once.

Examples:

  teapot primes                        twenty numbers on all CPUs
  teapot primes 1 --as-completed       one at a time
  teapot primes 2 9999999999999917 97  two numbers of your own, both at once`
}

// Run checks the numbers.
func (c *Primes) Run(ctx context.Context, to *cli.Console) error {
	workers := runtime.GOMAXPROCS(0)
	if c.Workers != nil {
		workers = *c.Workers
	}
	if c.Executor == "sequential" {
		workers = 1 // the argument has to be given where numbers are
	}
	errs := []error{c.besideYAML()}
	if workers < 1 || workers > 1000 {
		errs = append(errs, fmt.Errorf("workers %d: want 1 to 1000", workers))
	}
	if len(c.Numbers) == 0 {
		c.Numbers = strings.Fields(hardNumbers)
	}
	for _, n := range c.Numbers {
		if _, err := strconv.ParseUint(n, 10, 64); err != nil {
			errs = append(errs, fmt.Errorf("number %s: want a whole number from 0, below 2^64", n))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	deliver := record.InOrder
	if c.AsCompleted {
		deliver = record.AsCompleted
	}
	c.source = fmt.Sprintf("name: primes\nclock: real\nworkload: {task: prime, keys: [%s], deliver: "+
		"%s}\nexecutors: [%s]\n",
		strings.Join(c.Numbers, ", "), deliver, executorEntry(c.Executor, workers))
	out, err := c.prepare(to)
	if err != nil {
		return err
	}
	table := &primeTable{to: out}
	_, table.err = fmt.Fprintf(out, "%s, %d at a time, on %s:\n", cli.Plural(len(c.Numbers), "number"),
		workers, c.Executor)
	rec, err := c.run(ctx, to, table.watch)
	if rec == nil {
		return err
	}
	table.total(rec)
	if err := errors.Join(cli.UnlessClosed(table.err), err); err != nil {
		return err
	}
	return judged(ctx, to, rec)
}

// A primeTable prints checks in the order of their delivery. The end of one in
// another process may be known a little later than its result.
type primeTable struct {
	to        io.Writer
	delivered []int
	ended     map[int]record.Sample
	err       error
}

func (t *primeTable) watch(step harness.Step, s record.Sample) {
	switch {
	case step == harness.Delivered:
		t.delivered = append(t.delivered, s.Seq)
	case step == harness.Finished:
		if t.ended == nil {
			t.ended = map[int]record.Sample{}
		}
		t.ended[s.Seq] = s
	}
	for len(t.delivered) > 0 && t.err == nil {
		s, ended := t.ended[t.delivered[0]]
		if !ended {
			return
		}
		t.delivered = t.delivered[1:]
		if s.Class != record.Lost {
			_, t.err = fmt.Fprintf(t.to, "%16s  %1s %11.6f s\n", s.Key, s.Value, s.Latency().Seconds())
		}
	}
}

// total says how long it took, and how long these checks would take an executor
// that lost no time between them.
func (t *primeTable) total(rec *record.Recording) {
	if t.err != nil {
		return
	}
	if n := cancelled(rec); n > 0 {
		_, t.err = fmt.Fprintf(t.to, "Total %s, %d cancelled.\n", text.Short(rec.Makespan), n)
		return
	}
	var longest, sum time.Duration
	plans, due := make([]record.Planned, len(rec.Samples)), make([]time.Duration, len(rec.Samples))
	for i, s := range rec.Samples {
		took := max(s.Latency(), 0)
		longest, sum = max(longest, took), sum+took
		plans[i].PlannedService = took
	}
	ideal := record.NewIdeal(plans, due, rec.Workers, rec.Delivery).Makespan
	_, t.err = fmt.Fprintf(t.to, "Total %s. Ideally %s for these checks: the longest takes %s, all together %s.\n",
		text.Short(rec.Makespan), text.Short(ideal), text.Short(longest), text.Short(sum))
}
