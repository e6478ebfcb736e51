//go:build unix

package executortest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/teapot-go/teapot/executor"
)

// Options is what the checks of [Processes] ask of an executor of child
// processes.
type Options struct {
	Workers       int
	TasksPerChild int
	Initializer   func(ctx context.Context, child executor.Executor) error
}

// OpenProcesses makes a fresh executor of child processes, each of which knows
// the [Definitions].
type OpenProcesses func(Options) (executor.Executor, error)

// Processes returns the checks of rows 70 to 83, for executors that run defined
// tasks in other processes; their Run takes no Open. They know a child by its
// process id, and so need children on the same machine.
func Processes(open OpenProcesses) []Check {
	var all []Check
	for _, p := range processes {
		all = append(all, Check{p.row, p.name, p.law, bounded(func(ctx context.Context,
			_ Open,
		) error {
			return p.run(ctx, open)
		})})
	}
	return all
}

// Definitions returns the tasks that the checks of Processes and [StandIn] send
// to the children: hand them on to what makes a process a child.
func Definitions() []executor.Definition {
	return []executor.Definition{
		procPID, procEcho, procEnd, procHold, procPanic, procKeep, procKept, procWire,
		procReply, procFill, procStandIn,
	}
}

type processCheck struct {
	row       int
	name, law string
	run       func(ctx context.Context, open OpenProcesses) error
}

var processes = []processCheck{
	{70, "other processes", "tasks run in other processes, which are started on demand and reused", elsewhere},
	{71, "killed child", "a killed child breaks the executor: pending futures fail, and later submits are " +
		"refused", killedChild},
	{72, "own error", "every future of a broken executor has an error value of its own, which names the exit " +
		"code or signal", ownErrors},
	{73, "remote stack", "a panic in a child comes with the child's stack", remoteStack},
	{74, "crash points", "a crash in decoding, running or encoding, here or there, is always an error", crashPoints},
	{75, "unencodable", "an input that cannot be encoded fails its own future only", unencodable},
	{76, "crash in a big result", "a crash while a big result is written is an error", bigCrash},
	{77, "flood", "submitting far more than pipes hold does not deadlock", flood},
	{78, "tasks per child", "after so many tasks there is a new child, and the backlog is not stranded", tasksPerChild},
	{79, "no replacement", "a replacement that cannot start breaks the executor, and every future ends", noReplacement},
	{80, "kill", "Kill and Terminate end all children at any time, and the executor refuses work", killAll},
	{81, "initializer", "the initializer runs in each child first; a failing one breaks the executor", initialized},
	{82, "children end", "children are gone after Shutdown", childrenEnd},
	{83, "child frees", "a child frees the input of a task once it has run", childFrees},
}

// children opens an executor, runs a check on it and shuts it down.
func children(ctx context.Context, open OpenProcesses, o Options, run func(executor.Executor) error) error {
	ex, err := open(o)
	if err != nil {
		return fmt.Errorf("open with %+v: %w", o, err)
	}
	err = run(ex)
	return errors.Join(err, want("Shutdown after the check", ex.Shutdown(ctx), nil))
}

// held submits a task that is running in a child until release is called.
func held(ctx context.Context, ex executor.Executor) (f *executor.Future[int], release func(), err error) {
	ctx, release = context.WithCancel(ctx)
	f = procHold.Submit(ctx, ex, 42)
	for tick := time.NewTicker(100 * time.Microsecond); f.State() == executor.Pending; {
		if _, err := receive(ctx, tick.C, "start of a task in a child"); err != nil {
			return nil, release, err
		}
	}
	return f, release, nil
}

// broken holds a future to the error of an executor that has lost a child.
func broken[T any](ctx context.Context, what string, f *executor.Future[T]) error {
	_, err := f.Result(ctx)
	return wantKind(what, err, executor.ErrBroken)
}

// vanish waits until a process is no more. A zombie still is.
func vanish(ctx context.Context, pid int) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for syscall.Kill(pid, 0) == nil {
		if _, err := receive(ctx, tick.C, fmt.Sprintf("end of child %d", pid)); err != nil {
			return err
		}
	}
	return nil
}

func elsewhere(ctx context.Context, open OpenProcesses) error {
	return children(ctx, open, Options{Workers: 2}, func(ex executor.Executor) error {
		seen := map[int]bool{}
		for range 20 {
			pid, err := procPID.Submit(ctx, ex, struct{}{}).Result(ctx)
			if err != nil {
				return err
			}
			seen[pid] = true
		}
		if seen[os.Getpid()] {
			return errors.New("a task ran in the process that submitted it")
		}
		if len(seen) != 1 {
			return fmt.Errorf("tasks one after another ran in %d children, want 1", len(seen))
		}
		_, release, err := held(ctx, ex)
		defer release()
		if err != nil {
			return err
		}
		pid, err := procPID.Submit(ctx, ex, struct{}{}).Result(ctx)
		return errors.Join(err, want("another child beside a busy one", !seen[pid], true))
	})
}

