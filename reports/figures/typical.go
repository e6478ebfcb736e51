package figures

import (
	"cmp"
	"slices"

	"github.com/teapot-go/teapot/harness"
)

// Typical picks of runs that were repeated what a report for people shows: of the rounds of each case, which follow one another, the one with
// the median makespan, and all that are not as they should be.
func Typical(recs []*harness.Recording) []*harness.Recording {
	var shown []*harness.Recording
	for len(recs) > 0 {
		n := 1
		for n < len(recs) && recs[n].Case() == recs[0].Case() && recs[n].Round > recs[n-1].Round {
			n++
		}
		byTime := slices.SortedStableFunc(slices.Values(recs[:n]), func(a, b *harness.Recording) int { return cmp.Compare(a.Makespan, b.Makespan) })
		median := byTime[(n-1)/2]
		for _, r := range recs[:n] {
			if r == median || Verdict(r) != "ok" {
				shown = append(shown, r)
			}
		}
		recs = recs[n:]
	}
	return shown
}
