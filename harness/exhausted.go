package harness

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/teapot-go/teapot/executor/crash"
	"github.com/teapot-go/teapot/harness/record"
)

// An exhausted is the error of a run that the machine could not carry out. What
// its tasks report says nothing about the client.
type exhausted struct {
	err    error
	limit  string // what there is of it, in numbers
	remedy string
}

func (e exhausted) Error() string {
	return fmt.Sprintf("this machine cannot carry out the run: %v: %s: %s", e.err, e.limit, e.remedy)
}

func (e exhausted) Unwrap() error { return e.err }

// A limit is something that a machine can run out of.
type limit struct {
	err     syscall.Errno
	numbers func() string
	remedy  string
}

var limits = []limit{
	{syscall.EMFILE, openLimit, "raise the limit, such as with ulimit -n, or run fewer tasks at once"},
	{syscall.ENFILE, systemFiles, "close other programs, or run fewer tasks at once"},
	{syscall.EADDRNOTAVAIL, freePorts, "reuse connections, or run fewer tasks at once"},
	{syscall.ENOBUFS, memory, "run fewer tasks at once"},
	{syscall.ENOMEM, memory, "raise the limit, such as with ulimit -v, or run fewer tasks at once"},
	{syscall.EAGAIN, processLimit, "raise the limit, such as with ulimit -u, or run fewer tasks at once"},
}

// explained adds the numbers to an error of the machine.
func explained(err error) error {
	for _, l := range limits {
		if errors.As(err, new(exhausted)) || !errors.Is(err, l.err) {
			continue
		}
		return exhausted{err, l.numbers(), l.remedy}
	}
	return err
}

// watchMachine gives the run up when the machine refuses another connection to
// the server or to its client, until ctx is done.
func (r *run) watchMachine(ctx context.Context, giveUp context.CancelCauseFunc) {
	if r.workload.Server == nil {
		return
	}
	select {
	case err := <-r.workload.Server.Exhausted():
		giveUp(explained(err))
	case <-ctx.Done():
	}
}

// refused returns the error of the machine that a task reports, or nil. A
// client that dials by itself has it from the machine, and reports only its
// text.
func refused(s record.Sample) error {
	if s.Class.Outcome() != record.OutcomeError || s.Status != 0 || s.Error == "" {
		return nil
	}
	for _, err := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if strings.HasSuffix(s.Error, err.Error()) {
			return err
		}
	}
	// What does not start is a process, by fork(2): sockets have the error too.
	starts := strings.Contains(s.Error, "fork/exec ") || strings.Contains(s.Error, ": it does not start: ")
	if starts && strings.HasSuffix(s.Error, syscall.EAGAIN.Error()) {
		return syscall.EAGAIN
	}
	return nil
}

// watchTasks gives the run up when a task reports an error of the machine, or
// the process that ran it died of one.
func (r *run) watchTasks(giveUp context.CancelCauseFunc) {
	r.recorder.lost = func(err error) {
		if _, died := errors.AsType[*crash.Error](err); died {
			giveUp(explained(err))
		}
	}
	watch := r.recorder.watch
	r.recorder.watch = func(step Step, s record.Sample) {
		if err := refused(s); step == Finished && err != nil {
			giveUp(explained(err))
		}
		watch(step, s)
	}
}
