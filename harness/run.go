package harness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/fifo"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/interleave"
	"github.com/teapot-go/teapot/servers/timer"
)

// Run runs a trial and returns what happened, without a judgement.
//
// The error is about the trial: it could not be started, or a function of its
// workload panicked. Whatever goes wrong with the tasks stands in the
// recording: a leak, a deadlock, or, when ctx is done before the end, an
// interruption with what was measured so far. Under the real clock runs must
// not overlap in one process, because a leak could not be told from another
// run's work.
func Run(ctx context.Context, t Trial) (*record.Recording, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	r := newRun(ctx, &t)
	var leaks []string
	if t.Clock == record.Virtual {
		bubbles.RLock()
		r, leaks = r.inBubble(ctx)
		bubbles.RUnlock()
		r.confirmTimers(ctx)
	} else {
		late := watchLateness() // before the run, so that it is not a goroutine of the run
		r.openTimer()
		r.before, r.earlier = ids(), childProcesses()
		leaked, held := r.guard(), r.guardProcess()
		r.do(ctx)
		leaks = leaked()
		if r.whole() {
			r.findElsewhere()
			held()
		}
		if lock, held := heldByEarlier("", r.before); r.deadlock != "" && held {
			r.deadlock, r.limit = "", "cannot be judged, "+lock+": "+runAlone
		}
		r.late = max(late.end(), r.lateElsewhere) + r.apart
		_ = r.timer.Close() // the run has ended, whatever becomes of its timer
		if !r.whole() {
			r.leave()
		}
	}
	r.judgeRequests()
	var rec *record.Recording
	if r.err == nil {
		rec, r.err = r.recording(append(withEvidence(leaks), r.leaksElsewhere...))
	}
	if r.err != nil {
		r.err = explained(r.err)
		return nil, fmt.Errorf("%s on %s: %w", t.Scenario, record.Label(t.Kind, t.Workers), r.err)
	}
	return rec, nil
}

// A run is one run of a trial. All but the recorder is written by do alone,
// and read when do has returned.
type run struct {
	trial     *Trial
	stopped   func() bool   // reports whether the caller of Run wants it to end
	ready     chan struct{} // closed when recorder is set
	recorder  *recorder
	stream    *stream           // nil if the run has all samples
	turns     *interleave.Turns // nil if the Go scheduler decides
	journal   []servers.Entry
	forgotten bool // the journal lacks requests
	workload  *Workload
	bubble    atomic.Value // the name of its bubble, under the virtual clock
	cost      *record.Cost
	conns     servers.Connections
	held      held
	waits     underWay
	pending   int              // calls of time.AfterFunc, under the virtual clock
	drowned   bool             // what else the process did hid whether any are pending
	timer     *timer.Timer     // of an open workload under the real clock; nil for the runtime's
	late      time.Duration    // how late the machine was at most, under the real clock
	before    map[string]bool  // the goroutines from before the run, under the real clock
	earlier   map[child]string // the child processes from before the run, under the real clock
	deadlock  string
	unshut    bool   // the deadlock is that the executor did not shut down
	limit     string // why the run cannot be judged
	stuck     []string
	part      bool      // it is one of several generators of another run
	under     underTest // of such a one
	fleet     []share.Generator
	// of the runs of a fleet
	apart          time.Duration // by how much their times may be off from that of the server
	lateElsewhere  time.Duration
	leaksElsewhere []string
	costs          []record.Cost
	interrupted    bool
	err            error
}

func newRun(ctx context.Context, t *Trial) *run {
	return &run{trial: t, ready: make(chan struct{}), stopped: func() bool { return ctx.Err() != nil }}
}

