// Package runs has the commands run and compare. Runs take turns, with one
// another and with those of another build, and are compared with those, or with
// a recording.
package runs

import (
	"context"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/compare"
	"github.com/teapot-go/teapot/scenarios"
)

// defaultCount is how often a run is repeated that is compared with another, if
// nothing else is asked for: with so many pairs a tenth more CPU is found on a
// busy machine.
const defaultCount = 20

// A rounds is a number of rounds of cases, beside what they are compared with.
// Its fields are set before Run, but for Old and New, and its methods are
// called one after the other.
type rounds struct {
	Cases  []scenarios.Case
	Count  int // at least 1
	Player player
	// Against says that the player plays an old build too, and Baseline that
	// Old was read from a recording before. Without either nothing is compared.
	Against, Baseline bool

	// Began and Ended are told of each turn, and Again that so many cases are
	// run again, to see whether they are really worse. A recording is nil where
	// there is none, or nothing to tell of it: of all but the last round only
	// what is wrong is told.
	Began func(scenarios.Case)
	Ended func(scenarios.Case, *record.Recording)
	Again func(cases int)

	Old, New []*record.Recording // in the order of the cases, and of rounds

	begun int
}

// Progress says how many turns have begun, of how many that were planned, if
// none is made again.
func (c *rounds) Progress() (begun, planned int) {
	planned = len(turns(c.Cases, 0, c.Count))
	return min(c.begun, planned), planned
}

// Run plays all rounds until ctx is done.
func (c *rounds) Run(ctx context.Context) error {
	old, new, err := c.play(ctx, turns(c.Cases, 0, c.Count))
	c.add(old, new)
	return err
}

// Judge compares, and has every case run again in which something seems worse
// or better. It returns nil where there is nothing to compare with, and where
// ctx has ended it.
func (c *rounds) Judge(ctx context.Context) (*compare.Comparison, error) {
	if !c.Baseline && !c.Against || ctx.Err() != nil {
		return nil, nil
	}
	rule := compare.Rule{InTurns: c.Against, Again: true}
	found := compare.Recordings(c.Old, c.New, rule)
	doubtful := slices.DeleteFunc(slices.Clone(c.Cases), func(k scenarios.Case) bool {
		at := slices.IndexFunc(found.Cases, func(c compare.Case) bool { return c.Name() == k.Name() })
		return at < 0 || !changed(found.Cases[at])
	})
	if len(doubtful) == 0 {
		return &found, nil
	}
	c.Again(len(doubtful))
	old, new, err := c.play(ctx, turns(doubtful, c.Count, c.Count))
	if err != nil || ctx.Err() != nil {
		return nil, err
	}
	against := old
	if c.Baseline {
		against = c.Old
	}
	found = compare.Confirm(found, compare.Recordings(against, new, rule))
	c.add(old, new)
	return &found, nil
}

// changed reports whether a case has a figure that is worse or better by more
// than an equality.
func changed(k compare.Case) bool {
	return slices.ContainsFunc(k.Figures, func(f compare.Figure) bool {
		return !f.Exact && (f.Verdict == compare.Worse || f.Verdict == compare.Better)
	})
}

// play plays the turns until all are done or ctx is.
func (c *rounds) play(ctx context.Context, todo []turn) (old, new []*record.Recording, err error) {
	for _, t := range todo {
		if ctx.Err() != nil {
			break
		}
		c.begun++
		c.Began(t.Case)
		before, now, err := c.Player(ctx, t.Case, t.round)
		c.Ended(t.Case, t.telling(now))
		if err != nil {
			return old, new, err
		}
		if before != nil {
			before.Round = t.round
			old = append(old, before)
		}
		if now != nil {
			now.Round = t.round
			new = append(new, now)
		}
	}
	return inOrder(old, c.Cases), inOrder(new, c.Cases), nil
}

func (c *rounds) add(old, new []*record.Recording) {
	c.New = inOrder(append(c.New, new...), c.Cases)
	if c.Against {
		c.Old = inOrder(append(c.Old, old...), c.Cases)
	}
}
