package html

import (
	"fmt"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// A bar shows the times of a run beside those of the other runs of its
// scenario, on one scale each, in percent.
type bar struct {
	Makespan, Ideal string // from 0; the ideal is "" if there is none
	P50, Wide       string // from the median of the service times to their 99th percentile, without errors
}

// newBars returns the bars of the runs of one scenario, by run.
func newBars(group []*record.Recording) []bar {
	longest, slowest := time.Duration(1), time.Duration(1)
	var took []map[string]time.Duration
	for i, r := range group {
		longest = max(longest, r.Makespan, r.IdealMakespan)
		took = append(took, r.WithoutErrors())
		slowest = max(slowest, took[i]["p99"])
	}
	share := func(d, of time.Duration) string { return fmt.Sprintf("%.2f%%", 100*float64(max(d, 0))/float64(of)) }
	var all []bar
	for i, r := range group {
		p50, p99 := took[i]["p50"], took[i]["p99"]
		b := bar{
			Makespan: share(r.Makespan, longest), P50: share(min(p50, slowest*99/100), slowest),
			Wide: share(max(p99-p50, slowest/100), slowest),
		}
		if r.IdealMakespan > 0 {
			b.Ideal = share(min(r.IdealMakespan, longest*995/1000), longest)
		}
		all = append(all, b)
	}
	return all
}
