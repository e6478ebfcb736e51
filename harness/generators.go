package harness

import (
	"cmp"
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
)

// Several load generators share the arrivals of an open workload. Each is a run
// of its share, with an executor and a client of its own, and a recorder for
// the tasks that it has. What there is once is of the run that they are parts
// of: the plan, the server and its journal, the start, the clock, and the
// search for what is left behind.

// nameOf returns what distinguishes a goroutine of one generator from that of
// another.
func nameOf(part share.Part, of string) string {
	if part.Of < 2 {
		return of
	}
	return of + " of generator " + strconv.Itoa(part.Index+1)
}

// slots returns how many tasks may run at once, 0 for no limit.
func (t *Trial) slots() int { return t.Workers * max(t.Generators, 1) }

// several reports whether the generators of this process share the arrivals.
func (t *Trial) several() bool { return t.Generators > 1 }

// open opens what is under test.
func (r *run) open(w *Workload) (underTest, error) {
	if r.trial.Fleet != nil {
		return underTest{fleet: true}, nil
	}
	if r.trial.several() {
		return r.openGenerators(w)
	}
	return r.trial.open()
}

// openGenerators opens the executors of all generators, or none of them.
func (r *run) openGenerators(w *Workload) (u underTest, err error) {
	n := r.trial.Generators
	for k := range n {
		t := *r.trial
		t.Share, t.Generators = share.Part{Index: k, Of: n}, 0
		g := newRun(context.Background(), &t)
		g.stopped, g.part, g.timer, g.before, g.earlier = r.stopped, true, r.timer, r.before, r.earlier
		g.workload = w
		if len(w.Generators) == n {
			g.workload = w.Generators[k]
		}
		if id := r.bubble.Load(); id != nil {
			g.bubble.Store(id)
		}
		opened, err := t.open()
		if err != nil {
			for _, g := range u.generators {
				g.shutDown(context.Background(), g.under.ex, cmp.Or(t.Deadline, silent))
			}
			return underTest{}, err
		}
		g.under = opened
		u.generators = append(u.generators, g)
	}
	return u, nil
}

// shareOut gives each generator a recorder for its share, whose tasks are those
// of this run.
func (r *run) shareOut(generators []*run) {
	for _, g := range generators {
		t := g.trial
		g.recorder = newRecorderOf(t)
		g.recorder.watch = r.recorder.takeOver
		g.recorder.lost = func(err error) { r.recorder.lost(err) }
		for _, s := range r.recorder.samples {
			if t.Share.Has(s.Seq) {
				g.recorder.samples = append(g.recorder.samples, s)
				g.recorder.longest = max(g.recorder.longest, atMost(&s))
			}
		}
		g.recorder.turns = make([]turn, len(g.recorder.samples))
		g.turns, g.recorder.order = r.turns, r.turns
		if r.turns != nil {
			let(r.turns.Yield, t.Share, g.under.ex)
		}
		close(g.ready)
	}
	if generators != nil {
		r.recorder.turns = nil // each is that of a generator
	}
}

// generate has the generators hand over their shares, and waits for all.
func (r *run) generate(ctx context.Context, generators []*run) {
	var all sync.WaitGroup
	for _, g := range generators {
		g.recorder.start, g.recorder.steady = r.recorder.start, r.recorder.steady
		tasks, cancel := context.WithCancelCause(ctx) // the tasks' contexts outlive this call
		all.Go(func() { g.drive(tasks, cancel, g.under) })
	}
	all.Wait()
}

// shutDownAll shuts the executors of all generators down, and takes over how
// their runs have ended.
func (r *run) shutDownAll(ctx context.Context, generators []*run, limit time.Duration) {
	var all sync.WaitGroup
	for _, g := range generators {
		all.Go(func() { g.shutDown(ctx, g.under.ex, limit) })
	}
	all.Wait()
	for _, g := range generators {
		r.deadlock, r.limit = cmp.Or(r.deadlock, g.deadlock), cmp.Or(r.limit, g.limit)
		r.stuck = append(r.stuck, g.stuck...)
		r.interrupted = r.interrupted || g.interrupted
		if r.err == nil {
			r.err = g.err
		}
		if g.recorder == nil {
			continue
		}
		for _, s := range g.recorder.close() {
			r.recorder.settle(s)
		}
		r.recorder.outlived = append(r.recorder.outlived, g.recorder.outlived...)
		r.recorder.elsewhere = r.recorder.elsewhere || g.recorder.elsewhere
	}
}

// takeOver notes a step of a task of one of the generators.
func (r *recorder) takeOver(step Step, s record.Sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	if step == Finished && r.samples[s.Seq].Finished < 0 {
		r.ended++
	}
	r.samples[s.Seq] = s
	if r.isNews(step, s.Seq) {
		r.watch(step, s)
	}
}

// settle notes what a generator says of a task in the end.
func (r *recorder) settle(s record.Sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.samples[s.Seq] = s
	}
}

// generators describes the generators of a recording. There are none if one has
// all tasks.
func (r *run) generators(samples []record.Sample) (all []share.Generator) {
	t := r.trial
	if t.Fleet != nil {
		return r.fleet
	}
	if t.Generators < 2 {
		return nil
	}
	all = make([]share.Generator, t.Generators)
	for i := range samples {
		g, s := &all[samples[i].Seq%len(all)], &samples[i]
		g.Tasks++
		if s.Submitted >= 0 {
			g.Sent++
		}
		if s.Finished >= 0 {
			g.Ended++
		}
	}
	return all
}

// each returns the workload and those of its generators.
func (w *Workload) each() []*Workload { return append([]*Workload{w}, w.Generators...) }

// let has what is the harness's own, in an executor of package executor, take
// turns.
func let(turns func(name string), part share.Part, ex executor.Executor) {
	if y, ok := ex.(interface{ SetYield(yield func()) }); ok {
		var w workers
		y.SetYield(func() { turns(nameOf(part, w.name())) })
	}
}
