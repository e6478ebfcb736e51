package harness

import (
	"container/heap"
	"time"
)

// An Oracle is what should have happened, computed from the plan alone.
type Oracle struct {
	Tasks    []Ideal // by seq
	Makespan time.Duration
	Classes  map[Class]int
	Outcomes map[Outcome]int
}

// Ideal is one task under an ideal executor: first in, first out, on exactly as
// many workers as there are, with no overhead. Times are offsets from the start
// of the run.
type Ideal struct {
	Started, Finished, Delivered time.Duration
	Class                        Class
}

// Foresee computes what an ideal executor makes of tasks that fall due at the
// given times, in order, on so many workers (0 for as many as there are tasks):
// each task starts on the worker that is free first, no earlier than it is due
// and no earlier than the task before it. It is the list scheduling of R. L.
// Graham (Bounds on Multiprocessing Timing Anomalies, 1969) with the list in
// order of submission. A sequential executor runs a task within its submission,
// which is the same with one worker.
func Foresee(plans []Planned, due []time.Duration, workers int, delivery Delivery) *Oracle {
	o := &Oracle{
		Tasks:    make([]Ideal, len(plans)),
		Classes:  map[Class]int{},
		Outcomes: map[Outcome]int{},
	}
	var free instants // when each worker that has been used is free again
	var inOrder time.Duration
	for i, p := range plans {
		start := due[i]
		if workers > 0 && len(free) == workers {
			start = max(start, heap.Pop(&free).(time.Duration))
		}
		finish := start + p.PlannedService
		if workers > 0 {
			heap.Push(&free, finish)
		}
		o.Tasks[i] = Ideal{Started: start, Finished: finish, Delivered: finish, Class: p.PlannedClass}
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

// instants is a heap with the earliest on top.
type instants []time.Duration

func (h instants) Len() int           { return len(h) }
func (h instants) Less(i, j int) bool { return h[i] < h[j] }
func (h instants) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *instants) Push(x any)        { *h = append(*h, x.(time.Duration)) }
func (h *instants) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
