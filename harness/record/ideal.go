package record

import "time"

// An Ideal is what an ideal executor makes of a workload: first in, first out,
// on exactly as many workers as there are, with no overhead.
type Ideal struct {
	Tasks    []IdealTask // by seq
	Makespan time.Duration
	Classes  map[Class]int
	Outcomes map[Outcome]int
}

// IdealTask is one task of an [Ideal]. Times are offsets from the start of the
// run.
type IdealTask struct {
	Started, Finished, Delivered time.Duration
	Class                        Class
}

// NewIdeal computes what an ideal executor makes of tasks that fall due at the
// given times, in order, on so many workers (0 for as many as there are tasks):
// each task starts on the worker that is free first, no earlier than it is due
// and no earlier than the task before it. It is the list scheduling of R. L.
// Graham (Bounds on Multiprocessing Timing Anomalies, 1969) with the list in
// order of submission. A sequential executor runs a task within its submission,
// which is the same with one worker.
func NewIdeal(plans []Planned, due []time.Duration, workers int, delivery Delivery) *Ideal {
	o := &Ideal{
		Tasks:    make([]IdealTask, len(plans)),
		Classes:  map[Class]int{},
		Outcomes: map[Outcome]int{},
	}
	free := heapOf[time.Duration]{
		before: func(a, b time.Duration) bool { return a < b },
	} // when each worker that has been used is free again
	var inOrder time.Duration
	for i, p := range plans {
		start := due[i]
		if workers > 0 && free.len() == workers {
			start = max(start, free.pop())
		}
		finish := start + p.PlannedService
		if workers > 0 {
			free.push(finish)
		}
		o.Tasks[i] = IdealTask{Started: start, Finished: finish, Delivered: finish, Class: p.PlannedClass}
		if delivery == InOrder {
			inOrder = max(inOrder, finish)
			o.Tasks[i].Delivered = inOrder
		}
		o.Makespan = max(o.Makespan, finish)
		o.Classes[p.PlannedClass]++
		o.Outcomes[p.PlannedClass.Outcome()]++
	}
	return o
}

// Ideal computes what an ideal executor makes of the recorded workload.
func (r *Recording) Ideal() *Ideal {
	plans := make([]Planned, len(r.Samples))
	due := make([]time.Duration, len(r.Samples))
	for i, s := range r.Samples {
		plans[i], due[i] = s.Planned, s.Due
	}
	return NewIdeal(plans, due, r.Workers, r.Delivery)
}
