package bounds

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// A run has recovered with so many tasks in a row that end as planned, or with
// all that are left if they are fewer. A task is late that takes longer than
// planned by more than a tenth and a grace.
const (
	streak = 10
	grace  = 100 * time.Millisecond
)

// Recovery is how long a run takes to recover from faults that strike within
// windows, whose times count from the start of the server: from the end of a
// window to when the first of 10 tasks in a row falls due that all end with the
// outcome that they should have, and at most a tenth and 100 ms later than
// planned. It is 0 if the first 10 tasks after the window do. Of several
// windows the slowest recovery counts.
//
// Planned is how long a task takes if nothing waits when the window ends: a
// backlog of the outage makes it late. In a closed workload, where all tasks
// fall due at the start, it is the tasks that start after the window which
// count, and their time from the start.
func Recovery(windows []Window) Figure {
	return Figure{Timed: true, Each: true, of: func(r run, _ Unit) (interval, string) {
		if r.left != nil {
			return interval{}, unkept
		}
		windows, worst := merged(windows), 0.0
		for i, w := range windows {
			rest := Window{From: w.Until - r.ServerAhead}
			if i+1 < len(windows) {
				rest.Until = windows[i+1].From - r.ServerAhead
			}
			took, any := recovery(r, rest)
			if !any {
				return interval{}, fmt.Sprintf("no task came after the faults ended at %v: want a longer workload",
					w.Until)
			}
			worst = max(worst, took)
		}
		return exactly(worst), ""
	}}
}

// merged returns windows in their order, those that overlap or touch as one.
func merged(windows []Window) (all []Window) {
	windows = slices.SortedFunc(slices.Values(windows), func(a, b Window) int { return cmp.Compare(a.From, b.From) })
	for _, w := range windows {
		if last := len(all) - 1; last >= 0 && w.From <= all[last].Until {
			all[last].Until = max(all[last].Until, w.Until)
			continue
		}
		all = append(all, w)
	}
	return all
}

// An attempted is a task after a window: when it came, and whether it ended as
// it should have.
type attempted struct {
	at time.Duration
	ok bool
}

// recovery returns how long after the start of a rest of a run, in which no
// fault strikes, it has recovered. any is false if no task came within it.
func recovery(r run, rest Window) (took float64, any bool) {
	tasks := after(r, rest)
	row := 0 // of the last tasks, how many in a row are ok
	for i, t := range tasks {
		if row++; !t.ok {
			row = 0
		}
		first := i + 1 - row
		switch {
		case row < streak && (i+1 < len(tasks) || row == 0):
		case first == 0:
			return 0, true
		default:
			return float64(tasks[first].at - rest.From), true
		}
	}
	return math.Inf(1), len(tasks) > 0
}

// after returns the tasks that come within a rest of a run, in their order.
func after(r run, rest Window) (tasks []attempted) {
	open := false
	for s := range r.samples {
		open = open || s.Due > 0
	}
	var came []record.Sample
	var plans []record.Planned
	var due []time.Duration
	for s := range r.samples {
		if open && rest.Has(s.Due) || !open && s.Started >= 0 && rest.Has(s.Started) {
			came, plans, due = append(came, *s), append(plans, s.Planned), append(due, s.Due)
		}
	}
	finish := ideal(r, came, plans, due)
	for i := range came {
		s := &came[i]
		at, took, should := s.Due, s.Finished-s.Due, finish[i]-s.Due
		if !open {
			at, took, should = s.Started, s.Latency(), s.PlannedService
		}
		late := r.IdealMakespan > 0 && took > should+should/10+grace
		tasks = append(tasks, attempted{
			at: at,
			ok: s.Finished >= 0 && s.Class.Outcome() == s.PlannedClass.Outcome() && !late,
		})
	}
	slices.SortStableFunc(tasks, func(a, b attempted) int { return cmp.Compare(a.at, b.at) })
	return tasks
}

// ideal returns when each of the tasks ends by plan, on the executor of its
// load generator.
func ideal(r run, came []record.Sample, plans []record.Planned, due []time.Duration) []time.Duration {
	finish, n := make([]time.Duration, len(came)), max(len(r.Generators), 1)
	for k := range n {
		var of []int
		var itsPlans []record.Planned
		var itsDue []time.Duration
		for i, s := range came {
			if s.Seq%n == k {
				of, itsPlans, itsDue = append(of, i), append(itsPlans, plans[i]), append(itsDue, due[i])
			}
		}
		tasks := record.NewIdeal(itsPlans, itsDue, r.Workers, r.Delivery).Tasks
		for i, t := range tasks {
			finish[of[i]] = t.Finished
		}
	}
	return finish
}
