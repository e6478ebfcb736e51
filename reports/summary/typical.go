package summary

import (
	"cmp"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
)

// Typical returns the runs that a report for people shows of repeated runs. Of
// the rounds of one case, which must follow one another, it keeps the one with
// the median makespan and all whose verdict is not "ok".
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

// Median returns the round with the median makespan: of those that ended, or of
// all if none has ended. Of an even number it takes the faster one in the
// middle. It panics if there are no rounds.
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
