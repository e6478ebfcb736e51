package harness

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/teapot-go/teapot/executor"
)

// A Map calls f once for each input, at the same time as it likes, and yields
// what f has returned: an ordered map in the order of the inputs, and an
// iteration as completed in the order in which the calls return. It reads the
// inputs one after another. When the iteration ends, every call has returned.
type Map func(ctx context.Context, inputs iter.Seq[int], f func(ctx context.Context, input int) int) iter.Seq[int]

// inPlace is an executor that runs tasks in the goroutine that hands them over.
type inPlace struct{ ctx context.Context }

var _ executor.Executor = inPlace{}

func (p inPlace) Execute(t executor.Task) error { t.Run(p.ctx); return nil }

func (inPlace) Shutdown(context.Context) error { return nil }

// iterate has a map run the tasks and deliver the results. Unlike an executor
// it decides when a result is delivered.
func (r *run) iterate(ctx context.Context, cancel context.CancelCauseFunc, m Map) {
	patient, stop := outlast(ctx, grace)
	defer stop()
	over := make(chan error, 1)
	r.recorder.iterates(1)
	defer r.recorder.iterates(-1)
	go func() {
		var err error
		defer func() { over <- err }()
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("panic in the map%s: %v", at(panicking()), v)
			}
		}()
		for seq := range m(ctx, r.inputs(ctx), r.mapped) {
			r.recorder.yielded(seq)
			if r.stopped() {
				cancel(context.Canceled)
			}
		}
		r.recorder.outlives()
	}()
	select {
	case r.err = <-over:
	case <-patient.Done(): // what does not end is stuck in the map, which the leak guard will say
	}
}

// inputs yields the tasks when they are due.
func (r *run) inputs(ctx context.Context) iter.Seq[int] {
	return func(yield func(int) bool) {
		sender := r.newSender()
		for seq := range r.recorder.samples {
			r.recorder.iterates(-1)
			due := sender.wait(ctx, seq)
			if r.recorder.iterates(1); !due {
				return
			}
			sender.hand(seq)
			r.recorder.executed(seq, nil)
			r.recorder.change(seq, func(t *turn) { t.mapped = true })
			asked := time.Now()
			if !yield(seq) {
				return
			}
			sender.handed(time.Since(asked))
		}
	}
}

// mapped is the function that a map calls for each task. A panic of the task is
// its error. The map must not change the number that it returns.
func (r *run) mapped(ctx context.Context, seq int) int {
	if !r.recorder.isInput(seq) {
		return seq // and yielded complains
	}
	s := r.hand(ctx, inPlace{ctx}, seq)
	_, err := s.future.Result(ctx)
	r.recorder.change(seq, func(t *turn) { t.err = err })
	return seq
}

// iterates notes with 1 that an iteration is under way, also when all results
// are there, and with -1 that it is over, or waits for its next input.
func (r *recorder) iterates(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.outstanding += n; n > 0 && r.outstanding == 1 {
		r.moved = time.Since(r.start)
	}
}

func (r *recorder) isInput(seq int) bool { return seq >= 0 && seq < len(r.samples) }

// yielded notes that a map has yielded the result of a task.
func (r *recorder) yielded(seq int) {
	if !r.isInput(seq) {
		panic(fmt.Sprintf("it has yielded %d, which the function has not returned", seq))
	}
	var err error
	first := false
	r.change(seq, func(t *turn) {
		t.results++
		err, first = t.err, t.results == 1
	})
	if first {
		r.delivered(seq, err)
	}
}
