package summary

import (
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// most is how many of the slowest samples, and of the latest, are exceptional.
const most = 500

// Failed reports whether the sample counts as an error.
func Failed(s *record.Sample) bool { return s.Class.Outcome() == record.OutcomeError }

// Late returns how long after the ideal schedule the sample finished. It is 0
// if it was not late, did not finish, or the recording has no ideal schedule.
func Late(r *record.Recording, s *record.Sample) time.Duration {
	if r.IdealMakespan <= 0 || s.Finished < 0 || s.Class.Outcome() == record.OutcomeNone {
		return 0
	}
	return max(s.Finished-s.IdealFinished, 0)
}

// Choose returns the indices of n of the samples that shown accepts, in
// ascending order, or of all of them if there are no more than n. It prefers
// samples that ended otherwise than planned, then errors, then the slowest and
// the latest. The rest is an even sample of the others.
func Choose(r *record.Recording, n int, shown func(*record.Sample) bool) []int {
	ranked, sizes := weigh(r, shown)
	var places [ranks + 1]int
	room := n
	for i := ranks; i > 0; i-- {
		places[i] = min(sizes[i], room)
		room -= places[i]
	}
	chosen := make([]int, 0, n-room)
	var before [ranks + 1]int // of its rank
	for i, k := range ranked {
		// Of so many with so many places, one is taken whenever the share of
		// places that are due grows by a whole one.
		if k > 0 && (before[k]+1)*places[k]/sizes[k] > before[k]*places[k]/sizes[k] {
			chosen = append(chosen, i)
		}
		before[k]++
	}
	return chosen
}

// The ranks of samples; 0 is for those that are not to be shown.
const (
	ordinary = iota + 1
	extreme  // slow, or late
	errors
	wrong
	ranks = wrong
)

// weigh ranks the samples, and counts each rank.
func weigh(r *record.Recording, shown func(*record.Sample) bool) (ranked []uint8, sizes [ranks + 1]int) {
	ranked = make([]uint8, len(r.Samples))
	slow := threshold(r, func(s *record.Sample) time.Duration { return s.Latency() })
	late := threshold(r, func(s *record.Sample) time.Duration { return Late(r, s) })
	slows, lates := most, most
	for i := range r.Samples {
		s := &r.Samples[i]
		switch {
		case !shown(s):
		case r.Wrong(s):
			ranked[i] = wrong
		case Failed(s):
			ranked[i] = errors
		case s.Latency() >= slow && slows > 0:
			ranked[i], slows = extreme, slows-1
		case Late(r, s) >= late && lates > 0:
			ranked[i], lates = extreme, lates-1
		default:
			ranked[i] = ordinary
		}
		sizes[ranked[i]]++
	}
	return ranked, sizes
}

// threshold is what a sample's time must reach to be among the most; one that
// took no time never is.
func threshold(r *record.Recording, of func(*record.Sample) time.Duration) time.Duration {
	if len(r.Samples) <= most {
		return 1
	}
	times := make([]time.Duration, len(r.Samples))
	for i := range r.Samples {
		times[i] = of(&r.Samples[i])
	}
	slices.Sort(times)
	return max(1, times[len(times)-most])
}
