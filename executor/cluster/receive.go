package cluster

import (
	"fmt"
	"strings"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster/internal/wire"
)

// A LostError is the result of a task that was given to workers and came back
// from none. [errors.Is] finds [executor.ErrBroken] in it, as in the error of a
// lost child of package process.
type LostError struct {
	Deliveries int    // how often the task was given to a worker
	Worker     string // the last one, or "" if it is not known
	Once       bool   // it was not given to another worker, because it may have started
}

// Error implements error.
func (l *LostError) Error() string {
	worker := "its worker"
	if l.Worker != "" {
		worker = "worker " + l.Worker
	}
	if l.Once {
		return fmt.Sprintf("cluster: %s was lost, and the task may have run: it must not run twice", worker)
	}
	if l.Deliveries == 1 {
		return fmt.Sprintf("cluster: the task was given to a worker and came back with no result: %s was lost", worker)
	}
	return fmt.Sprintf("cluster: the task was given to workers %d times and came back with no result: %s was lost",
		l.Deliveries, worker)
}

// Single reports whether one worker alone was lost with the task, so that it is
// not known whether the task is to blame.
func (l *LostError) Single() bool { return l.Once || l.Deliveries <= 1 }

// Unwrap returns [executor.ErrBroken].
func (l *LostError) Unwrap() error { return executor.ErrBroken }

func lostError(data []byte) error {
	deliveries, worker, once := wire.ReadLost(data)
	return &LostError{Deliveries: int(deliveries), Worker: worker, Once: once}
}

// A step is a result whose message may be purged once the task's is gone.
type step struct {
	result, task uint64 // numbers in their streams
}

// An unsettled is a result that settleLoop has in hand.
type unsettled struct {
	f      *flight
	result wire.Result
	done   int // inputs that have ended
}

// settleLoop ends the futures of tasks that have a result. If a callback ends
// the goroutine, a new one goes on with the same result.
func (e *Executor) settleLoop() {
	over := false
	defer func() {
		if !over {
			e.loops.Go(e.settleLoop)
		}
	}()
	for {
		if u := e.inHand; u != nil {
			u.result.Settle(u.f.r, &u.done, lostError)
			e.inHand = nil
		}
		select {
		case m := <-e.answers:
			e.inHand = e.landed(m)
		case <-e.life.Done():
			over = true
			return
		}
	}
}

// landed returns the task of a result, or nil if it is not in flight any more.
func (e *Executor) landed(m message) *unsettled {
	r, err := wire.ReadResult(m.data)
	if err != nil {
		r = wire.Result{} // too few answers end the task with an error
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	f := e.flights[m.seq]
	if f == nil {
		e.late++ // the task has ended without it: the executor is broken
		return nil
	}
	delete(e.flights, m.seq)
	e.unwatch(f)
	e.trail = append(e.trail, step{m.number, f.stream})
	name := f.r.Definition().Name()
	rate := e.rates[name]
	if rate == nil {
		rate = &taskRate{}
		e.rates[name] = rate
	}
	rate.add(r.Took)
	e.checkIdle()
	e.wakeSender()
	return &unsettled{f: f, result: r}
}

// breakage returns a new error that tells why the executor is broken.
func (e *Executor) breakage() error { return &brokenError{e.broken} }

type brokenError struct{ why error }

func (b *brokenError) Error() string {
	return executor.ErrBroken.Error() + ": " + strings.TrimPrefix(b.why.Error(), executor.ErrBroken.Error()+": ")
}
func (b *brokenError) Unwrap() []error { return []error{executor.ErrBroken, b.why} }