// do runs the trial in the time of its caller. Whatever it has opened it
// closes, also when a function of the trial panics.
func (r *run) do(ctx context.Context) {
	defer recovered(&r.err)
	limit := cmp.Or(r.trial.Deadline, silent)
	w, err := within(ctx, limit, r.trial.Workload)
	if err == nil && w == nil {
		err = errors.New("the workload is nil")
	}
	if err != nil {
		r.err = err
		return
	}
	defer func() { r.closeWorkload(w, limit) }()
	if w.Plan == nil {
		r.err = errors.New("the workload has no plan: want a Plan, such as one that returns " +
			"record.Planned{PlannedClass: record.OK} for tasks that are to succeed")
		return
	}
	under, err := within(ctx, limit, func() (underTest, error) { return r.open(w) })
	if err != nil {
		r.err = err
		return
	}
	shutDown := sync.OnceFunc(func() {
		r.shutDown(ctx, under.ex, limit)
		r.shutDownAll(ctx, under.generators, limit)
		r.turns.End() // or what the workload leaves would end too late
	})
	defer shutDown()
	r.recorder, r.workload = newRecorder(r.trial, w), w
	r.keepJournal()
	r.takeTurns(w, under.ex)
	r.shareOut(under.generators)
	limit = r.limitNow()
	close(r.ready)

	tasks, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if r.trial.Clock == record.Real {
		r.watchTasks(cancel)
	}
	costs := func() {}
	if r.trial.Clock == record.Real {
		costs = r.measureCosts()
	}
	if r.err = r.begin(tasks); r.err != nil {
		return
	}
	r.drive(tasks, cancel, under)
	limit = r.limitNow()
	shutDown()
	r.excuseCond()
	costs()
	if r.whole() {
		r.findBodies()
	}
}

// measureCosts returns what notes what the run has cost the machine since now.
func (r *run) measureCosts() (note func()) {
	before, load := spent(), processorLoad()
	return func() {
		cost := since(before, spent())
		if r.cost = &cost; r.trial.Pacer != nil {
			cost.Busy = load.until(processorLoad())
		}
	}
}

// whole reports whether the run has come to its own end: what it leaves behind
// is then the client's.
func (r *run) whole() bool {
	return r.deadlock == "" && r.limit == "" && !r.interrupted && r.err == nil
}

// shutDown waits for the executor to shut down. One that does not within the
// limit is as stuck as a task that does not end.
func (r *run) shutDown(ctx context.Context, ex executor.Executor, limit time.Duration) {
	if ex == nil {
		return // a map has ended with its iteration, and a batch has returned
	}
	if r.deadlock != "" || r.limit != "" || r.interrupted {
		limit = grace
	}
	defer r.announce("the executor has not shut down", limit)()
	patient, stop := outlast(ctx, grace)
	defer stop()
	_, err := within(patient, limit, func() (struct{}, error) {
		ctx, cancel := context.WithTimeout(patient, limit)
		defer cancel()
		return struct{}{}, r.recorder.shutDown(ctx, ex)
	})
	if killer, can := ex.(interface{ Kill() }); err != nil && can {
		killer.Kill() // or its child processes would outlive the run
		_, _ = within(patient, grace, func() (struct{}, error) { return struct{}{}, ex.Shutdown(patient) })
	}
	if err != nil && r.deadlock == "" && r.limit == "" && !r.interrupted {
		r.deadlock, r.unshut = fmt.Sprintf("the executor did not shut down: %v", err), true
	}
}

// closeWorkload ends what the workload has started, and then its server. It
// does so also after an interrupt, when it gets less time.
func (r *run) closeWorkload(w *Workload, limit time.Duration) {
	if r.stopped() {
		limit = closing
	}
	defer r.announce("the workload has not closed", limit)()
	for _, w := range w.each() {
		if w.Release != nil {
			w.Release()
		}
	}
	for _, w := range w.each() {
		if w.Close != nil {
			own := r.closeWithin(limit, w.Close)
			whole := len(own) < servers.JournalLimit // or it may have dropped some
			r.journal, r.forgotten = append(r.journal, own...), r.forgotten || !whole
		}
		if w.Strays != nil {
			r.findStrays(w)
		}
	}
	if w.Server != nil {
		r.findRequests(w.Server)
		r.findConnections(w.Server)
		own := r.journal
		r.journal = r.closeWithin(limit, func() ([]servers.Entry, error) {
			err := w.Server.Close()
			return w.Server.Journal(), err
		})
		w.Forgotten = w.Server.Forgot()
		if len(own) > 0 && len(r.journal) > 0 {
			w.Epoch = time.Time{} // each has its own
		}
		r.journal = append(r.journal, own...)
	}
	if w.Content != nil {
		r.closeWithin(limit, func() ([]servers.Entry, error) { return nil, w.Content.Close() })
	}
	if r.whole() && r.trial.Clock == record.Virtual {
		r.findTimers()
	}
}

// closeWithin calls a function that closes something, and notes what goes
// wrong.
func (r *run) closeWithin(limit time.Duration, end func() ([]servers.Entry, error)) []servers.Entry {
	journal, err := within(context.Background(), limit, end)
	switch late := (overrun{}); {
	case errors.As(err, &late) && r.deadlock == "" && !r.interrupted:
		r.deadlock = fmt.Sprintf("the workload did not close: %v", err)
	case err != nil && r.err == nil && r.deadlock == "":
		r.err = fmt.Errorf("close of the workload: %w", err)
	}
	return journal
}

