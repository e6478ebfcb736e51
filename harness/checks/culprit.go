package checks

import (
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// runner is what runs the tasks of a run: a batch does that itself.
func runner(r *record.Recording) record.Culprit {
	if r.Batch {
		return record.ByClient
	}
	return record.ByExecutor
}

// delayed returns whose fault it is that a run took longer than its ideal. What
// an ideal executor would have lost, had it run the tasks as long as they took,
// is the client's; the rest is the executor's, whose workers were idle while
// tasks waited. The one that lost more is named. It is not known where the plan
// has no times, where the machine was late for as long, and of a run that has
// left out samples.
func delayed(r *record.Recording) record.Culprit {
	lost := r.Makespan - r.IdealMakespan
	switch {
	case r.IdealMakespan <= 0 || lost <= 0 || machines(r, lost) || r.LeftOut() != nil:
		return ""
	case r.Batch:
		return record.ByClient
	}
	took := *r
	took.Samples = slices.Clone(r.Samples)
	for i := range took.Samples {
		s := &took.Samples[i]
		if s.Finished < 0 || s.PlannedService <= 0 || crowded(r, s) {
			return ""
		}
		s.PlannedService = max(s.PlannedService, s.Latency())
	}
	if client := took.Ideal().Makespan - r.IdealMakespan; 2*client >= lost {
		return record.ByClient
	}
	return record.ByExecutor
}

// crowded reports whether a task may have waited at the server for others: by
// plan, or because more of them ran at once than the executor has workers. It
// is not known then whether it is for the client that a task took longer.
func crowded(r *record.Recording, s *record.Sample) bool {
	return s.IdealService() > s.PlannedService || r.Workers > 0 && !r.Batch && s.Worker >= r.Slots()
}

// A machine is late at some steps of a task, by so much even where it measured
// less.
const (
	steps       = 10
	machineLate = 2 * time.Millisecond
)

// idle returns whose fault it is that a run took so much longer than the times
// that its tasks took allow.
func idle(r *record.Recording, lost time.Duration) record.Culprit {
	if machines(r, lost) {
		return ""
	}
	return runner(r)
}

// machines reports whether the machine may have lost the time.
func machines(r *record.Recording, lost time.Duration) bool {
	return r.Clock == record.Real && lost <= steps*max(r.Late, machineLate)
}

// stuck returns whose fault a deadlock is: the executor's, if it has not begun
// tasks that wait, or has not shut down, although none is running. Of a task
// that runs it is not known what it waits for.
func stuck(r *record.Recording) record.Culprit {
	running := func(s record.Sample) bool { return s.Started >= 0 && s.Finished < 0 }
	waiting := func(s record.Sample) bool { return s.Submitted >= 0 && s.Started < 0 }
	if slices.ContainsFunc(r.Samples, running) || !r.Unshut && !slices.ContainsFunc(r.Samples, waiting) {
		return ""
	}
	return runner(r)
}

// miscounted returns whose fault it is that the outcomes are not these: the
// file's, if its plan has other ones, or else as [miscount] says. It is not
// known where tasks have no planned class.
func miscounted(r *record.Recording, want map[record.Outcome]int) record.Culprit {
	planned := map[record.Outcome]int{}
	if left := r.LeftOut(); left != nil {
		for class, n := range left.Classes {
			planned[record.Class(class).Outcome()] += n
		}
	}
	for _, s := range r.Samples {
		if s.PlannedClass == "" {
			return ""
		}
		planned[s.PlannedClass.Outcome()]++
	}
	for _, o := range []record.Outcome{record.OutcomeOK, record.OutcomeNotFound, record.OutcomeError} {
		if planned[o] != want[o] {
			return record.ByFile
		}
	}
	return miscount(r)
}
