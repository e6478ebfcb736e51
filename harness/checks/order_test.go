package checks_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

func TestDeliveryOrder(t *testing.T) {
	inOrder, asCompleted, anyOrder := checks.Order(checks.BySubmission), checks.Order(checks.ByCompletion),
		checks.Order(checks.AnyOrder)
	deliver := func(seq int, at time.Duration) func(*record.Recording) {
		return func(r *record.Recording) { r.Samples[seq].Delivered = at }
	}
	hold(t, []planted{
		{name: "in order", check: inOrder},
		{"too late", inOrder, bugs{deliver(1, 5*sec)}, "order", "delivery of C ahead of 1|at most 0"},
		{"too early", inOrder, bugs{deliver(5, 7*sec)}, "order", "delivery of F ahead of 1|at most 0"},
		{"too late under the real clock", inOrder, bugs{busy, deliver(1, 5*sec)}, "order", "delivery of C|at most 0"},
		{"never", inOrder, bugs{deliver(1, -1)}, "", ""},
		{
			"as completed where in order was asked for", inOrder,
			bugs{completing},
			"order",
			"delivery of B ahead of 1|at most 0",
		},

		{"as completed", asCompleted, bugs{completing}, "", ""},
		{"as completed under the real clock", asCompleted, bugs{completing, busy}, "", ""},
		{"all at the end", asCompleted, bugs{func(r *record.Recording) {
			for i := range r.Samples {
				r.Samples[i].Delivered = 8 * sec
			}
		}}, "", ""},
		{
			"held back", asCompleted,
			bugs{completing, deliver(1, 3*sec+1)},
			"order",
			"delivery of C ahead of 1|at most 0",
		},
		{
			"before it finished", asCompleted,
			bugs{completing, deliver(4, sec)},
			"order",
			"delivery of E ahead of 5|at most 0",
		},
		{"held back by a busy machine", asCompleted, bugs{completing, busy, deliver(1, 9*sec)}, "", ""},
		{
			"two held back by a busy machine", asCompleted,
			bugs{completing, busy, deliver(1, 9*sec), deliver(2, 9*sec)},
			"", "",
		},
		{
			"more held back than there are other workers", asCompleted,
			bugs{completing, busy, deliver(1, 9*sec), deliver(2, 9*sec), deliver(3, 9*sec)},
			"order", "delivery of A ahead of 3|at most 2",
		},
		// the order beyond the time
		{"at one instant in order", inOrder, bugs{received(0, 1, 2, 3, 4, 5)}, "", ""},
		{
			"at one instant swapped", inOrder,
			bugs{received(0, 2, 1, 3, 4, 5)},
			"order", "delivery of C ahead of 1|at most 0",
		},
		{"a map as completed", asCompleted, bugs{completing, mapped, received(1, 2, 3, 0, 5, 4)}, "", ""},
		{"a map, all at the end", asCompleted, bugs{completing, mapped, func(r *record.Recording) {
			for i := range r.Samples {
				r.Samples[i].Delivered = 8 * sec
			}
		}, received(0, 1, 2, 3, 4, 5)}, "", ""},
		{
			"a map in order for as completed", asCompleted,
			bugs{completing, mapped, deliver(5, 8*sec), received(1, 2, 3, 0, 4, 5)},
			"order", "delivery of E ahead of 1|at most 0",
		},
		{
			"a busy machine may do so", asCompleted,
			bugs{completing, mapped, busy, deliver(5, 8*sec), received(1, 2, 3, 0, 4, 5)},
			"", "",
		},
		{"any order", anyOrder, bugs{completing, deliver(1, 9*sec), deliver(4, 0)}, "", ""},
	})
}

