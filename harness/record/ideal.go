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
	l := newList(len(plans), workers, delivery)
	for i, p := range plans {
		l.schedule(i, due[i], p)
	}
	return l.ideal
}

// A list schedules tasks one after another.
type list struct {
	ideal    *Ideal
	workers  int
	delivery Delivery
	free     heapOf[time.Duration] // when each worker that has been used is free again
	inOrder  time.Duration         // when all results so far have been delivered in order
}

func newList(tasks, workers int, delivery Delivery) *list {
	return &list{
		ideal: &Ideal{
			Tasks:    make([]IdealTask, tasks),
			Classes:  map[Class]int{},
			Outcomes: map[Outcome]int{},
		},
		workers: workers, delivery: delivery,
		free: heapOf[time.Duration]{before: func(a, b time.Duration) bool { return a < b }},
	}
}

// schedule schedules task i, which falls due no earlier than those before it,
// and returns when it ends.
func (l *list) schedule(i int, due time.Duration, p Planned) (finish time.Duration) {
	l.ideal.Tasks[i] = l.next(due, p)
	return l.ideal.Tasks[i].Finished
}

// next schedules the next task.
func (l *list) next(due time.Duration, p Planned) IdealTask {
	start := due
	if l.workers > 0 && l.free.len() == l.workers {
		start = max(start, l.free.pop())
	}
	finish := start + p.PlannedService
	if l.workers > 0 {
		l.free.push(finish)
	}
	t := IdealTask{Started: start, Finished: finish, Delivered: finish, Class: p.PlannedClass}
	if l.delivery == InOrder {
		l.inOrder = max(l.inOrder, finish)
		t.Delivered = l.inOrder
	}
	o := l.ideal
	o.Makespan = max(o.Makespan, finish)
	o.Classes[p.PlannedClass]++
	o.Outcomes[p.PlannedClass.Outcome()]++
	return t
}

// idealOfUsers computes what an ideal executor makes of the tasks that the
// users have made: each falls due when its user has thought after the ideal end
// of the last one. So an executor that is slow does not make the ideal slow,
// although it makes tasks fall due later.
func (r *Recording) idealOfUsers() *Ideal {
	l := newList(len(r.Samples), r.Workers, r.Delivery)
	type next struct {
		due  time.Duration
		user int
	}
	of := map[int][]int{} // the tasks of each user that are left, by seq
	waiting := heapOf[next]{before: func(a, b next) bool { return a.due < b.due || a.due == b.due && a.user < b.user }}
	for seq, s := range r.Samples {
		if of[s.User] = append(of[s.User], seq); len(of[s.User]) == 1 {
			waiting.push(next{s.Think, s.User})
		}
	}
	for waiting.len() > 0 {
		n := waiting.pop()
		seq := of[n.user][0]
		ended := l.schedule(seq, n.due, r.Samples[seq].Planned)
		if of[n.user] = of[n.user][1:]; len(of[n.user]) > 0 {
			waiting.push(next{ended + r.Samples[of[n.user][0]].Think, n.user})
		}
	}
	return l.ideal
}

// Ideal computes what an ideal executor makes of the recorded workload.
func (r *Recording) Ideal() *Ideal {
	if r.Users > 0 {
		return r.idealOfUsers()
	}
	if len(r.Generators) > 1 && r.Workers > 0 {
		return r.idealOfShares()
	}
	l := newList(len(r.Samples), r.Workers, r.Delivery)
	for i := range r.Samples {
		l.schedule(i, r.Samples[i].Due, r.Samples[i].Planned)
	}
	return l.ideal
}

// idealOfShares computes what the ideal executors of several load generators
// make of the workload, each of its share.
func (r *Recording) idealOfShares() *Ideal {
	all := newList(len(r.Samples), r.Workers, r.Delivery).ideal
	for k, share := range r.Shares() {
		one := share.Ideal()
		for i, t := range one.Tasks {
			all.Tasks[k+i*len(r.Generators)] = t
			all.Classes[t.Class]++
			all.Outcomes[t.Class.Outcome()]++
		}
		all.Makespan = max(all.Makespan, one.Makespan)
	}
	return all
}
