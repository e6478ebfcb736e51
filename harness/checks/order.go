package checks

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// An Ordering is the order of delivery that a scenario expects.
type Ordering string

// The orderings.
const (
	BySubmission Ordering = "submission" // results come in the order in which the tasks were submitted
	ByCompletion Ordering = "completion" // results come in the order in which the tasks finished
	AnyOrder     Ordering = "any"
)

// Order expects results in the given order, and, unless that is any, tasks that
// start first in, first out.
//
// Under the virtual clock this is exact. Under the real clock a worker may be
// delayed between the start of a task and the moment at which it is noted,
// while the others run any number of later tasks. But each worker holds one
// task only: with W workers no task can be ahead of more than W-1 earlier ones.
// No tolerance in time is needed.
func Order(want Ordering) Check {
	return func(r *record.Recording) []record.Violation {
		if want == AnyOrder {
			return nil
		}
		slack := 0
		if r.Clock == record.Real {
			slack = len(r.Samples)
			if r.Workers > 0 {
				slack = r.Workers - 1
			}
		}
		submission := func(s record.Sample) time.Duration { return time.Duration(s.Seq) }
		started := func(s record.Sample) time.Duration { return s.Started }
		finished := func(s record.Sample) time.Duration { return s.Finished }
		delivered := func(s record.Sample) time.Duration { return s.Delivered }

		found := outrunning(r.Samples, "start", submission, started, slack)
		if want == BySubmission {
			return append(found, outrunning(r.Samples, "delivery", submission, delivered, 0)...)
		}
		return append(found, outrunning(r.Samples, "delivery", finished, delivered, slack)...)
	}
}

// outrunning finds the task that has overtaken the most others from one order
// to another: those that come before it in the first and strictly after it in
// the second. More than slack of them are a violation. Tasks that did not reach
// both are left out.
func outrunning(samples []record.Sample, what string, from, to func(record.Sample) time.Duration,
	slack int,
) []record.Violation {
	var way []record.Sample
	for _, s := range samples {
		if from(s) >= 0 && to(s) >= 0 {
			way = append(way, s)
		}
	}
	rank := ranks(way, from)
	slices.SortStableFunc(way, func(a, b record.Sample) int { return cmp.Compare(to(a), to(b)) })
	// Go through the second order, a group of equals at a time, and count those
	// of lower rank that have not come yet.
	worst, most := -1, slack
	met := make(fenwick, len(way)+1)
	for i := 0; i < len(way); {
		group := i
		for ; group < len(way) && to(way[group]) == to(way[i]); group++ {
			met.add(rank[way[group].Seq])
		}
		for ; i < group; i++ {
			r := rank[way[i].Seq]
			if missing := r - met.sum(r); missing > most {
				worst, most = i, missing
			}
		}
	}
	if worst < 0 {
		return nil
	}
	return violation("order", fmt.Sprintf("%s of %s ahead of %d that come first", what, way[worst].Key, most),
		fmt.Sprintf("ahead of at most %d", slack))
}

// ranks returns for each sample, by seq, how many come strictly before it.
func ranks(way []record.Sample, order func(record.Sample) time.Duration) map[int]int {
	slices.SortStableFunc(way, func(a, b record.Sample) int { return cmp.Compare(order(a), order(b)) })
	rank := make(map[int]int, len(way))
	for i, s := range way {
		rank[s.Seq] = i
		if i > 0 && order(s) == order(way[i-1]) {
			rank[s.Seq] = rank[way[i-1].Seq]
		}
	}
	return rank
}

// A fenwick tree counts ranks (P. M. Fenwick, A New Data Structure for
// Cumulative Frequency Tables, 1994).
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
