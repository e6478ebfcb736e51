package findings

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// where says where a run lost time, of a finding that its times show: which
// workers were idle, or which tasks took longer than planned. It is "" where
// that is not known.
func (f Finding) where() string {
	if len(f.Cases) == 0 || !f.Cases[0].Timed || f.Doubt != "" {
		return ""
	}
	runs := f.Runs()
	says := ""
	switch r := runs[0]; {
	case r.Totals != nil: // what is known of some tasks says nothing of the others
	case r.IdealMakespan <= 0 || r.Makespan <= r.IdealMakespan:
	case f.Culprit == record.ByExecutor:
		says = idled(r)
	case f.Culprit == record.ByClient:
		says = prolonged(r)
	}
	if says != "" && len(runs) > 1 {
		says = "on " + text.Clip(text.Printable(runs[0].Name()), 40) + ", " + says
	}
	return says
}

// idled says how long workers stood idle while a task waited, and when longest.
func idled(r *record.Recording) string {
	free := map[int]time.Duration{} // when the last task of each worker ended
	var longest, total time.Duration
	var before *record.Sample
	for _, s := range byStart(r) {
		idle := s.Started - max(free[s.Worker], s.Submitted, s.Due)
		if idle > longest {
			longest, before = idle, s
		}
		total += max(idle, 0)
		free[s.Worker] = max(free[s.Worker], s.Finished)
	}
	switch all := min(r.Slots(), len(r.Samples)); {
	case len(free) < all:
		return fmt.Sprintf("no more than %d of %d workers were ever busy", len(free), all)
	case before == nil:
		return ""
	}
	return fmt.Sprintf("workers were free for %s in all while tasks waited, longest for %s before task %s",
		text.Short(total), text.Short(longest), text.Clip(text.Printable(before.Key), 60))
}

// byStart returns the samples of the tasks that started, in order of it.
func byStart(r *record.Recording) []*record.Sample {
	var order []*record.Sample
	for i := range r.Samples {
		if s := &r.Samples[i]; s.Started >= 0 {
			order = append(order, s)
		}
	}
	slices.SortStableFunc(order, func(a, b *record.Sample) int { return cmp.Compare(a.Started, b.Started) })
	return order
}

// prolonged says which tasks took longer than planned, and which the most.
func prolonged(r *record.Recording) string {
	n, longest := 0, time.Duration(0)
	var worst *record.Sample
	for i := range r.Samples {
		s := &r.Samples[i]
		if s.Finished < 0 || s.PlannedService <= 0 {
			continue
		}
		more := s.Latency() - s.PlannedService
		if more > s.PlannedService/100 {
			n++
		}
		if more > longest {
			longest, worst = more, s
		}
	}
	if n == 0 || worst == nil {
		return ""
	}
	return fmt.Sprintf("%d of %s took longer than planned, most of all task %s, by %s", n,
		text.Plural(len(r.Samples), "task"), text.Clip(text.Printable(worst.Key), 60), text.Short(longest))
}
