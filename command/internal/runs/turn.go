package runs

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/scenarios"
)

// A turn is one run of one case among those that are repeated.
type turn struct {
	scenarios.Case
	round int
	last  bool
}

// telling is the recording if there is something to tell of it.
func (t turn) telling(rec *record.Recording) *record.Recording {
	if rec == nil || !t.last && summary.Verdict(rec) == "ok" {
		return nil
	}
	return rec
}

// turns puts every round of the cases in order: there and back again, so that
// what the machine does in a while falls on all alike. Under the virtual clock
// a round is like any other, to the byte, so that there is one.
func turns(todo []scenarios.Case, first, rounds int) []turn {
	var all []turn
	for round := range rounds {
		var once []turn
		for _, k := range todo {
			virtual := record.Clock(k.Scenario.Clock) == record.Virtual
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

// A player runs one case once more, and on the old build too where there is
// one. A recording is nil where there is none, for want of an old build or
// because ctx was done.
type player func(ctx context.Context, k scenarios.Case, round int) (old, new *record.Recording, err error)

// here plays in this build. Each round has runners of its own, because a runner
// measures a reference only once.
//
// A case that may run in a process of its own is not watched: a runner keeps
// watched cases in this process, which such a case could end.
func here(v scenarios.Vocabulary, runner func() *scenarios.Runner) player {
	var watched, unwatched *scenarios.Runner
	last := -1
	return func(ctx context.Context, k scenarios.Case, round int) (old, new *record.Recording, err error) {
		if round != last {
			last, watched, unwatched = round, runner(), runner()
			unwatched.Watch = nil
		}
		of := watched
		if record.Clock(k.Scenario.Clock) != record.Real && foreign(v, k.Scenario) {
			of = unwatched
		}
		if new, err = of.Run(ctx, k); ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return nil, nil, nil // it was interrupted before the first task
		}
		return nil, new, err
	}
}

// foreign reports whether the vocabulary has added the task or the batch of a
// scenario, the content of its server, or any executor: the case that is run
// may have to be compared with another.
func foreign(v scenarios.Vocabulary, s *scenarios.Scenario) bool {
	content := s.Server != nil && v.Contents[s.Server.Content.Name] != nil
	own := func(e scenarios.Executor) bool { return v.Executors[e.Kind] != nil || v.Maps[e.Kind] != nil }
	return content || v.Tasks[s.Workload.Task.Name] != nil || s.Workload.Batch.Name != "" ||
		slices.ContainsFunc(s.Executors, own)
}

// inOrder sorts recordings as the scenarios have them, and each case's by
// round, whatever the order in which they ran.
func inOrder(recs []*record.Recording, cases []scenarios.Case) []*record.Recording {
	place := map[string]int{}
	for i, k := range cases {
		place[k.Name()] = i
	}
	slices.SortStableFunc(recs, func(a, b *record.Recording) int {
		return cmp.Or(cmp.Compare(place[a.Case()], place[b.Case()]), cmp.Compare(a.Round, b.Round))
	})
	return recs
}