// recording returns what the run has recorded.
func (r *run) recording(leaks []string) (rec *record.Recording, err error) {
	defer recovered(&err)
	t := r.trial
	rec = &record.Recording{
		Scenario: t.Scenario, About: t.About, File: t.File, Source: t.Source, Position: t.Position,
		Executor: t.Kind, Workers: t.Workers, Users: t.users(),
		Clock: t.Clock, Seed: t.Seed, Delivery: t.Delivery, Timeout: t.Timeout,
		Late: r.late,
		Cost: inAll(r.cost, r.costs), Leaks: leaks, Held: r.held.surely, MaybeHeld: r.held.perhaps,
		Deadlock: r.deadlock, Limit: r.limit, Stuck: r.stuck, Interrupted: r.interrupted,
		Violations: []record.Violation{}, Samples: r.recorder.close(),
	}
	// constant, as the recorder is closed
	rec.Outlived, rec.Elsewhere, rec.Unshut = r.recorder.outlived, r.recorder.elsewhere, r.unshut
	rec.Generators = r.generators(rec.Samples)
	rec.Mapped, rec.Batch = t.Executor == nil, t.Batch != nil
	overtakes := func(share *record.Recording) bool { _, certain := fifo.Certain(share); return certain }
	if t.Clock == record.Virtual && !slices.ContainsFunc(rec.Shares(), overtakes) {
		for i := range rec.Samples {
			rec.Samples[i].Began, rec.Samples[i].Ended = 0, 0
		}
	}
	if t.Clock == record.Real { // which of two connections of one instant is opened differs from run to run
		rec.ConnectionsOpened, rec.ConnectionsReused, rec.ConnectionsPeak = r.conns.Opened, r.conns.Reused, r.conns.Peak
	}
	rec.Struck = struck(r.journal)
	if r.stream != nil {
		r.stream.close(rec, r.late)
		rec.Misrun = r.recorder.ranAgain()
	}
	if r.workload != nil { // nil of a run that was given up
		r.join(rec)
	}
	r.findMisuse(rec)
	if rec.Interrupted {
		rec.Interrupt()
	}
	rec.Summarize()
	if r.stream != nil && r.stream.replans {
		rec.IdealMakespan = 0 // which was that of another plan
	}
	if t.Queues {
		r.foresee(rec)
	}
	return rec, nil
}

// foresee sets the ideal times of tasks that wait for one another at the
// server, where they can be told.
func (r *run) foresee(rec *record.Recording) {
	rec.IdealMakespan = 0
	if r.workload == nil || !r.whole() || r.workload.Forgotten {
		return
	}
	if ideal, ok := r.workload.Foresee(rec, r.journal); ok {
		rec.Follow(ideal)
	}
}

// join adds to a recording what the server's journal says.
func (r *run) join(rec *record.Recording) {
	w, start := r.workload, r.recorder.start
	w.Batch, w.Forgotten = rec.Batch, w.Forgotten || r.forgotten
	w.Late, w.Skew = r.late, r.apart
	if !w.Epoch.IsZero() {
		rec.ServerAhead = start.Sub(w.Epoch)
	}
	if r.stream != nil { // which has joined them
		return
	}
	w.Join(rec.Samples, r.journal, start)
	if rec.Batch {
		w.CountAtOnce(rec, r.journal)
		r.recorder.batch.judge(rec, w.AnyFailed(r.journal), w.Foreign)
		r.judgeAfter(rec)
	}
}

// judgeAfter notes the requests that were under way after a batch had returned.
func (r *run) judgeAfter(rec *record.Recording) {
	b := r.recorder.batch
	if !b.returned || r.workload.Epoch.IsZero() || !r.whole() {
		return
	}
	surely, perhaps := r.workload.After(r.journal, r.recorder.start.Sub(r.workload.Epoch)+b.at, r.late)
	const wait = "wait for all that the program has started before it returns"
	switch was := func(keys []string) string {
		return plural(len(keys), "request") + " under way after the program had returned (" + tally(keys) + ")"
	}; {
	case surely != nil:
		rec.Misrun = cmp.Or(rec.Misrun, was(surely)+": an end of all that it has started, and then its return")
	case perhaps != nil:
		rec.MaybeHeld = append(rec.MaybeHeld, was(perhaps)+": "+wait)
	}
}

// recovered makes a panic the error of the function that defers it.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("panic: %v", v)
	}
}
