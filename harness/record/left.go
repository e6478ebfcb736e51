package record

import (
	"cmp"
	"time"

	"github.com/teapot-go/teapot/harness/totals"
)

// leftOut is what a recording has, while its run goes on, of more tasks than it
// is to hold samples of. The samples of those that end as they should are left
// out, and the others are held, so that the run can be judged by them.
type leftOut struct {
	limit  int
	rest   totals.Rest
	totals *totals.Accumulator
	kept   *keeper
	ideal  *list
	lanes  *lanes
	begun  heapOf[begun] // tasks that have no lane yet
}

// A begun is a task that has started.
type begun struct {
	sample *Sample
	right  bool
}

// LeaveOut has a recording without samples leave some out, and keep no more
// than limit of them in the end. last is when the last task falls due. Its
// seed, workers, clock and delivery must be set.
func (r *Recording) LeaveOut(limit int, last time.Duration) {
	r.left = &leftOut{
		limit: limit, totals: totals.New(last > 0), kept: newKeeper(r.Seed, limit, last > 0),
		ideal: newList(0, r.Workers, r.Delivery), lanes: newLanes(),
		begun: heapOf[begun]{before: func(a, b begun) bool {
			x, y := a.sample, b.sample
			return cmp.Or(cmp.Compare(x.Started, y.Started), cmp.Compare(takesTime(span{x.Started, x.Finished}),
				takesTime(span{y.Started, y.Finished})), cmp.Compare(x.Seq, y.Seq)) < 0
		}},
	}
	r.left.rest.End = last
	r.left.rest.Classes, r.left.rest.Truth = map[string]int{}, map[string]map[string]int{}
}

// LeaveOutAs has a recording leave out what another has left out.
func (r *Recording) LeaveOutAs(other *Recording) { r.left = other.left }

// LeftOut returns what is known of the tasks whose samples are left out, or nil
// if the recording has all samples, or totals.
func (r *Recording) LeftOut() *totals.Rest {
	if r.left == nil {
		return nil
	}
	return &r.left.rest
}

// Add adds the next task in the order of the workload, and gives it its ideal
// times. Its sample is left out if the task ended as it should have; otherwise
// the caller has it. It gets its lane later, so it must not change.
func (r *Recording) Add(s *Sample, right bool) {
	t := r.left.ideal.next(s.Due, s.Planned)
	s.IdealStarted, s.IdealFinished = t.Started, t.Finished
	r.left.add(r, s, right)
}

// AddIdeal adds the next task in the order of the workload as it would be in
// the ideal run.
func (r *Recording) AddIdeal(s *Sample) {
	t := r.left.ideal.next(s.Due, s.Planned)
	s.Started, s.Finished, s.Delivered, s.Class = t.Started, t.Finished, t.Delivered, t.Class
	s.IdealStarted, s.IdealFinished = t.Started, t.Finished
	r.left.add(r, s, true)
	r.Advance(s.Started)
}

func (l *leftOut) add(r *Recording, s *Sample, right bool) {
	if r.turn(s); s.Started < 0 {
		l.note(s, right)
		return
	}
	l.begun.push(begun{s, right})
}

// Advance gives the tasks that started before a time their lanes. All of them
// must have been added.
func (r *Recording) Advance(before time.Duration) {
	l := r.left
	for l.begun.len() > 0 && l.begun.items[0].sample.Started < before {
		b := l.begun.pop()
		s := b.sample
		s.Worker = int(l.lanes.take(s.Started, s.Finished))
		l.rest.Lanes = max(l.rest.Lanes, s.Worker+1)
		l.note(s, b.right)
	}
}

// Release leaves out the sample of a task after all, which was added as one
// that did not end as it should have, and has its lane.
func (r *Recording) Release(s *Sample) { r.left.note(s, true) }

// note counts a task whose sample is left out.
func (l *leftOut) note(s *Sample, right bool) {
	if !right {
		return
	}
	t := &l.rest
	t.Tasks++
	t.Classes[string(s.Class)]++
	l.totals.Add(taskOf(s, false))
	l.kept.add(s, false)
	if s.Submitted >= 0 {
		t.Lateness.Add(s.Lateness())
		t.Overdue.Add(max(s.Due+s.Lateness()-t.End, 0))
	}
	if s.Class.Outcome() == OutcomeNone {
		return
	}
	if s.Did != "" {
		if t.Truth[s.Did] == nil {
			t.Truth[s.Did] = map[string]int{}
		}
		t.Truth[s.Did][string(s.Class)]++
	}
	if s.PlannedValue != "" {
		t.Values++
	}
	if took := s.Latency(); took >= 0 {
		t.Ended++
		t.Service.Add(took)
		t.Response.Add(s.Response())
		t.Latest, t.Took, t.Makespan = max(t.Latest, s.Due+took), t.Took+took, max(t.Makespan, s.Finished)
	}
}

// count adds the tasks that are left out to what the samples come to.
func (l *leftOut) count(r *Recording) {
	t := &l.rest
	r.Makespan = max(r.Makespan, t.Makespan)
	for class, n := range t.Classes {
		c := Class(class)
		if r.Classes[c] += n; c.Outcome() != OutcomeNone {
			r.Outcomes[c.Outcome()] += n
		}
	}
	for did, said := range t.Truth {
		if r.Truth[did] == nil {
			r.Truth[did] = map[Class]int{}
		}
		for class, n := range said {
			r.Truth[did][Class(class)] += n
		}
	}
}

// percentiles sets the percentiles of all tasks.
func (l *leftOut) percentiles(r *Recording) {
	of := func(left *totals.Times, of func(*Sample) time.Duration) map[string]time.Duration {
		p, all := map[string]time.Duration{}, r.with(left, of)
		for name, rank := range ranks {
			if states(rank, float64(all.N())) {
				_, p[name] = all.At(rank)
			}
		}
		return p
	}
	r.Percentiles = of(&l.rest.Service, (*Sample).Latency)
	if r.Response, r.Lateness = nil, nil; r.Paced() {
		r.Response = of(&l.rest.Response, (*Sample).Response)
		r.Lateness = of(&l.rest.Lateness, (*Sample).Lateness)
	}
}

// with returns the times of the samples that are held, beside those that are
// left out.
func (r *Recording) with(left *totals.Times, of func(*Sample) time.Duration) *totals.Times {
	var held totals.Times
	for i := range r.Samples {
		s := &r.Samples[i]
		if d := of(s); d >= 0 && s.Class.Outcome() != OutcomeNone {
			held.Add(d)
		}
	}
	return left.With(&held)
}

// keep adds the samples that were held to those that are kept, and to the
// totals.
func (l *leftOut) keep(r *Recording) {
	for i := range r.Samples {
		s := &r.Samples[i]
		wrong := r.Wrong(s)
		l.totals.Add(taskOf(s, wrong))
		l.kept.add(s, wrong)
	}
	r.Totals = l.totals.Close()
	r.Totals.Limit, r.Totals.Drawn = l.limit, len(l.kept.drawn.heap.items)
	r.Samples, r.left = l.kept.close(), nil
}
