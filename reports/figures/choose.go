package figures

import (
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness"
)

// most is how many of the slowest samples, and of the latest, are exceptional.
const most = 500

// Failed says whether the sample counts as an error.
func Failed(s harness.Sample) bool { return s.Class.Outcome() == harness.OutcomeError }

// Late is how far the sample's finish is behind the ideal schedule's, 0 where the recording has none.
func Late(r *harness.Recording, s harness.Sample) time.Duration {
	if r.IdealMakespan <= 0 || s.Finished < 0 {
		return 0
	}
	return max(s.Finished-s.IdealFinished, 0)
}

// Choose returns n of the samples that shown allows, or all of them if they are no more, by index in order of their number. Exceptional
// ones are kept first: what ended otherwise than planned, then errors, then the slowest and the latest; of the rest every so many-th.
func Choose(r *harness.Recording, n int, shown func(harness.Sample) bool) []int {
	var ranked [4][]int // ordinary, slow or late, failed, wrong
	slow, late := threshold(r, harness.Sample.Latency), threshold(r, func(s harness.Sample) time.Duration { return Late(r, s) })
	slows, lates := most, most
	for i, s := range r.Samples {
		if !shown(s) {
			continue
		}
		rank := 0
		switch {
		case s.PlannedClass != "" && s.Class != s.PlannedClass:
			rank = 3
		case Failed(s):
			rank = 2
		case s.Latency() >= slow && slows > 0:
			rank, slows = 1, slows-1
		case Late(r, s) >= late && lates > 0:
			rank, lates = 1, lates-1
		}
		ranked[rank] = append(ranked[rank], i)
	}
	var chosen []int
	for rank := len(ranked) - 1; rank >= 0; rank-- {
		group, places := ranked[rank], n-len(chosen)
		if len(group) <= places {
			chosen = append(chosen, group...)
			continue
		}
		for i := range places {
			chosen = append(chosen, group[i*len(group)/places])
		}
		break
	}
	slices.Sort(chosen)
	return chosen
}

// threshold is what a sample's time must reach to be among the most; one that took no time never is.
func threshold(r *harness.Recording, of func(harness.Sample) time.Duration) time.Duration {
	times := make([]time.Duration, len(r.Samples))
	for i, s := range r.Samples {
		times[i] = of(s)
	}
	slices.Sort(times)
	if len(times) == 0 {
		return 1
	}
	return max(1, times[max(len(times)-most, 0)])
}
