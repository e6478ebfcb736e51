package html

import (
	"fmt"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
)

// tested is what the runs were of: the commit and the branch, and the clock and
// the seed where all of them had the same.
func tested(h reports.Host, recs []*record.Recording) (facts []string) {
	if h.Commit != "" {
		facts = append(facts, "commit "+show(h.Commit[:min(len(h.Commit), 12)], 12))
	}
	if h.Branch != "" {
		facts = append(facts, "branch "+show(h.Branch, 60))
	}
	if len(recs) == 0 {
		return facts
	}
	same := func(of func(*record.Recording) string) {
		first := of(recs[0])
		if !slices.ContainsFunc(recs, func(r *record.Recording) bool { return of(r) != first }) {
			facts = append(facts, first)
		}
	}
	same(func(r *record.Recording) string { return show(string(r.Clock), 20) + " clock" })
	same(func(r *record.Recording) string { return fmt.Sprintf("seed %d", r.Seed) })
	return facts
}
