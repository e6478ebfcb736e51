package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/reports/compare"
	"github.com/teapot-go/teapot/scenarios"
)

// comparing is what a run may be asked to compare itself with.
type comparing struct {
	Repeat      *int   `placeholder:"N" help:"Run everything N times, in turns, there and back again (1; 30 where runs are compared). Under the virtual clock once: every round would be the same."`
	Baseline    string `placeholder:"FILE" help:"Compare with this recording, as --json writes it."`
	Against     string `placeholder:"COMMAND" help:"Compare with another build, which COMMAND calls, like './teapot-base': the two take turns, so that what the machine does besides falls on both."`
	AgainstJSON string `name:"against-json" placeholder:"FILE" help:"Write the other build's recordings here, for teapot compare."`
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
	return errors.Join(errs...)
}

func (c *comparing) rounds() int {
	switch {
	case c.Repeat != nil:
		return *c.Repeat
	case c.Baseline != "" || c.Against != "":
		return comparedRounds
	}
	return 1
}

// A contest is a run beside what it is compared with.
type contest struct {
	todo     []scenarios.Case
	rounds   int
	player   player
	progress *progress
	old, new []*harness.Recording
	baseline bool   // old was read from a file, and is not played
	turns    string // the name of this contest where two builds take turns
	dir      string // for what the other build writes
}

// open makes ready what is compared with, before anything is run.
func (c *runCommand) open(to *console, todo []scenarios.Case, progress *progress) (*contest, error) {
	t := &contest{todo: todo, rounds: c.rounds(), player: c.here(to, progress), progress: progress}
	var err error
	switch {
	case c.Baseline != "":
		t.baseline = true
		if _, t.old, err = recorded(c.Baseline); err != nil {
			return nil, err
		}
		t.old = slices.DeleteFunc(t.old, func(r *harness.Recording) bool { return !slices.Contains(names(todo), caseOf(r)) })
	case c.Against != "":
		if t.dir, err = os.MkdirTemp("", "teapot-against-"); err != nil {
			return nil, err
		}
		t.turns = rand.Text()
		if t.player, err = c.against(to, t.dir); err != nil {
			t.close()
			return nil, err
		}
	}
	return t, nil
}

func (t *contest) close() {
	if t.dir != "" {
		os.RemoveAll(t.dir) // in the folder for what need not stay
	}
}

// run plays all rounds.
func (t *contest) run(ctx context.Context) error {
	sides, err := play(ctx, turns(t.todo, 0, t.rounds), t.player, t.progress)
	t.new = inOrder(sides[0], t.todo)
	if !t.baseline {
		t.old = inOrder(sides[1], t.todo)
	}
	return err
}

// judge compares, and has every case run again in which something seems worse or better. It returns nil where there is nothing to compare
// with, and where ctx has ended it.
func (t *contest) judge(ctx context.Context) (*compare.Comparison, error) {
	if !t.baseline && t.turns == "" || ctx.Err() != nil {
		return nil, nil
	}
	rule := compare.Rule{InTurns: t.turns != "", Again: true}
	found := compare.Recordings(t.old, t.new, rule)
	doubtful := slices.DeleteFunc(slices.Clone(t.todo), func(k scenarios.Case) bool {
		at := slices.IndexFunc(found.Cases, func(c compare.Case) bool { return c.Name() == k.Name() })
		return at < 0 || !changed(found.Cases[at])
	})
	if len(doubtful) == 0 {
		return &found, nil
	}
	fmt.Fprintf(t.progress.lines, "%s changed: run again, to see whether that was the machine\n", plural(len(doubtful), "case"))
	sides, err := play(ctx, turns(doubtful, t.rounds, t.rounds), t.player, t.progress)
	if err != nil || ctx.Err() != nil {
		return nil, err
	}
	old := t.old
	if !t.baseline {
		old = sides[1]
		t.old = inOrder(append(t.old, sides[1]...), t.todo)
	}
	t.new = inOrder(append(t.new, sides[0]...), t.todo)
	found = compare.Confirm(found, compare.Recordings(inOrder(old, t.todo), inOrder(sides[0], t.todo), rule), rule)
	return &found, nil
}

// changed says whether a case has a figure that is worse or better by more than an equality.
func changed(k compare.Case) bool {
	return slices.ContainsFunc(k.Figures, func(f compare.Figure) bool {
		return !f.Exact && (f.Verdict == compare.Worse || f.Verdict == compare.Better)
	})
}
