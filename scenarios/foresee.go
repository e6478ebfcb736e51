package scenarios

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers/fault"
)

// maxForeseen bounds the work of validateForeseen: tasks times executors. A
// larger file is accepted without this check.
const maxForeseen = 1_000_000

// tolerance is how far from a bound a figure must be that contradicts it, as a
// share of the figure; times must also be leeway away. So nothing hangs on what
// a machine adds to a plan, or on how figures are rounded.
const (
	tolerance = 1e-3
	leeway    = time.Millisecond
)

// known is what is known of every run of a case before it runs, if the client
// is correct. What is not known is taken to be the best that any could be.
type known struct {
	// least is the run in which every task ends as early as it can. Its classes
	// are those of every run if classes is set.
	least   *record.Recording
	classes bool
	exact   bool // every run is this one, to what the tolerance allows
	workers int  // at most so many tasks run at once, 0 for any number
}

// validateForeseen reports bounds that no run can meet, whatever the client
// under test does, if that follows from the file.
func validateForeseen(d *strict.Document, s *Scenario) {
	if d.Mistakes() != nil {
		return
	}
	for _, u := range s.unmet() {
		d.Errorf(u.path, "%s", u.why)
	}
}

// noRun is the message about a bound, of an executor and the planned figure.
const noRun = "%s: no run on %s can meet it, with %s by the plan: want a bound that allows this"

// An unmetBound is a bound that no run can meet.
type unmetBound struct{ path, why string }

// unmet returns the bounds that no run can meet, each with the reason of the
// first executor whose runs cannot.
func (s *Scenario) unmet() (all []unmetBound) {
	rows, cases := s.figures(), s.Cases()
	if len(rows) == 0 && s.Expect.Speedup == nil || s.tasks() > maxForeseen/max(1, len(cases)) {
		return nil
	}
	due, ok := s.dueTimes()
	if !ok {
		return nil
	}
	told := s.foretold()
	for _, c := range cases {
		k := c.foresee(due, told)
		for _, row := range rows {
			known := slices.ContainsFunc(all, func(u unmetBound) bool { return u.path == row.path })
			if why := k.contradicts(row); why != "" && !known {
				bound := fmt.Sprintf("%q", row.bound)
				all = append(all, unmetBound{row.path, fmt.Sprintf(noRun, bound, c.fileLabel(), why)})
			}
		}
	}
	return append(all, s.unmetSpeedup(due, told)...)
}

// A foretelling is what the plan says of each task. A million plans would take
// a quarter of a gigabyte, so that each is made when it is asked for.
type foretelling struct {
	plans iter.Seq2[string, record.Planned] // by key, in the order of the tasks
	// every correct client reports the planned classes
	classes bool
	// it takes at least the planned times
	times bool
}

// foretold returns what the plan says of each task. Of what other code does
// than the built-in tasks it is not known what it says: it may hedge, or cache.
func (s *Scenario) foretold() foretelling {
	ok := record.Planned{PlannedClass: record.OK}
	unknown := foretelling{plans: s.eachKey(func(string, int) record.Planned { return ok })}
	task, builtIn := builtInTasks[s.Workload.Task.Name]
	if !builtIn {
		return unknown
	}
	if !task.server {
		w, err := task.open(s, nil)
		if err != nil {
			return unknown
		}
		plan := func(key string, _ int) record.Planned { return w.Plan(key, 1, 1) }
		return foretelling{s.eachKey(plan), true, !task.cpuBound}
	}
	if !s.foreseeable() {
		return unknown
	}
	truth := s.oracle()
	plans := s.eachKey(func(key string, occurrence int) record.Planned {
		_, p := truth.Foretell(key, occurrence)
		return p
	})
	certain := true
	if near := record.Clock(s.Clock).Guard(time.Duration(s.Workload.Timeout), 0); near > 0 {
		for _, p := range plans {
			certain = certain && p.PlannedMargin >= near
		}
	}
	return foretelling{plans, certain, certain}
}

// eachKey yields the key of each task, and what there is of it: which of its
// key it is counts from 1.
func (s *Scenario) eachKey(of func(key string, occurrence int) record.Planned) iter.Seq2[string, record.Planned] {
	return func(yield func(string, record.Planned) bool) {
		seen := map[string]int{}
		for _, key := range s.keys() {
			if seen[key]++; !yield(key, of(key, seen[key])) {
				return
			}
		}
	}
}

// foreseeable reports whether the plan alone says what a download meets: not
// where the content, the time or other requests decide it.
func (s *Scenario) foreseeable() bool {
	v, plan := s.Server, s.plan()
	surely := s.Clock != clockReal || s.Workload.Timeout == 0 || s.Expect.Classification != "any"
	unprocessed := slices.ContainsFunc(plan.Faults, func(f fault.Fault) bool { return f.Kind.Unprocessed() })
	return surely && !v.Content.foreign() && !plan.Timed() && !unprocessed && v.Capacity == nil && v.RateLimit == nil &&
		!s.Workload.whole()
}

