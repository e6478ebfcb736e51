package oracle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// TestAfter has a batch that returned at 100 ms, and one request that the
// server had at another time.
func TestAfter(t *testing.T) {
	for _, tt := range []struct {
		name, journal string
		latency, late time.Duration
		exact         bool
		want          string // surely, and perhaps
	}{
		{"answered before", "A#1:1+99=200", 99 * ms, 0, false, "[] []"},
		{"its end noted late", "A#1:1+180=200", 99 * ms, 0, false, "[] []"},
		{"its end noted very late", "A#1:1+1280=200", 99 * ms, 0, false, "[] [A]"},
		{"answered after", "A#1:50+300=200", 300 * ms, 0, false, "[A] []"},
		{"answered after, on a late machine", "A#1:50+300=200", 300 * ms, 50 * ms, false, "[] [A]"},
		{"answered soon after", "A#1:50+60=200", 60 * ms, 0, false, "[] [A]"},
		{"answered soon after, exactly", "A#1:50+60=200", 60 * ms, 0, true, "[A] []"},
		{"left before", "A#1:50+55=0", 300 * ms, 0, false, "[] []"},
		{"comes after", "A#1:150+1=200", 1 * ms, 0, true, "[A] []"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := oracle.Oracle{
				Plan:     func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Truth:    func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
				Attempts: 1, Epoch: time.Unix(1000, 0), Exact: tt.exact, Late: tt.late,
			}
			journal := requests(tt.journal)
			for i := range journal {
				journal[i].Planned.Latency, journal[i].Waited = tt.latency, min(tt.latency, journal[i].Took)
			}
			surely, perhaps := o.After(journal, 100*ms, tt.late)
			if got := fmt.Sprint(surely, perhaps); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
