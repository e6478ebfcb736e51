package harness

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// grace is how long the tasks of a run that was stopped get to end by
// themselves, in the run's own time.
const grace = time.Second

// Run plays a trial and returns what happened, without a judgement.
//
// The error is about the trial: it could not be started. Whatever goes wrong
// once it runs stands in the recording: a leak, a deadlock, or, when ctx is
// done before the end, an interruption with what was measured so far. Under the
// real clock runs must not overlap in one process, because a leak could not be
// told from another run's work.
func Run(ctx context.Context, t Trial) (*record.Recording, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	p := &play{trial: &t, ready: make(chan struct{}), stopped: func() bool { return ctx.Err() != nil }}
	var leaks []string
	if t.Clock == record.Virtual {
		p, leaks = p.inBubble(ctx)
	} else {
		leaked := guard()
		p.run(ctx)
		leaks = leaked()
	}
	if p.err != nil {
		return nil, fmt.Errorf("%s on %s: %w", t.Scenario, record.Label(t.Kind, t.Workers), p.err)
	}
	return p.recording(leaks), nil
}

// A play is one run of a trial. All but the recorder is written by run alone,
// and read when run has returned.
type play struct {
	trial       *Trial
	stopped     func() bool   // whether the caller of Run wants it to end
	ready       chan struct{} // closed when recorder is set
	recorder    *recorder
	journal     []servers.Entry
	workload    *Workload
	cost        *record.Cost
	deadlock    string
	stuck       []string
	interrupted bool
	err         error
}

// run plays the trial in the time of its caller.
func (p *play) run(ctx context.Context) {
	defer func() {
		if v := recover(); v != nil {
			p.err = fmt.Errorf("panic: %v", v)
		}
	}()
	w, err := p.trial.Workload()
	if err != nil {
		p.err = err
		return
	}
	ex, err := p.trial.Executor()
	if err == nil && ex == nil {
		err = errors.New("the executor is nil")
	}
	if err != nil {
		_, closing := w.end()
		p.err = errors.Join(err, closing)
		return
	}
	p.recorder, p.workload = newRecorder(p.trial, w), w
	close(p.ready)

	limit := p.trial.deadline(p.recorder.samples)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	patient, stop := outlast(ctx, grace)
	defer stop()
	before := spent()
	p.recorder.begin()
	p.drive(ctx, patient, cancel, ex, w)
	p.conclude(ctx, limit)
	p.end(patient, ex, w)
	if p.trial.Clock == record.Real {
		cost := since(before, spent())
		p.cost = &cost
	}
}

// recording returns what the play has recorded.
func (p *play) recording(leaks []string) *record.Recording {
	t := p.trial
	r := &record.Recording{
		Scenario: t.Scenario, About: t.About, File: t.File, Source: t.Source, Position: t.Position,
		Executor: t.Kind, Workers: t.Workers, Clock: t.Clock, Seed: t.Seed, Delivery: t.Delivery, Timeout: t.Timeout,
		Cost: p.cost, Leaks: leaks, Deadlock: p.deadlock, Stuck: p.stuck, Interrupted: p.interrupted,
		Violations: []record.Violation{}, Samples: p.recorder.close(),
	}
	if p.workload != nil { // nil of a run that was given up
		p.workload.Join(r.Samples, p.journal)
	}
	r.Summarize()
	if t.Queues {
		r.IdealMakespan = 0
	}
	return r
}

// A submission is a task that the executor has been given.
type submission struct {
	seq      int
	future   *executor.Future[Ran]
	panicked error // in the executor's own Execute, instead of a future
}

