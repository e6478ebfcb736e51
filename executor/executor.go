// Package executor runs tasks concurrently and hands back futures.
//
// An [Executor] decides when and where a task runs; a [Future] remembers how it
// ended. [Submit] hands one function to an executor, [Map] a function and a
// sequence of inputs; [AsCompleted] and [Wait] wait for many futures, of any
// executors. [First] and [All] do both for several functions: the first
// success, and all results or the first error.
//
// Three executors are here: [NewSequential] runs one task after another,
// [NewPool] keeps a fixed number of workers, and [NewAsync] starts a goroutine
// per task behind a limit. Other executors need two methods, and package
// executortest tests them. [Queued] puts a queue in front of one that waits
// until it has room for a task. Only the executors here let another task run in
// place of one that waits. [Tune] changes the number of workers and limits the
// queue, while tasks run.
//
// Tasks may submit to their own executor and wait there: a task that waits does
// not count as running, see [Future.Result].
//
// A context comes first wherever something can wait. The one given to Submit is
// the task's: its function gets it, and a task that has not started when it is
// done never starts. One given to a wait bounds that wait alone and never
// spoils the future for others.
package executor

import (
	"context"
	"errors"

	"github.com/teapot-go/teapot/executor/internal/contain"
	"github.com/teapot-go/teapot/executor/internal/sched"
)

// An Executor decides when and where a task runs.
//
// Execute returns nil if and only if t will be run exactly once; any other task
// is never run. Execute may be called by any number of goroutines, also from
// a running task. An executor that gives up on an accepted task
// runs it with a cancelled context; it never drops it.
//
// Shutdown refuses new tasks from now on and waits until every accepted task
// has run. When ctx is done first, it gives up on the tasks that have not
// started: they are run at once with a cancelled context, and Shutdown returns
// the context's cause without waiting for the tasks that are running, which go
// on undisturbed. Shutdown may be called any number of times, at the same time
// too; a later call with a patient context waits for what an earlier one left
// running. Called from a task of the same executor it waits for
// that task too, and so returns only when ctx is done.
//
// Only a call of Shutdown ends an executor: without it, idle workers are never
// freed. A program that ends does not wait for pending tasks.
type Executor interface {
	Execute(t Task) error
	Shutdown(ctx context.Context) error
}

// A Task is run once by an executor. Run gets the executor's context, which
// is done when the executor has given up on the task before it started. The
// tasks that [Submit] and [Map] make contain panics; [runtime.Goexit] ends
// their future with [ErrGoexit] and then the goroutine that called Run, which
// the executor must survive. Other tasks must not panic.
type Task interface {
	Run(ctx context.Context)
}

// The kinds of errors of futures and executors. Tell them apart with
// [errors.Is].
var (
	// ErrShutdown is the error of an executor whose Shutdown has been called.
	ErrShutdown = sched.ErrShutdown

	// ErrCancelled is the result of a task that was never started. When a
	// context was the reason, its cause is wrapped too.
	ErrCancelled = errors.New("executor: task cancelled")

	// ErrUnfinished is the error of a wait that ended before the future did;
	// the context's cause is wrapped too.
	ErrUnfinished = errors.New("executor: future unfinished")

	// ErrGoexit is the result of a task that called [runtime.Goexit], as
	// testing.T.FailNow does.
	ErrGoexit = contain.ErrGoexit
)