func TestStartOrder(t *testing.T) {
	inOrder, asCompleted, anyOrder := checks.Order(checks.BySubmission), checks.Order(checks.ByCompletion),
		checks.Order(checks.AnyOrder)
	workers := func(n int) func(*record.Recording) { return func(r *record.Recording) { r.Workers = n } }
	lifo := serial(5, 4, 3, 2, 1, 0)
	hold(t, []planted{
		{name: "first in, first out", check: inOrder, bugs: bugs{serial(0, 1, 2, 3, 4, 5)}},
		{"all at once", inOrder, bugs{func(r *record.Recording) {
			for i := range r.Samples {
				r.Samples[i].Started = 0
			}
		}}, "", ""},
		{"last in, first out", inOrder, bugs{lifo}, "order", "start of F ahead of 5|at most 0"},
		{
			"last in, first out, as completed", asCompleted,
			bugs{lifo, completing},
			"order",
			"start of F ahead of 5|at most 0",
		},
		{"last in, first out, in any order", anyOrder, bugs{lifo}, "", ""},
		{
			"last in, first out, after the first", inOrder,
			bugs{serial(0, 5, 4, 3, 2, 1)},
			"order",
			"start of F ahead of 4|at most 0",
		},
		{
			"two neighbours have changed places", inOrder,
			bugs{serial(0, 1, 3, 2, 4, 5)},
			"order",
			"start of D ahead of 1|at most 0",
		},
		{
			"one was forgotten to the end", inOrder,
			bugs{serial(1, 2, 3, 4, 5, 0)},
			"order",
			"start of B ahead of 1|at most 0",
		},
		{"no limit", inOrder, bugs{lifo, workers(0)}, "order", "start of F ahead of 5|at most 0"},

		// Under the real clock a worker can be held up for any time with the
		// task that it holds, but with no other.
		{"last in, first out, for real", inOrder, bugs{lifo, busy}, "order", "start of F ahead of 5|at most 2"},
		{"one is held up to the end", inOrder, bugs{serial(1, 2, 3, 4, 5, 0), busy}, "", ""},
		{"one of two is held up to the end", inOrder, bugs{serial(1, 2, 3, 4, 5, 0), busy, workers(2)}, "", ""},
		{"each other worker is held up", inOrder, bugs{serial(2, 3, 4, 5, 1, 0), busy}, "", ""},
		{
			"one more is held up than there are other workers", inOrder,
			bugs{serial(3, 0, 1, 2, 4, 5), busy},
			"order",
			"start of D ahead of 3|at most 2",
		},
		{
			"the only one cannot be overtaken", inOrder,
			bugs{serial(1, 0), busy, workers(1)},
			"order",
			"start of B ahead of 1|at most 0",
		},
		{"no limit, for real", inOrder, bugs{lifo, busy, workers(0)}, "", ""},

		// What is certain about tickets goes beyond the number of workers.
		{"in order by ticket", inOrder, bugs{busy, tickets(1, 6, 2, 4, 3, 8, 5, 9, 7, 11, 10, 12)}, "", ""},
		{
			"the others are busy", inOrder,
			bugs{busy, tickets(1, 12, 2, 11, 3, 4, 7, 8, 5, 6, 9, 10)},
			"order",
			"start of E ahead of 1 that come first (D)|" +
				"at most 0, the slack: 3 workers less the 3 that ran tasks then, E among them",
		},
		{"another may have it", inOrder, bugs{busy, tickets(1, 12, 2, 4, 3, 5, 8, 9, 6, 7, 10, 11)}, "", ""},
		{
			"a swap at one instant", inOrder,
			bugs{sameStart, workers(1), tickets(1, 2, 5, 6, 3, 4, 7, 8, 9, 10, 11, 12)},
			"order", "start of C ahead of 1 that come first (B)|at most 0",
		},
		{"a map starts as it likes", inOrder, bugs{lifo, mapped}, "", ""},
		{"and for real", inOrder, bugs{lifo, mapped, busy}, "", ""},
		{"so do other processes", inOrder, bugs{lifo, busy, elsewhere}, "", ""},

		{"a task that was never run is not overtaken", inOrder, bugs{serial(0, 1, 2, 3, 4, 5), lose(2)}, "", ""},
		{"a task that was never run overtakes none", inOrder, bugs{serial(0, 1, 2, 3, 4, 5), lose(5)}, "", ""},
		{
			"one that was never run hides no other", inOrder,
			bugs{serial(0, 1, 3, 2, 4, 5), lose(0)},
			"order",
			"start of D|at most 0",
		},
	})
}

// received sets the order of delivery.
func received(seqs ...int) func(*record.Recording) {
	return func(r *record.Recording) {
		for at, seq := range seqs {
			r.Samples[seq].Received = at + 1
		}
	}
}

// tickets sets the tickets of each task's start and end.
func tickets(of ...int) func(*record.Recording) {
	return func(r *record.Recording) {
		for i := range r.Samples {
			r.Samples[i].Began, r.Samples[i].Ended = of[2*i], of[2*i+1]
		}
	}
}

func sameStart(r *record.Recording) {
	for i := range r.Samples {
		r.Samples[i].Started = 0
	}
}

func mapped(r *record.Recording)    { r.Mapped = true }
func elsewhere(r *record.Recording) { r.Elsewhere = true }

// TestNoise wants what a busy machine can cause to be measured again.
func TestNoise(t *testing.T) {
	for _, test := range []struct {
		name  string
		bugs  bugs
		noise bool
	}{
		{"an executor's starts", bugs{busy, serial(5, 4, 3, 2, 1, 0)}, false},
		{"a map's results", bugs{completing, busy, mapped, func(r *record.Recording) {
			r.Workers, r.Samples[5].Delivered = 1, 8*sec
		}, received(1, 2, 3, 0, 4, 5)}, true},
	} {
		r := clean()
		for _, plant := range test.bugs {
			plant(r)
		}
		found := checks.Order(checks.ByCompletion)(r)
		if len(found) == 0 || found[0].Noise != test.noise {
			t.Errorf("%s: got %+v, want noise %v", test.name, found, test.noise)
		}
	}
}
