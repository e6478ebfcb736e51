package compare

import (
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// TestKept wants recordings that keep some of their samples to be compared by
// those that both have, and with no recording that keeps all.
func TestKept(t *testing.T) {
	run := func(keep int, change func(*record.Recording)) *record.Recording {
		r := fixture.Simulate("s", "pool", 10, 1000, 0)
		change(r)
		r.Summarize()
		r.Keep(keep)
		return r
	}
	same := func(*record.Recording) {}
	verdict := func(a, b *record.Recording) Case {
		return Recordings([]*record.Recording{a}, []*record.Recording{b}, Rule{}).Cases[0]
	}
	for name, tt := range map[string]struct {
		old, new *record.Recording
		want     Verdict
		why      string
	}{
		"the same":            {run(200, same), run(200, same), Same, ""},
		"another limit":       {run(200, same), run(400, same), Same, ""},
		"all and some":        {run(1000, same), run(200, same), NoData, "run both with the same --samples"},
		"some and all":        {run(200, same), run(1000, same), NoData, "run both with the same --samples"},
		"another task's plan": {run(200, same), run(200, struckElse), NoData, "different plans for "},
		"fewer tasks": {run(200, same), run(200, func(r *record.Recording) {
			r.Samples = slices.Clone(r.Samples[:999])
		}), NoData, "1000 and 999 tasks"},
		"twice as long": {run(200, same), run(200, func(r *record.Recording) {
			for i := range r.Samples {
				s := &r.Samples[i]
				s.Finished += s.Latency()
				s.Delivered = s.Finished
			}
		}), Worse, ""},
	} {
		if k := verdict(tt.old, tt.new); k.Verdict != tt.want || !strings.Contains(k.Why, tt.why) {
			t.Errorf("%s: %s, %q, want %s, %q", name, k.Verdict, k.Why, tt.want, tt.why)
		}
	}
}

// struckElse changes what every task is to meet.
func struckElse(r *record.Recording) {
	for i := range r.Samples {
		r.Samples[i].PlannedFault += "x"
	}
}
