package summary

import (
	"cmp"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
)

// Typical picks of runs that were repeated what a report for people shows: of
// the rounds of each case, which follow one another, the one with the median
// makespan, and all that are not as they should be.
func Typical(recs []*record.Recording) []*record.Recording {
	var shown []*record.Recording
	for len(recs) > 0 {
		n := 1
		for n < len(recs) && recs[n].Case() == recs[0].Case() && recs[n].Round > recs[n-1].Round {
			n++
		}
		median := Median(recs[:n])
		for _, r := range recs[:n] {
			if r == median || Verdict(r) != "ok" {
				shown = append(shown, r)
			}
		}
		recs = recs[n:]
	}
	return shown
}

// Median is of runs that were repeated the one with the median makespan, of
// those that came to their end if any has.
func Median(rounds []*record.Recording) *record.Recording {
	ended := slices.DeleteFunc(
		slices.Clone(rounds),
		func(r *record.Recording) bool { return r.Interrupted || r.Deadlock != "" },
	)
	if len(ended) == 0 {
		ended = slices.Clone(rounds)
	}
	slices.SortStableFunc(ended, func(a, b *record.Recording) int { return cmp.Compare(a.Makespan, b.Makespan) })
	return ended[(len(ended)-1)/2]
}
