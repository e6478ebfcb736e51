package harness

import (
	"errors"
	"os/exec"

	"github.com/teapot-go/teapot/executor"
)

// Doubts about tasks that came back from the process that ran them with
// nothing.
const (
	killedDoubt = "the process that ran the task was killed by a signal, which something else may have sent: run it " +
		"where nothing else ends the process, and where there is more memory"
	vanishedDoubt = "the worker that ran the task was lost, for which the task need not be the cause: run it again, " +
		"or without once"
)

// unexplained returns why an error of a task that ran in another process says
// nothing of the task, with what would let it be known after ": ". It is "" of
// any other error.
//
//	what became of the process   | whose fault
//	it ended by itself           | the task's: it panicked, or called os.Exit
//	a signal killed it           | not known: the kernel kills for memory too
//	a worker was lost, once      | not known
//	several workers were lost    | the task's: each of them that was given it
func unexplained(err error) (doubt string) {
	if !errors.Is(err, executor.ErrBroken) {
		return ""
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() < 0 {
		return killedDoubt
	}
	if lost, ok := errors.AsType[interface {
		error
		Single() bool
	}](err); ok && lost.Single() {
		return vanishedDoubt
	}
	return ""
}

// gaveBack reports whether the executor has refused a task and not begun it.
func (r *recorder) gaveBack(seq int) (is bool) {
	r.change(seq, func(t *turn) { is = t.refused && !t.begun && t.runs == 0 })
	return is
}
