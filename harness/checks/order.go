package checks

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness"
)

// An Ordering is what a scenario expects of the order of delivery.
type Ordering string

// The orderings.
const (
	BySubmission Ordering = "submission" // results come in the order in which the tasks were submitted
	ByCompletion Ordering = "completion" // results come in the order in which the tasks finished
	AnyOrder     Ordering = "any"
)

// Order expects results in the given order, and, unless that is any, tasks that start first in, first out.
//
// Under the virtual clock this is exact. Under the real one a worker may be held up between the moment that counts and the moment that
// is noted; but each worker holds one task only, so with W workers at most W-1 others can have overtaken any task, however long that
// took. No tolerance in time is needed.
func Order(want Ordering) harness.Check {
	return func(r *harness.Recording, _ *harness.Oracle) []harness.Violation {
		if want == AnyOrder {
			return nil
		}
		slack := 0
		if r.Clock == harness.Real {
			slack = len(r.Samples)
			if r.Workers > 0 {
				slack = r.Workers - 1
			}
		}
		submission := func(s harness.Sample) time.Duration { return time.Duration(s.Seq) }
		started := func(s harness.Sample) time.Duration { return s.Started }
		finished := func(s harness.Sample) time.Duration { return s.Finished }
		delivered := func(s harness.Sample) time.Duration { return s.Delivered }

		found := overtaking(r.Samples, "start", submission, started, slack)
		if want == BySubmission {
			return append(found, overtaking(r.Samples, "delivery", submission, delivered, 0)...)
		}
		return append(found, overtaking(r.Samples, "delivery", finished, delivered, slack)...)
	}
}

// overtaking finds the task that the most others have overtaken on the way from one order to another: those that come after it in the
// first and strictly before it in the second. More than slack of them are a violation. Tasks that reached neither are left out.
func overtaking(samples []harness.Sample, what string, from, to func(harness.Sample) time.Duration, slack int) []harness.Violation {
	var way []harness.Sample
	for _, s := range samples {
		if from(s) >= 0 && to(s) >= 0 {
			way = append(way, s)
		}
	}
	// Walk through the second order, and count for each task those already met that come later in the first.
	rank := make(map[int]int, len(way))
	slices.SortStableFunc(way, func(a, b harness.Sample) int { return cmp.Compare(from(a), from(b)) })
	for i, s := range way {
		if i > 0 && from(s) == from(way[i-1]) {
			rank[s.Seq] = rank[way[i-1].Seq]
		} else {
			rank[s.Seq] = i
		}
	}
	slices.SortStableFunc(way, func(a, b harness.Sample) int { return cmp.Compare(to(a), to(b)) })
	worst, most := -1, slack
	met := make(fenwick, len(way)+1)
	for i := 0; i < len(way); {
		group := i + 1
		for group < len(way) && to(way[group]) == to(way[i]) {
			group++
		}
		for k := i; k < group; k++ {
			if later := i - met.sum(rank[way[k].Seq]+1); later > most {
				worst, most = k, later
			}
		}
		for ; i < group; i++ {
			met.add(rank[way[i].Seq])
		}
	}
	if worst < 0 {
		return nil
	}
	return violation("order", fmt.Sprintf("%s of %s overtaken by %d later tasks", what, way[worst].Key, most),
		fmt.Sprintf("by at most %d", slack))
}

// A fenwick tree counts ranks (P. M. Fenwick, A New Data Structure for Cumulative Frequency Tables, 1994).
type fenwick []int

func (f fenwick) add(rank int) {
	for i := rank + 1; i < len(f); i += i & -i {
		f[i]++
	}
}

// sum counts the ranks below n.
func (f fenwick) sum(n int) int {
	total := 0
	for i := min(n, len(f)-1); i > 0; i -= i & -i {
		total += f[i]
	}
	return total
}
