package harness

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/record"
)

// A submission is a task that the executor has been given.
type submission struct {
	seq      int
	future   *executor.Future[Ran]
	took     time.Duration // that Execute has taken
	panicked error         // in the executor's own Execute, instead of a future
}

// drive submits every task when it is due, and receives the results in the
// trial's delivery until all are there. It ends early when ctx is done or no
// task has ended for the limit: it then cancels ctx, and the tasks that run
// have a moment to end. Otherwise ctx, which is that of the tasks, lives on.
func (r *run) drive(ctx context.Context, cancel context.CancelCauseFunc, under underTest) {
	watching, watched := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { r.watch(watching, cancel) })
	if r.stream != nil {
		watch.Go(func() { r.stream.judge(watching.Done()) })
	}
	watch.Go(func() { r.watchMachine(watching, cancel) })
	if r.trial.Clock == record.Real && !r.part {
		watch.Go(func() { r.watchChildren(watching, cancel) })
		watch.Go(func() { r.watchEarlier(watching, cancel) })
	}
	switch {
	case under.fleet:
		r.command(ctx)
	case under.generators != nil:
		r.generate(ctx, under.generators)
	case under.batch != nil:
		r.runBatch(ctx, cancel, under.batch)
	case under.m != nil:
		r.iterate(ctx, cancel, under.m)
	default:
		r.receive(ctx, cancel, under.ex)
	}
	cause := context.Cause(ctx)
	watched()
	watch.Wait()

	stuck, spent, child := hang{}, exhausted{}, stopped{}
	switch {
	case cause == nil:
	case r.stopped():
		r.interrupted = true
	case errors.As(cause, &spent):
		r.err = spent
	case errors.As(cause, &child):
		r.limit = "cannot be judged, " + child.Error() + ": " + child.remedy()
	case errors.As(cause, &stuck):
		r.deadlock, r.stuck = stuck.Error(), stuck.keys
	}
}

// receive submits and receives. Submissions have a goroutine of their own: an
// executor may run a task within its submission.
func (r *run) receive(ctx context.Context, cancel context.CancelCauseFunc, ex executor.Executor) {
	patient, stop := outlast(ctx, grace)
	defer stop()
	type handedOver struct {
		n     int
		limit string
		err   error
	}
	results := newQueue()
	last := make(chan handedOver, 1)
	go func() {
		var all handedOver
		defer func() { last <- all }()
		defer recovered(&all.err)
		if r.trial.Users != nil {
			all.n, all.limit = r.submitUsers(ctx, ex, results)
		} else {
			all.n = r.submit(ctx, ex, results)
		}
	}()

	n, submitting := 0, true
	for received := 0; submitting || received < n; {
		select {
		case <-results.some:
			for s := range results.all {
				err := s.panicked
				if err == nil {
					_, err = s.future.Result(patient)
				}
				r.recorder.delivered(s.seq, err)
				received++
				if r.stopped() {
					cancel(context.Canceled)
				}
			}
		case all := <-last:
			n, r.limit, r.err, submitting = all.n, all.limit, all.err, false
		case <-patient.Done():
			return // what still submits is stuck in the executor, which the leak guard will say
		}
		if r.stopped() {
			cancel(context.Canceled)
		}
	}
}

// A queue has the tasks whose results are to be received, in their order. What
// puts one in never waits: it may be a task that has ended.
type queue struct {
	some chan struct{} // has one if there may be any

	mu   sync.Mutex
	next []submission
}

func newQueue() *queue { return &queue{some: make(chan struct{}, 1)} }

func (q *queue) put(s submission) {
	q.mu.Lock()
	q.next = append(q.next, s)
	q.mu.Unlock()
	select {
	case q.some <- struct{}{}:
	default:
	}
}

// all yields the tasks that there are, and takes them out.
func (q *queue) all(yield func(submission) bool) {
	var batch []submission
	for {
		q.mu.Lock()
		batch, q.next = q.next, batch[:0]
		q.mu.Unlock()
		for _, s := range batch {
			if !yield(s) {
				return
			}
		}
		if len(batch) == 0 {
			return
		}
		clear(batch) // which holds futures
	}
}

// submit hands the tasks to ex until all are, or ctx is done, and returns how
// many it has handed over.
func (r *run) submit(ctx context.Context, ex executor.Executor, results *queue) int {
	sender := r.newSender()
	seq := 0
	for ; r.comes(seq); seq++ {
		if !sender.wait(ctx, seq) {
			return seq
		}
		r.turns.Yield(nameOf(r.trial.Share, submitter))
		r.give(ctx, ex, seq, results, sender)
	}
	r.recorder.allExecuted()
	return seq
}

// comes reports whether there is a task of a number.
func (r *run) comes(seq int) bool {
	if r.stream != nil {
		return r.stream.come(seq)
	}
	return seq < len(r.recorder.samples)
}

// give submits a task that is due, and has its result received.
func (r *run) give(ctx context.Context, ex executor.Executor, seq int, results *queue,
	sender *sender,
) submission {
	sender.hand(seq)
	s := r.hand(ctx, ex, seq)
	sender.handed(s.took)
	if r.trial.Scheduled != nil && s.future != nil {
		r.trial.Scheduled(r.recorder.sample(seq).Key, s.future)
	}
	if r.trial.Delivery == record.InOrder || s.panicked != nil {
		results.put(s)
	} else {
		s.future.OnDone(func(*executor.Future[Ran]) { results.put(s) })
	}
	return s
}

// hand gives one task to ex, defined if the workload has it so.
func (r *run) hand(ctx context.Context, ex executor.Executor, seq int) (s submission) {
	s.seq = seq
	defer func() {
		if v := recover(); v != nil {
			s.panicked = fmt.Errorf("panic in Execute%s: %v", at(panicking()), v)
		}
	}()
	w := r.workload
	tracker := &tracker{Executor: ex, recorder: r.recorder, seq: seq}
	ex = tracker
	defer func() { s.took = tracker.took }()
	if w.Defined == nil {
		s.future = executor.Submit(ctx, ex, r.recorder.task(seq, w.Do))
		return s
	}
	s.future = w.Defined.Submit(ctx, ex, r.recorder.call(seq, w.Setting))
	s.future.OnDone(func(f *executor.Future[Ran]) {
		ran, err := f.Result(ctx)
		r.recorder.ran(seq, ran, err)
	})
	return s
}
