package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/reports/figures"
	"github.com/teapot-go/teapot/scenarios"
)

// comparedRounds is how often a run is repeated that is compared with another, if nobody says how often: with so many pairs a tenth more CPU is
// found on a busy machine.
const comparedRounds = 30

// A turn is one run of one case among those that are repeated.
type turn struct {
	scenarios.Case
	round int
	last  bool
}

// turns puts every round of the cases in order: there and back again, so that what the machine does in a while falls on all alike. Under the
// virtual clock a round is like any other, to the byte, so that there is one.
func turns(todo []scenarios.Case, first, rounds int) []turn {
	var all []turn
	for round := range rounds {
		var once []turn
		for _, k := range todo {
			virtual := harness.Clock(k.Scenario.Clock) == harness.Virtual
			if round == 0 || !virtual {
				once = append(once, turn{k, first + round, virtual || round == rounds-1})
			}
		}
		if round%2 == 1 {
			slices.Reverse(once)
		}
		all = append(all, once...)
	}
	return all
}

// A player runs one turn, and records it on each side that there is: new, and old where another build takes turns.
type player func(ctx context.Context, t turn) ([]*harness.Recording, error)

// here plays in this process. Each round has a runner of its own: a runner measures a reference only once.
func (c *runCommand) here(to *console, progress *progress) player {
	var runner *scenarios.Runner
	round := -1
	return func(ctx context.Context, t turn) ([]*harness.Recording, error) {
		if t.round != round {
			round, runner = t.round, &scenarios.Runner{
				Reproduce: func(k scenarios.Case) string { return scenarios.Command(to.self, k) },
				Ended:     func(scenarios.Case, harness.Class) { progress.count() },
			}
		}
		rec, err := runner.Run(ctx, t.Case)
		if err != nil {
			return nil, err
		}
		return []*harness.Recording{rec}, nil
	}
}

// play plays the turns until all are done or ctx is, and sorts what they recorded by case and round: one list for each side that the player has.
// Of all but the last round only what is wrong is told.
func play(ctx context.Context, todo []turn, p player, progress *progress) (sides [2][]*harness.Recording, err error) {
	for _, t := range todo {
		if ctx.Err() != nil {
			break
		}
		progress.begin(t.Case)
		recs, err := p(ctx, t)
		if len(recs) == 0 || !t.last && figures.Verdict(recs[0]) == "ok" {
			progress.end(t.Case, nil)
		} else {
			progress.end(t.Case, recs[0])
		}
		for i, rec := range recs {
			rec.Round = t.round
			sides[i] = append(sides[i], rec)
		}
		if err != nil {
			return sides, err
		}
	}
	return sides, nil
}

// inOrder sorts recordings as the scenarios have them, and each case's by round, whatever the order in which they ran.
func inOrder(recs []*harness.Recording, cases []scenarios.Case) []*harness.Recording {
	place := map[string]int{}
	for i, k := range cases {
		place[k.Name()] = i
	}
	slices.SortStableFunc(recs, func(a, b *harness.Recording) int {
		return cmp.Or(cmp.Compare(place[caseOf(a)], place[caseOf(b)]), cmp.Compare(a.Round, b.Round))
	})
	return recs
}

func caseOf(r *harness.Recording) string { return r.Scenario + "/" + r.Name() }

// typical picks of the rounds of each case what a report for people shows: the one with the median makespan, and all that are not as they should be.
// Recordings come in order.
func typical(recs []*harness.Recording) []*harness.Recording {
	var shown []*harness.Recording
	for len(recs) > 0 {
		n := 1
		for n < len(recs) && caseOf(recs[n]) == caseOf(recs[0]) {
			n++
		}
		byTime := slices.SortedStableFunc(slices.Values(recs[:n]), func(a, b *harness.Recording) int { return cmp.Compare(a.Makespan, b.Makespan) })
		median := byTime[(n-1)/2]
		for _, r := range recs[:n] {
			if r == median || figures.Verdict(r) != "ok" {
				shown = append(shown, r)
			}
		}
		recs = recs[n:]
	}
	return shown
}