// foresee returns what is known of the runs of a case.
func (c Case) foresee(due []time.Duration, told foretelling) known {
	s := c.Scenario
	kind, builtIn := builtInExecutors[c.Kind]
	k := known{classes: told.classes, workers: c.fileWorkers}
	switch {
	case kind.own:
		k.workers = 0 // its tasks may wait between requests while others run
	case c.Kind == "sequential":
		k.workers = 1
	}
	sized := k.workers > 0 || c.Kind == "async"
	generators := s.generators()
	queues := builtIn && sized && s.foreseen() && (generators == 1 || k.workers == 0)
	fifo := builtIn && told.times || queues
	k.classes = k.classes || queues
	r := &record.Recording{Delivery: record.AsCompleted, Generators: make([]share.Generator, generators)}
	if fifo {
		r.Workers = k.workers
	}
	k.workers *= generators
	each := slices.ContainsFunc(s.figures(), func(f boundedFigure) bool { return f.figure.Each })
	if len(due) > mostListed && generators == 1 && !queues && !each {
		r.LeaveOut(mostListed, due[len(due)-1])
	}
	seen, seq := map[string]int{}, 0
	for key, p := range told.plans {
		if !told.times {
			p.PlannedService = 0
		}
		seen[key]++
		one := record.Sample{Seq: seq, Key: key, Occurrence: seen[key], Due: due[seq], Planned: p}
		if seq++; r.LeftOut() != nil {
			r.AddIdeal(&one)
			continue
		}
		r.Samples = append(r.Samples, one)
	}
	if r.LeftOut() != nil {
		r.Advance(math.MaxInt64)
		r.Summarize()
	} else {
		s.follow(r, queues)
	}
	k.least = r
	k.exact = fifo && k.classes && sized && !kind.remote && s.Clock != clockReal && s.Workload.attempts() <= 1
	return k
}

// mostListed is how many tasks a run that is foreseen lists. Of a longer one it
// has counts and histograms, if they are enough.
const mostListed = 10_000

// follow has every task of a run start and end as in its ideal.
func (s *Scenario) follow(r *record.Recording, queues bool) {
	ideal := r.Ideal()
	if queues {
		ideal, _ = s.oracle().Foresee(r, nil)
	}
	for i, t := range ideal.Tasks {
		s := &r.Samples[i]
		s.Started, s.Finished, s.Delivered, s.Class = t.Started, t.Finished, t.Delivered, t.Class
	}
	r.Summarize()
	r.Follow(ideal)
}

// contradicts returns what a figure is by the plan, if no run can meet the
// bound; else "".
func (k known) contradicts(row boundedFigure) string {
	u := row.bound.Unit
	low, high := row.limits(k, row.figure, u)
	slack := func(x float64) float64 {
		if u == bounds.Tasks || u == bounds.Percent {
			return 0
		} else if u == bounds.Time {
			return max(float64(leeway), tolerance*x)
		}
		return tolerance * x
	}
	under := row.bound.HasLeast && high < row.bound.Least-slack(high)
	over := row.bound.HasMost && low > row.bound.Most+slack(low)
	switch {
	case !under && !over, math.IsInf(low, 0):
		return ""
	case low == high:
		return row.bound.Tell(low)
	case under:
		return "at most " + row.bound.Tell(high)
	default:
		return "at least " + row.bound.Tell(low)
	}
}

// The limits of figures.

func (k known) nothing(bounds.Figure, bounds.Unit) (low, high float64) { return 0, math.Inf(1) }

// of returns a figure of the earliest run, where it is that of every run.
func (k known) of(f bounds.Figure, u bounds.Unit) (x float64, has bool) {
	x, why := f.Of(k.least, u)
	return x, why == ""
}

func (k known) share(f bounds.Figure, u bounds.Unit) (low, high float64) {
	if x, has := k.of(f, u); has && k.classes {
		return x, x
	}
	return k.nothing(f, u)
}

func (k known) time(f bounds.Figure, u bounds.Unit) (low, high float64) {
	least, most, why := f.Within(k.least, u)
	switch {
	case why != "":
		return k.nothing(f, u)
	case k.exact:
		return least, most
	}
	return least, math.Inf(1)
}

// throughput is at most what the shortest makespan allows, in which no worker
// ever waits.
func (k known) throughput(f bounds.Figure, u bounds.Unit) (low, high float64) {
	x, _ := k.of(f, u)
	if k.exact {
		return x, x
	}
	n, makespan := float64(k.least.Tasks()), k.least.Makespan.Seconds()
	if k.classes {
		n = x * makespan
	}
	if k.workers > 0 {
		work := 0.0
		for _, s := range k.least.Samples {
			work += s.Latency().Seconds()
		}
		if left := k.least.LeftOut(); left != nil {
			work += left.Took.Seconds()
		}
		makespan = max(makespan, work/float64(k.workers))
	}
	if makespan == 0 || math.IsNaN(n) {
		return 0, math.Inf(1)
	}
	return 0, n / makespan
}

func (k known) inFlight(f bounds.Figure, u bounds.Unit) (low, high float64) {
	if x, has := k.of(f, u); has && k.exact {
		return x, x
	}
	n := k.least.Tasks()
	if k.workers > 0 {
		n = min(n, k.workers)
	}
	return 0, float64(n)
}

// unmetSpeedup returns the speedup of an executor that no run has, where the
// makespans of both are known.
func (s *Scenario) unmetSpeedup(due []time.Duration, told foretelling) []unmetBound {
	if s.Expect.Speedup == nil {
		return nil
	}
	over, err := s.reference()
	if err != nil {
		return nil
	}
	reference := over.foresee(due, told)
	for _, c := range s.Cases() {
		k := c.foresee(due, told)
		if c.index == over.index || !k.exact || !reference.exact || k.least.Makespan == 0 {
			continue
		}
		speedup := float64(reference.least.Makespan) / float64(k.least.Makespan)
		if least := float64(s.Expect.Speedup.AtLeast); speedup < least*(1-tolerance) {
			why := fmt.Sprintf(noRun, fmt.Sprint(least), c.fileLabel(), fmt.Sprintf("%.4g", speedup))
			return []unmetBound{{"expect.speedup.at_least", why}}
		}
	}
	return nil
}
