package checks

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/fifo"
	"github.com/teapot-go/teapot/harness/record"
)

// An Ordering is the order of delivery that a scenario expects.
type Ordering string

// The orderings.
const (
	BySubmission Ordering = "submission" // results come in the order in which the tasks were submitted
	ByCompletion Ordering = "completion" // results come in the order in which the tasks finished
	AnyOrder     Ordering = "any"
)

// Order expects results in the given order, and, unless that is any, tasks that
// start first in, first out.
//
// Results in the order of submission are exact. Starts are exact by time under
// the virtual clock. Under both clocks a start is wrong that is certainly out
// of order, however long the machine has delayed any worker: see package
// fifo.
//
// Under the real clock a worker may be delayed between the end of a task and
// the delivery of its result, while the others run any number of later tasks.
// With W workers, results in the order of completion may be ahead of W-1
// earlier ones, and those of an executor without a limit ahead of any number. A
// worker of a map may even begin the next task before it has passed on a
// result, so that its violation can be the machine's.
//
// A map owes an order of results, and none of starts. What ended before its
// first result came is as completed in any order. So does a batch, for which
// that last rule does not hold: it delivers from its start on.
//
// Of several load generators each is judged by itself, as it has an executor of
// its own.
func Order(want Ordering) Check {
	return func(r *record.Recording) []record.Violation {
		if want == AnyOrder {
			return nil
		}
		if r.LeftOut() != nil {
			return unkept("order")
		}
		var found []record.Violation
		for _, share := range r.Shares() {
			found = append(found, starts(share)...)
			if want == BySubmission {
				found = append(found, outrunning(share.Samples, "delivery", submitted, received(share), 0)...)
			} else {
				found = append(found, completed(share)...)
			}
		}
		return by(runner(r), found)
	}
}

// completed judges results in the order of completion.
func completed(r *record.Recording) []record.Violation {
	slack := 0
	if r.Clock == record.Real {
		slack = len(r.Samples)
		if r.Workers > 0 {
			slack = r.Workers - 1
		}
	}
	if !r.Mapped {
		return outrunning(r.Samples, "delivery", finished, delivered, slack)
	}
	after := time.Duration(-1)
	if !r.Batch { // which may deliver a result as soon as it has it
		after = firstDelivery(r.Samples)
	}
	to := received(r)
	late := outrunning(r.Samples, "delivery", finished, func(s *record.Sample) time.Duration {
		if s.Finished <= after {
			return -1
		}
		return to(s)
	}, slack)
	for i := range late {
		late[i].Noise = r.Clock == record.Real
	}
	return late
}

// firstDelivery returns when the first result was delivered. A task that ended
// by then may have ended before the iteration began, which yields those in any
// order.
func firstDelivery(samples []record.Sample) time.Duration {
	first := time.Duration(math.MaxInt64)
	for i := range samples {
		if at := samples[i].Delivered; at >= 0 {
			first = min(first, at)
		}
	}
	return first
}

func submitted(s *record.Sample) time.Duration { return time.Duration(s.Seq) }
func started(s *record.Sample) time.Duration   { return s.Started }
func finished(s *record.Sample) time.Duration  { return s.Finished }
func delivered(s *record.Sample) time.Duration { return s.Delivered }

// received returns the order of delivery: the positions of the results, if the
// recording has them, as several may be delivered at one time.
func received(r *record.Recording) func(*record.Sample) time.Duration {
	if !slices.ContainsFunc(r.Samples, func(s record.Sample) bool { return s.Received > 0 }) {
		return delivered
	}
	return func(s *record.Sample) time.Duration { return time.Duration(s.Received) - 1 }
}

// starts finds the start that is the most out of order.
func starts(r *record.Recording) []record.Violation {
	if r.Clock == record.Virtual && !r.Mapped {
		if found := outrunning(r.Samples, "start", submitted, started, 0); found != nil {
			return found
		}
	}
	o, found := fifo.Certain(r)
	if !found {
		return nil
	}
	ahead := make([]string, len(o.Ahead))
	for i, seq := range o.Ahead {
		ahead[i] = r.Samples[seq].Key
	}
	if more := o.Count - len(ahead); more > 0 {
		ahead = append(ahead, "…")
	}
	return violation("order",
		fmt.Sprintf("start of %s ahead of %d that come first (%s)", r.Samples[o.Seq].Key, o.Count,
			strings.Join(ahead, ", ")),
		fmt.Sprintf("ahead of at most %d, the slack: %d workers "+ // never 1
			"less the %d that ran tasks then, %s among them",
			o.Slack(), o.Workers, o.Running, r.Samples[o.Seq].Key))
}

// A passage is a task on its way from one order to another. There may be a
// million, so that it has no more of the sample than that.
type passage struct {
	from, to time.Duration
	at       int32 // the index of the sample
	rank     int32 // how many come strictly before it in the first order
}

// outrunning finds the task that has overtaken the most others from one order
// to another: those that come before it in the first and strictly after it in
// the second. More than slack of them are a violation. Tasks that did not reach
// both are left out.
func outrunning(samples []record.Sample, what string, from, to func(*record.Sample) time.Duration,
	slack int,
) []record.Violation {
	way := passages(samples, from, to)
	slices.SortStableFunc(way, func(a, b passage) int { return cmp.Compare(a.to, b.to) })
	// Go through the second order, a group of equals at a time, and count those
	// of lower rank that have not come yet.
	worst, most := -1, slack
	met := make(fenwick, len(way)+1)
	for i := 0; i < len(way); {
		group := i
		for ; group < len(way) && way[group].to == way[i].to; group++ {
			met.add(int(way[group].rank))
		}
		for ; i < group; i++ {
			r := int(way[i].rank)
			if missing := r - met.sum(r); missing > most {
				worst, most = i, missing
			}
		}
	}
	if worst < 0 {
		return nil
	}
	return violation("order",
		fmt.Sprintf("%s of %s ahead of %d that come first", what, samples[way[worst].at].Key, most),
		fmt.Sprintf("ahead of at most %d", slack))
}

// passages returns the tasks that reached both orders, in the first one.
func passages(samples []record.Sample, from, to func(*record.Sample) time.Duration) []passage {
	way := make([]passage, 0, len(samples))
	for i := range samples {
		p := passage{from: from(&samples[i]), to: to(&samples[i]), at: int32(i)}
		if p.from >= 0 && p.to >= 0 {
			way = append(way, p)
		}
	}
	slices.SortStableFunc(way, func(a, b passage) int { return cmp.Compare(a.from, b.from) })
	for i := range way {
		way[i].rank = int32(i)
		if i > 0 && way[i].from == way[i-1].from {
			way[i].rank = way[i-1].rank
		}
	}
	return way
}

// A fenwick tree counts ranks (P. M. Fenwick, A New Data Structure for
// Cumulative Frequency Tables, 1994).
type fenwick []int32

func (f fenwick) add(rank int) {
	for i := rank + 1; i < len(f); i += i & -i {
		f[i]++
	}
}

// sum counts the ranks below n.
func (f fenwick) sum(n int) int {
	total := 0
	for i := min(n, len(f)-1); i > 0; i -= i & -i {
		total += int(f[i])
	}
	return total
}
