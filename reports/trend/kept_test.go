package trend

import (
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// TestWorldOfTotals wants the world of a run to be the same whatever its
// recording keeps of more samples, and another where a plan or a key is.
func TestWorldOfTotals(t *testing.T) {
	run := func(keep int, change func(*record.Sample)) (world, float64) {
		r := fixture.Simulate("s", "pool", 10, 1000, 0)
		for i := range r.Samples {
			change(&r.Samples[i])
		}
		r.Summarize()
		r.Keep(keep)
		p99, has := percentile(r, 0.99)
		if !has {
			t.Error("no percentile")
		}
		return worldOf(reports.Host{}, r), p99
	}
	same := func(*record.Sample) {}
	of, p99 := run(100, same)
	for _, keep := range []int{150, 300, 999} {
		if other, late := run(keep, same); other != of || late != p99 {
			t.Errorf("a limit of %d makes another world, or %v of %v", keep, late, p99)
		}
	}
	if _, exact := run(1000, same); exact > p99 || exact < p99*0.998 {
		t.Errorf("p99 is %v by the totals, want %v", p99, exact)
	}
	if other, _ := run(150, func(s *record.Sample) { s.PlannedFault += "x" }); other == of {
		t.Error("another plan is no other world")
	}
	if other, _ := run(150, func(s *record.Sample) { s.Key += "x" }); other == of {
		t.Error("other keys are no other world")
	}
}