func killedChild(ctx context.Context, open OpenProcesses) error {
	return children(ctx, open, Options{Workers: 1}, func(ex executor.Executor) error {
		f, release, err := held(ctx, ex)
		defer release()
		if err != nil {
			return err
		}
		var queued []*executor.Future[int]
		queued = append(queued, procEnd.Submit(ctx, ex, byKill))
		for i := range 10 {
			queued = append(queued, procEcho.Submit(ctx, ex, i))
		}
		release()
		var errs []error
		if _, err := f.Result(ctx); errors.Is(err, executor.ErrBroken) { // it may not have started
			errs = append(errs, fmt.Errorf("a task before the crash: %w", err))
		}
		for _, q := range queued {
			errs = append(errs, broken(ctx, "a task of a broken executor", q))
		}
		late := procEcho.Submit(ctx, ex, 1)
		return errors.Join(append(errs, want("state of a late task", late.State(), executor.Finished),
			broken(ctx, "a late task", late))...)
	})
}

func ownErrors(ctx context.Context, open OpenProcesses) error {
	for how, sign := range map[string]string{byExit: "3", byKill: "kill"} {
		err := children(ctx, open, Options{Workers: 1}, func(ex executor.Executor) error {
			_, release, err := held(ctx, ex)
			defer release()
			if err != nil {
				return err
			}
			fs := []*executor.Future[int]{
				procEnd.Submit(ctx, ex, how), procEcho.Submit(ctx, ex, 1),
				procEcho.Submit(ctx, ex, 2),
			}
			release()
			seen := map[error]bool{}
			for _, f := range fs {
				_, err := f.Result(ctx)
				if err == nil || !strings.Contains(err.Error(), sign) {
					return fmt.Errorf("result after %s: got %v, want an error that says %q", how, err, sign)
				}
				seen[err] = true
			}
			return want("different error values", len(seen), len(fs))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func remoteStack(ctx context.Context, open OpenProcesses) error {
	return children(ctx, open, Options{Workers: 1}, func(ex executor.Executor) error {
		_, err := procPanic.Submit(ctx, ex, 0).Result(ctx)
		p, ok := errors.AsType[*executor.PanicError](err)
		if !ok {
			return fmt.Errorf("result of a panic: got %v, want a *PanicError", err)
		}
		if first, _, _ := strings.Cut(p.Stack(), "\n"); !strings.HasSuffix(first, ".explode") {
			return fmt.Errorf("first place of the stack: got %q, want the function explode; the stack:\n%s",
				first, p.Stack())
		}
		return wantResult(ctx, "the next task", procEcho.Submit(ctx, ex, 1), 1)
	})
}

func unencodable(ctx context.Context, open OpenProcesses) error {
	return children(ctx, open, Options{Workers: 1}, func(ex executor.Executor) error {
		_, err := procReply.Submit(ctx, ex, unsendable{make(chan int)}).Result(ctx)
		if err == nil || errors.Is(err, executor.ErrBroken) {
			return fmt.Errorf("result of a task with a channel: got %v, want an error of its own", err)
		}
		return wantResult(ctx, "the next task", procEcho.Submit(ctx, ex, 1), 1)
	})
}

func flood(ctx context.Context, open OpenProcesses) error {
	return children(ctx, open, Options{Workers: 1}, func(ex executor.Executor) error {
		_, release, err := held(ctx, ex)
		defer release()
		if err != nil {
			return err
		}
		fs := make([]*executor.Future[int], 20_000)
		for i := range fs {
			fs[i] = procEcho.Submit(ctx, ex, i)
		}
		release()
		for i, f := range fs {
			if err := wantResult(ctx, "one of very many", f, i); err != nil {
				return err
			}
		}
		return nil
	})
}

func childrenEnd(ctx context.Context, open OpenProcesses) error {
	pid := 0
	err := children(ctx, open, Options{Workers: 2}, func(ex executor.Executor) (err error) {
		pid, err = procPID.Submit(ctx, ex, struct{}{}).Result(ctx)
		return err
	})
	if err != nil {
		return err
	}
	return vanish(ctx, pid)
}

func childFrees(ctx context.Context, open OpenProcesses) error {
	return children(ctx, open, Options{Workers: 1}, func(ex executor.Executor) error {
		if err := wantResult(ctx, "a task with a big input", procKeep.Submit(ctx, ex, &[1 << 16]byte{7}),
			7); err != nil {
			return err
		}
		return wantResult(ctx, "the inputs that are still alive", procKept.Submit(ctx, ex, struct{}{}), 0)
	})
}
