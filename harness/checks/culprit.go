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
// has no times, and where the machine was late for as long.
func delayed(r *record.Recording) record.Culprit {
	if r.Batch {
		return record.ByClient
	}
	lost := r.Makespan - r.IdealMakespan
	if r.IdealMakespan <= 0 || lost <= 0 || r.Clock == record.Real && lost <= steps*max(r.Late, machineLate) {
		return ""
	}
	took := *r
	took.Samples = slices.Clone(r.Samples)
	for i := range took.Samples {
		s := &took.Samples[i]
		if s.Finished < 0 || s.PlannedService <= 0 {
			return ""
		}
		s.PlannedService = max(s.PlannedService, s.Latency())
	}
	if client := took.Ideal().Makespan - r.IdealMakespan; 2*client >= lost {
		return record.ByClient
	}
	return record.ByExecutor
}

// A machine is late at some steps of a task, by so much even where it measured
// less.
const (
	steps       = 10
	machineLate = 2 * time.Millisecond
)

// stuck returns whose fault a deadlock is: the client's, if a task is running
// that does not end, and the executor's, if it has not even begun those that
// wait.
func stuck(r *record.Recording) record.Culprit {
	running := func(s record.Sample) bool { return s.Started >= 0 && s.Finished < 0 }
	waiting := func(s record.Sample) bool { return s.Submitted >= 0 && s.Started < 0 }
	switch {
	case slices.ContainsFunc(r.Samples, running):
		return record.ByClient
	case slices.ContainsFunc(r.Samples, waiting):
		return runner(r)
	}
	return ""
}

// miscounted returns whose fault it is that the outcomes are not these: the
// file's, if its plan has other ones, or else the client's. It is not known
// where tasks have no planned class.
func miscounted(r *record.Recording, want map[record.Outcome]int) record.Culprit {
	planned := map[record.Outcome]int{}
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
	return record.ByClient
}
