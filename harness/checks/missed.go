package checks

import (
	"math"
	"slices"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/record"
)

// overran returns whose fault it is that a figure of times misses its bound,
// which it would meet by the plan. What an ideal executor would have made of
// the tasks as they took their times and as they ended is the client's part of
// the difference, and the rest is the executor's. The one with the larger part
// is named. It is not known where tasks did not end, where they waited at a
// server that was full, where the machine was late for as long, and of a run
// that has left out samples.
func overran(r *record.Recording, f bounds.Figure, u bounds.Unit, got, planned float64) record.Culprit {
	if r.LeftOut() != nil {
		return ""
	}
	lost := max(r.Makespan-r.IdealMakespan, 0)
	for i := range r.Samples {
		s := &r.Samples[i]
		if s.Finished < 0 || s.Doubt != "" || crowded(r, s) {
			return ""
		}
		lost = max(lost, s.Response()-s.IdealFinished+s.Due)
	}
	switch {
	case machines(r, max(lost, 0)), r.Clock == record.Real && lost <= 2*r.Lateness["max"]:
		return ""
	case r.Batch:
		return record.ByClient
	}
	took := *r
	took.Samples = slices.Clone(r.Samples)
	for i := range took.Samples {
		s := &took.Samples[i]
		s.PlannedService, s.PlannedClass = max(s.PlannedService, s.Latency()), s.Class
	}
	took.Follow(took.Ideal())
	clients, known := f.Planned(&took, u)
	if !known {
		return ""
	}
	if 2*math.Abs(clients-planned) >= math.Abs(got-planned) {
		return record.ByClient
	}
	return record.ByExecutor
}

// miscount returns whose fault it is that a number of outcomes misses its
// bound, which the plan meets: the client's, of tasks that ended otherwise than
// planned, or the executor's, of those that it has not run. It is not known
// where both have a part in it, or where tasks are in doubt.
func miscount(r *record.Recording) record.Culprit {
	unrun, misread := false, false
	for i := range r.Samples {
		s := &r.Samples[i]
		switch {
		case s.PlannedClass == "", s.Doubt != "", tooNear(r, s):
			return ""
		case s.Class == s.PlannedClass:
		case neverRan(r, s):
			unrun = true
		default:
			misread = true
		}
	}
	switch {
	case misread == unrun:
		return ""
	case unrun:
		return record.ByExecutor
	}
	return record.ByClient
}