// drive submits every task when it is due, and receives the results in the
// trial's delivery until all are there, or until the patience ends. Submissions
// have a goroutine of their own: an executor may run a task within its
// submission.
func (p *play) drive(ctx, patient context.Context, cancel func(), ex executor.Executor, w *Workload) {
	n := len(p.recorder.samples)
	results := make(chan submission, n)
	last := make(chan int, 1)
	go func() { last <- p.submit(ctx, ex, w, results) }()

	submitting := true
	for received := 0; submitting || received < n; {
		select {
		case s := <-results:
			err := s.panicked
			if err == nil {
				_, err = s.future.Result(patient)
			}
			p.recorder.delivered(s.seq, err)
			received++
		case n = <-last:
			submitting = false
		case <-patient.Done():
			return // what still submits is stuck in the executor, which the leak guard will say
		}
		if p.stopped() {
			cancel()
		}
	}
}

// submit hands the tasks to ex until all are, or ctx is done, and returns how
// many it has handed over.
func (p *play) submit(ctx context.Context, ex executor.Executor, w *Workload, results chan<- submission) int {
	for seq := range p.recorder.samples {
		if !waitUntil(ctx, p.recorder.start.Add(p.recorder.samples[seq].Due)) {
			return seq
		}
		p.recorder.submitted(seq)
		s := p.hand(ctx, ex, w, seq)
		if p.trial.Scheduled != nil && s.future != nil {
			p.trial.Scheduled(p.recorder.samples[seq].Key, s.future)
		}
		if p.trial.Delivery == record.InOrder || s.panicked != nil {
			results <- s
		} else {
			s.future.OnDone(func(*executor.Future[Ran]) { results <- s })
		}
	}
	return len(p.recorder.samples)
}

// hand gives one task to ex, defined if the workload has it so.
func (p *play) hand(ctx context.Context, ex executor.Executor, w *Workload, seq int) (s submission) {
	s.seq = seq
	defer func() {
		if v := recover(); v != nil {
			s.panicked = fmt.Errorf("panic in Execute: %v", v)
		}
	}()
	if w.Defined == nil {
		s.future = executor.Submit(ctx, ex, p.recorder.task(seq, w.Do))
		return s
	}
	s.future = w.Defined.Submit(ctx, ex, p.recorder.call(seq, w.Setting))
	s.future.OnDone(func(f *executor.Future[Ran]) {
		ran, err := f.Result(ctx)
		p.recorder.ran(seq, ran, err)
	})
	return s
}

// conclude says why a run that did not come to its own end did not.
func (p *play) conclude(ctx context.Context, limit time.Duration) {
	switch {
	case ctx.Err() == nil:
	case p.stopped():
		p.interrupted = true
	default:
		p.deadlock = fmt.Sprintf("not over after %v", limit)
		p.stuck = p.recorder.unfinished(limit)
	}
}

// end shuts the executor down, then what the workload has started.
func (p *play) end(patient context.Context, ex executor.Executor, w *Workload) {
	refused := within(patient, func() error { return ex.Shutdown(patient) })
	if refused != nil && p.deadlock == "" && !p.interrupted {
		p.deadlock = fmt.Sprintf("the executor did not shut down: %v", refused)
	}
	var closing error
	p.journal, closing = w.end()
	if closing != nil {
		p.err = fmt.Errorf("close of the workload: %w", closing)
	}
}

// deadline is the trial's, or one that only a run that will never end can
// reach.
func (t *Trial) deadline(samples []record.Sample) time.Duration {
	if t.Deadline > 0 {
		return t.Deadline
	}
	const pause = 10 * time.Second
	var due, service, pauses time.Duration
	for _, s := range samples {
		due = s.Due
		service += s.PlannedService
		pauses += time.Duration(s.Attempt-1) * pause
	}
	return due + 10*service + pauses + time.Minute
}

// outlast returns a context that ends so long after ctx does.
func outlast(ctx context.Context, d time.Duration) (context.Context, func()) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(d, cancel) })
	return late, func() { stop(); cancel() }
}

// within calls f and waits for it no longer than ctx lasts.
func within(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select { // both may be ready; an answer is worth more
	case err := <-done:
		return err
	default:
		return context.Cause(ctx)
	}
}

// waitUntil returns at the given time, or false as soon as ctx is done.
func waitUntil(ctx context.Context, at time.Time) bool {
	if d := time.Until(at); d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}
