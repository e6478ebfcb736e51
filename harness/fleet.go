package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
)

// A Fleet has the load generators of a trial run elsewhere, each in a run with
// its Share, for the server of the workload. It calls begin once, with the time
// at which they begin, and returns what each has recorded, in their order: with
// one Generator that describes it, whose Offset is from that time, and whose
// Lost says why there are no samples. When ctx is done it ends them, and
// returns what they have.
//
// It may call told with steps of their tasks as it hears of them, from any
// goroutine, in any order and more than once: such samples have a Seq, a Class
// and times since the generators began. Nothing but [Trial].Watch sees them.
type Fleet func(ctx context.Context, w *Workload, begin func(at time.Time), told func(Step, record.Sample)) (
	[]*record.Recording, error,
)

// command has the generators elsewhere hand over the tasks, and takes over what
// they have recorded.
func (r *run) command(ctx context.Context) {
	began := false
	r.recorder.told = make([]uint8, len(r.recorder.samples))
	parts, err := r.trial.Fleet(ctx, r.workload, func(at time.Time) {
		began = true
		r.recorder.beginAt(at)
	}, r.recorder.hear)
	switch n := r.trial.Generators; {
	case err != nil && r.stopped():
		r.interrupted = true
		return
	case err != nil:
		r.err = err
		return
	case len(parts) != n || !began:
		r.err = fmt.Errorf("harness: %d of %d load generators have recorded anything", len(parts), n)
		return
	}
	r.alignStarts(parts)
	for k, part := range parts {
		if err := r.adopt(share.Part{Index: k, Of: len(parts)}, part); err != nil {
			r.err = fmt.Errorf("load generator %d: %w", k+1, err)
			return
		}
	}
}

// alignStarts lets the time of the run begin with that of the first generator,
// so that no time is before it.
func (r *run) alignStarts(parts []*record.Recording) {
	var first time.Duration
	for _, part := range parts {
		for _, g := range part.Generators {
			first = min(first, g.Offset)
		}
	}
	r.recorder.mu.Lock()
	r.recorder.start = r.recorder.start.Add(first)
	r.recorder.mu.Unlock()
	for _, part := range parts {
		for i := range part.Generators {
			part.Generators[i].Offset -= first
		}
	}
}

// adopt takes over what a generator has recorded.
func (r *run) adopt(of share.Part, part *record.Recording) error {
	if len(part.Generators) != 1 {
		return errors.New("its recording does not say whose it is")
	}
	g := part.Generators[0]
	g.Tasks, g.Sent, g.Ended = 0, max(g.Sent, 0), max(g.Ended, 0)
	defer func() { r.fleet = append(r.fleet, g) }()
	tasks := (len(r.recorder.samples) + of.Of - 1 - of.Index) / of.Of
	if part.Interrupted && g.Lost == "" && !r.stopped() {
		g.Lost = "it was interrupted"
	}
	if g.Tasks = tasks; g.Lost != "" {
		r.recorder.lose(of)
		return nil
	}
	if len(part.Samples) != tasks {
		return fmt.Errorf("tasks that it has recorded: %d, want %d", len(part.Samples), tasks)
	}
	g.Sent, g.Ended = 0, 0
	for i, s := range part.Samples {
		mine := &r.recorder.samples[of.Index+i*of.Of]
		if s.Seq != mine.Seq || s.Key != mine.Key || s.Due != mine.Due {
			return fmt.Errorf("its task %d is %q at %v, want task %d, %q at %v", s.Seq, s.Key, s.Due, mine.Seq,
				mine.Key, mine.Due)
		}
		if s.Submitted >= 0 {
			g.Sent++
		}
		if s.Finished >= 0 {
			g.Ended++
		}
		r.recorder.takeOver(Finished, elsewhere(*mine, s, shiftAt(g, s.Due)))
	}
	r.recorder.outlived = append(r.recorder.outlived, part.Outlived...)
	r.recorder.elsewhere = r.recorder.elsewhere || part.Elsewhere
	r.adoptEnd(fmt.Sprintf("load generator %d: ", of.Index+1), part)
	r.apart = max(r.apart, 2*g.Error)
	return nil
}

