package compare

import (
	"fmt"
	"iter"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// unlike returns why the runs of a case cannot be compared: they met another
// world, or one has not come to its end.
func (k *Case) unlike() string {
	first := k.Old[0]
	for _, r := range append(k.Old[1:len(k.Old):len(k.Old)], k.New...) {
		if why := otherSearch(first, r); why != "" {
			return why
		}
	}
	atOtherRates := k.atOtherRates()
	for i, r := range append(k.Old[:len(k.Old):len(k.Old)], k.New...) {
		side := "old"
		if i >= len(k.Old) {
			side = "new"
		}
		switch {
		case r.Interrupted:
			return fmt.Sprintf("the %s run was interrupted after %s", side, r.Ended())
		case r.Clock != first.Clock:
			return fmt.Sprintf("one run under the %s clock, another under the %s clock", first.Clock, r.Clock)
		case r.Seed != first.Seed:
			return fmt.Sprintf("seeds %d and %d: the servers behaved differently", first.Seed, r.Seed)
		case r.Tasks() != first.Tasks() && !atOtherRates:
			return fmt.Sprintf("%d and %s: the workloads differ", first.Tasks(), text.Plural(r.Tasks(), "task"))
		case (r.Totals == nil) != (first.Totals == nil):
			return "one recording keeps all samples and one does not: run both with the same --samples"
		case r.Timeout != first.Timeout:
			return fmt.Sprintf("timeouts of %v and %v, 0 for none: the clients differ", first.Timeout, r.Timeout)
		}
		if n, key := otherPlans(first, r, atOtherRates); n > 0 {
			return fmt.Sprintf("different plans for %d of %d tasks, %s first: the servers behaved differently",
				n, min(r.Tasks(), first.Tasks()), key)
		}
	}
	return ""
}

// otherPlans counts the tasks that were to meet something else, and names the
// first. Which attempt decides may depend on what happens under the real clock,
// and with it what that attempt meets; of a first attempt the latency does not.
// At another rate tasks are turned away that were not, but the latencies of
// those that both runs have are the same.
func otherPlans(a, b *record.Recording, atOtherRates bool) (n int, key string) {
	for s, t := range inBoth(a, b) {
		same := s.Key == t.Key
		switch {
		case a.Clock == record.Virtual && !atOtherRates:
			same = same && s.PlannedLatency == t.PlannedLatency && s.PlannedFault == t.PlannedFault
		case s.Attempt == 1 && t.Attempt == 1:
			same = same && s.PlannedLatency == t.PlannedLatency
		}
		if !same {
			if n++; n == 1 {
				key = t.Key
			}
		}
	}
	return n, key
}

// inBoth yields the samples of the tasks of which both runs have one. The tasks
// that a seed has drawn are the same in both.
func inBoth(a, b *record.Recording) iter.Seq2[*record.Sample, *record.Sample] {
	return func(yield func(s, t *record.Sample) bool) {
		for i, j := 0, 0; i < len(a.Samples) && j < len(b.Samples); {
			switch s, t := &a.Samples[i], &b.Samples[j]; {
			case s.Seq < t.Seq:
				i++
			case s.Seq > t.Seq:
				j++
			default:
				if !yield(s, t) {
					return
				}
				i, j = i+1, j+1
			}
		}
	}
}

// samples is a figure of its own where runs under the virtual clock differ in
// what no other figure shows: when a task ran, or what it came to.
func (k *Case) samples() (f Figure, differ bool) {
	old, new := k.Old[0], k.New[0]
	if k.Clock != record.Virtual || old.Tasks() != new.Tasks() {
		return f, false
	}
	n, all := 0, 0
	for s, t := range inBoth(old, new) {
		all++
		if s.Seen != t.Seen || s.Started != t.Started || s.Finished != t.Finished || s.Delivered != t.Delivered {
			n++
		}
	}
	for _, other := range k.Figures {
		differ = differ || other.Verdict != Same
	}
	if n == 0 || differ {
		return f, false // what has changed is said
	}
	return Figure{
		Metric: Metric{
			Name: "samples",
			Unit: unitCount,
			Good: wantEqual,
		},
		New:     float64(n),
		Change:  float64(n),
		Lo:      float64(n),
		Hi:      float64(n),
		Pairs:   1,
		Exact:   true,
		Verdict: Inconclusive,
		Why: fmt.Sprintf(
			"%d of %d tasks ran at another time or had another result, and no other figure shows it",
			n,
			all,
		),
	}, true
}
