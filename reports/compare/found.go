package compare

import (
	"fmt"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/search"
	"github.com/teapot-go/teapot/reports/found"
	"github.com/teapot-go/teapot/reports/text"
)

// rateFound is the highest rate that a search has found. It is the machine's
// time in another form, and drifts as that does.
var rateFound = Metric{
	Name: "rate found", Unit: unitRate, Why: "the highest that meets the expectations", Good: wantMore, kind: absolute,
	of: func(r *record.Recording) (figure, from float64, has bool) {
		if r.Search == nil || !ended(r) || r.Search.Found == 0 && r.Clock == record.Real {
			return 0, 0, false
		}
		return r.Search.Found, float64(r.Makespan), true
	},
}

// otherSearch returns why two runs did not search for the same, "" if they did
// or if neither searched.
func otherSearch(r, other *record.Recording) string {
	a, b := r.Search, other.Search
	switch {
	case a == nil && b == nil:
		return ""
	case a == nil || b == nil:
		return "one run searched for a rate, another did not: the scenarios differ"
	case a.Low != b.Low || a.High != b.High || a.Within != b.Within:
		of := func(r *search.Result) string {
			return fmt.Sprintf("%s to %s within %g%%", search.Text(r.Low), search.Text(r.High), 100*r.Within)
		}
		return fmt.Sprintf("searches of %s and of %s: the scenarios differ", of(a), of(b))
	}
	if x, y := found.Bounds(r), found.Bounds(other); !slices.Equal(x, y) {
		return fmt.Sprintf("searches for %s and for %s: the scenarios differ", text.List(x, 3), text.List(y, 3))
	}
	return ""
}

// atOtherRates reports whether searches have found different rates. Their runs
// are then different workloads, of which nothing else can be compared.
func (k *Case) atOtherRates() bool {
	first := k.Old[0].Search
	return first != nil && slices.ContainsFunc(slices.Concat(k.Old, k.New), func(r *record.Recording) bool {
		return r.Search != nil && r.Search.Found != first.Found
	})
}

// doubtRate makes a change of the rate inconclusive that may be the machine's.
func (k *Case) doubtRate(f *Figure) {
	if f.Metric.Name != rateFound.Name || f.Verdict != Worse && f.Verdict != Better {
		return
	}
	for _, r := range slices.Concat(k.Old, k.New) {
		if why := r.Search.Doubt(); why != "" {
			f.Verdict, f.Why = Inconclusive, why
			return
		}
	}
}