// lose notes that what became of the tasks of a generator is not known.
func (r *recorder) lose(of share.Part) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for seq := of.Index; seq < len(r.samples); seq += of.Of {
		r.samples[seq].Class = record.CutOff
	}
}

// hear tells of a step of a task elsewhere, unless that one or a later one was
// told.
func (r *recorder) hear(step Step, s record.Sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed && s.Seq >= 0 && s.Seq < len(r.told) && r.isNews(step, s.Seq) {
		r.watch(step, elsewhere(r.samples[s.Seq], s, 0))
	}
}

// isNews notes a step of a task, and reports whether neither it nor a later one
// was told. All steps of tasks here are news.
func (r *recorder) isNews(step Step, seq int) bool {
	if r.told == nil {
		return true
	}
	told := r.told[seq]
	r.told[seq] = max(told, uint8(slices.Index(steps, step)+1))
	return r.told[seq] > told
}

// shiftAt returns by how much the time of a generator is behind that of the run
// at a time. Within a task it stays the same: no latency is a difference of two
// clocks.
func shiftAt(g share.Generator, at time.Duration) time.Duration {
	return max(g.Offset-time.Duration(g.Drift/1e6*float64(at)), -at)
}

// elsewhere returns a task with what was measured of it elsewhere.
func elsewhere(mine, theirs record.Sample, shift time.Duration) record.Sample {
	mine.Due, mine.Held, mine.Seen = theirs.Due+shift, theirs.Held, theirs.Seen
	for _, at := range []struct {
		to   *time.Duration
		from time.Duration
	}{
		{&mine.Submitted, theirs.Submitted},
		{&mine.Started, theirs.Started},
		{&mine.Finished, theirs.Finished},
		{&mine.Delivered, theirs.Delivered},
	} {
		if at.from >= 0 {
			*at.to = at.from + shift
		}
	}
	mine.Began, mine.Ended, mine.Received, mine.Misrun = theirs.Began, theirs.Ended, theirs.Received, theirs.Misrun
	return mine
}

// adoptEnd takes over how the run of a generator has ended, and what it has
// cost and left behind.
func (r *run) adoptEnd(name string, part *record.Recording) {
	told := func(what string) string {
		if what == "" {
			return ""
		}
		return name + what
	}
	if r.deadlock == "" {
		r.deadlock = told(part.Deadlock)
	}
	if r.limit == "" && part.Limit != "" {
		r.limit = part.Limit
	}
	r.stuck = append(r.stuck, part.Stuck...)
	r.interrupted = r.interrupted || part.Interrupted
	for _, leak := range part.Leaks {
		r.leaksElsewhere = append(r.leaksElsewhere, name+leak)
	}
	for _, held := range part.Held {
		r.held.surely = append(r.held.surely, name+held)
	}
	for _, held := range part.MaybeHeld {
		r.held.perhaps = append(r.held.perhaps, "load generator's "+held)
	}
	r.lateElsewhere = max(r.lateElsewhere, part.Late)
	if part.Cost != nil {
		r.costs = append(r.costs, *part.Cost)
	}
}

// inAll returns the cost of all processes of a run together. Each tells how
// busy its machine was: that of the busiest counts.
func inAll(own *record.Cost, others []record.Cost) *record.Cost {
	if own == nil || len(others) == 0 {
		return own
	}
	all := *own
	for _, c := range others {
		all.CPU, all.Allocs, all.AllocBytes = all.CPU+c.CPU, all.Allocs+c.Allocs, all.AllocBytes+c.AllocBytes
		all.Busy = max(all.Busy, c.Busy)
	}
	return &all
}

// begin starts the run's time.
func (r *run) begin(ctx context.Context) error {
	if r.trial.Begin == nil {
		r.recorder.begin()
		return nil
	}
	at, err := r.trial.Begin(ctx)
	if err == nil {
		r.recorder.beginAt(at)
	}
	return err
}
