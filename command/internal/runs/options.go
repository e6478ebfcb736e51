package runs

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/live"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/files"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/scenarios"
)

// comparing is what a run may be asked to compare itself with.
type comparing struct {
	Repeat      *int   `placeholder:"N" want:"1 or more" help:"Run everything N times, in turns, there and back again (1; 20 where runs are compared). Under the virtual clock once: every round would be the same."`
	Baseline    string `placeholder:"FILE" help:"Compare with this recording, as --json writes it."`
	Against     string `placeholder:"COMMAND" help:"Compare with another build, which COMMAND calls, like './teapot-base': the two take turns, so that what the machine does besides falls on both."`
	AgainstJSON string `name:"against-json" placeholder:"FILE" help:"Write the other build's recordings here, for teapot compare."`
	Comparison  string `placeholder:"FILE" help:"Write what the comparison found here too: a page, with the runs in charts laid over each other, or what else the name says (.html, .md, .json or .txt)."`

	oldHost reports.Host        // of the baseline
	old     []*record.Recording // of the baseline
	turns   string              // the name of this comparison where two builds take turns
}

// Validate reports what cannot be meant. Kong calls it.
func (c *comparing) Validate() error {
	var errs []error
	if c.Repeat != nil && *c.Repeat < 1 {
		errs = append(errs, fmt.Errorf("--repeat %d: want 1 or more", *c.Repeat))
	}
	if c.Baseline != "" && c.Against != "" {
		errs = append(errs, errors.New("--baseline and --against: want one of them"))
	}
	if c.AgainstJSON != "" && c.Against == "" {
		errs = append(errs, errors.New("--against-json: there is no other build: want --against too"))
	}
	switch {
	case c.Comparison == "":
	case c.Baseline == "" && c.Against == "":
		errs = append(errs, errors.New("--comparison: nothing is compared: want --baseline or --against too"))
	case formatOf(c.Comparison) == "":
		errs = append(errs, fmt.Errorf("--comparison %s: want a name that ends with .html, .md, .json or .txt",
			c.Comparison))
	}
	return errors.Join(errs...)
}

// repeatable returns an error if --repeat has no effect on these cases.
func (c *comparing) repeatable(todo []scenarios.Case) error {
	if c.Repeat == nil || *c.Repeat == 1 || slices.ContainsFunc(todo,
		func(k scenarios.Case) bool { return record.Clock(k.Scenario.Clock) != record.Virtual }) {
		return nil
	}
	return fmt.Errorf("--repeat %d: it has no effect: under the virtual clock every round would be the same",
		*c.Repeat)
}

func (c *comparing) rounds() int {
	switch {
	case c.Repeat != nil:
		return *c.Repeat
	case c.Baseline != "" || c.Against != "":
		return defaultCount
	}
	return 1
}

// readBaseline reads the baseline, if there is one.
func (c *comparing) readBaseline(ctx context.Context, to *cli.Console) error {
	if c.Baseline == "" {
		return nil
	}
	return cli.UntilDone(ctx, to, func(to *cli.Console) (err error) {
		c.oldHost, c.old, err = to.ReadRecordings(c.Baseline)
		return err
	})
}

// open makes ready what is compared with, before anything is run. The
// caller must call the function that it returns at the end.
func (c *Run) open(to *cli.Console, todo []scenarios.Case, progress *cli.Progress) (*rounds,
	func(), error,
) {
	t := &rounds{
		Cases: todo, Count: c.rounds(), Against: c.Against != "", Baseline: c.Baseline != "",
		Ended: progress.End,
		Again: func(n int) {
			fmt.Fprintf(progress.Lines, "%s changed: run again, to see whether that was the machine\n",
				cli.Plural(n, "case"))
		},
		Player: here(to.Vocabulary, func() *scenarios.Runner { return c.newRunner(to, progress) }),
	}
	t.Began = func(k scenarios.Case) {
		progress.Place(t.Progress())
		progress.Start(live.NewMeter(k.Name(), k.Clock(), k.Tasks()))
	}
	t.Player = keeping(c.kept(), t.Player)
	switch {
	case t.Baseline:
		for _, r := range c.old {
			r.Keep(c.kept())
		}
		t.Old = slices.DeleteFunc(c.old, func(r *record.Recording) bool { return !c.asks(todo, r) })
		return t, func() {}, nil
	case t.Against:
		dir, err := files.TempDir("against")
		if err != nil {
			return nil, nil, err
		}
		remove := func() { os.RemoveAll(dir) } // in the folder of what need not stay
		play, err := against(c.Against, to.Self, dir)
		if err != nil {
			remove()
			return nil, nil, fmt.Errorf("--against %s: %w", c.Against, err)
		}
		t.Player = keeping(c.kept(), play)
		c.turns = rand.Text()
		return t, remove, nil
	}
	return t, func() {}, nil
}

// newRunner returns a runner of the console's scenarios.
func (c *Run) newRunner(to *cli.Console, progress *cli.Progress) *scenarios.Runner {
	return &scenarios.Runner{
		Vocabulary: followed(to.Vocabulary, progress),
		Isolate:    true,
		Samples:    c.kept(),
		Reproduce: func(k scenarios.Case) string {
			return cmp.Or(c.again, k.CommandLine(to.Self))
		},
		Hung: func(k scenarios.Case, message string) {
			fmt.Fprintf(progress.Lines, "%s: %s\n", k.Name(), message)
		},
		Watch: func(_ scenarios.Case, step harness.Step, s record.Sample) {
			progress.Step(step, s)
		},
	}
}

// asks reports whether a run of the baseline is to be compared: one of a
// scenario that is run, unless --only leaves it out. An executor that is not in
// the file any more is missed.
func (c *Run) asks(todo []scenarios.Case, r *record.Recording) bool {
	return slices.ContainsFunc(todo, func(k scenarios.Case) bool {
		return k.Name() == r.Case() || len(c.Only) == 0 && k.Scenario.Name == r.Scenario
	})
}
