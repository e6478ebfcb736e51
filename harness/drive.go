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
	panicked error // in the executor's own Execute, instead of a future
}

// drive submits every task when it is due, and receives the results in the
// trial's delivery until all are there. It ends early when ctx is done or no
// task has ended for the limit: it then cancels ctx, and the tasks that run
// have a moment to end. Otherwise ctx, which is that of the tasks, lives on.
func (r *run) drive(ctx context.Context, cancel context.CancelCauseFunc, under underTest, limit time.Duration) {
	watching, watched := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { r.watch(watching, cancel, limit) })
	watch.Go(func() { r.watchMachine(watching, cancel) })
	switch {
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

	stuck, spent := hang{}, exhausted{}
	switch {
	case cause == nil:
	case r.stopped():
		r.interrupted = true
	case errors.As(cause, &spent):
		r.err = spent
	case errors.As(cause, &stuck):
		r.deadlock, r.stuck = stuck.Error(), stuck.keys
	}
}

// receive submits and receives. Submissions have a goroutine of their own: an
// executor may run a task within its submission.
func (r *run) receive(ctx context.Context, cancel context.CancelCauseFunc, ex executor.Executor) {
	patient, stop := outlast(ctx, grace)
	defer stop()
	n := len(r.recorder.samples)
	results := make(chan submission, n)
	last := make(chan int, 1)
	go func() { last <- r.submit(ctx, ex, results) }()

	submitting := true
	for received := 0; submitting || received < n; {
		select {
		case s := <-results:
			err := s.panicked
			if err == nil {
				_, err = s.future.Result(patient)
			}
			r.recorder.delivered(s.seq, err)
			received++
		case n = <-last:
			submitting = false
		case <-patient.Done():
			return // what still submits is stuck in the executor, which the leak guard will say
		}
		if r.stopped() {
			cancel(context.Canceled)
		}
	}
}

// submit hands the tasks to ex until all are, or ctx is done, and returns how
// many it has handed over.
func (r *run) submit(ctx context.Context, ex executor.Executor, results chan<- submission) int {
	for seq := range r.recorder.samples {
		if !waitUntil(ctx, r.recorder.start.Add(r.recorder.samples[seq].Due)) {
			return seq
		}
		r.recorder.submitted(seq)
		s := r.hand(ctx, ex, seq)
		if r.trial.Scheduled != nil && s.future != nil {
			r.trial.Scheduled(r.recorder.samples[seq].Key, s.future)
		}
		if r.trial.Delivery == record.InOrder || s.panicked != nil {
			results <- s
		} else {
			s.future.OnDone(func(*executor.Future[Ran]) { results <- s })
		}
	}
	r.recorder.allExecuted()
	return len(r.recorder.samples)
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
	ex = tracker{ex, r.recorder, seq}
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
