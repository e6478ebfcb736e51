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
