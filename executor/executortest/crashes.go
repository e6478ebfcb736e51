//go:build unix

package executortest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"weak"

	"github.com/teapot-go/teapot/executor"
)

// How a child ends in the middle of something.
const (
	byExit  = "exit"
	byKill  = "kill"
	byPanic = "panic"
	byGo    = "goexit"
	byError = "error"
)

func crash(how string) error {
	switch how {
	case byExit:
		os.Exit(3)
	case byKill:
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // it may take a moment
	case byPanic:
		panic("spilled")
	case byGo:
		runtime.Goexit()
	case byError:
		return fmt.Errorf("spilled: %w", io.EOF)
	}
	return nil
}

// A wire crashes when it is decoded or encoded, in a process other than the one
// that it names.
type wire struct {
	At, How string
	Home    int
}

func (w wire) GobEncode() ([]byte, error) {
	if w.At == "encode" && os.Getpid() != w.Home {
		if err := crash(w.How); err != nil {
			return nil, err
		}
	}
	return fmt.Appendf(nil, "%s %s %d", w.At, w.How, w.Home), nil
}

func (w *wire) GobDecode(b []byte) error {
	if _, err := fmt.Sscan(string(b), &w.At, &w.How, &w.Home); err != nil {
		return err
	}
	if w.At == "decode" && os.Getpid() != w.Home || w.At == "home" && os.Getpid() == w.Home {
		return crash(w.How)
	}
	return nil
}

// unsendable has nothing that could be encoded.
type unsendable struct{ C chan int }

var kept atomic.Pointer[weak.Pointer[[1 << 16]byte]]

var (
	procPID = executor.Define("executortest.pid", func(context.Context, struct{}) (int,
		error,
	) {
		return os.Getpid(), nil
	})
	procEcho = executor.Define("executortest.echo", func(_ context.Context, n int) (int, error) { return n, nil })
	procEnd  = executor.Define("executortest.end", func(_ context.Context, how string) (int, error) {
		return 0,
			crash(how)
	})
	// procHold runs until its context is done.
	procHold = executor.Define("executortest.hold", func(ctx context.Context, n int) (int, error) {
		<-ctx.Done()
		return n, nil
	})
	procPanic = executor.Define("executortest.panic", func(_ context.Context, i int) (int,
		error,
	) {
		return explode(i), nil
	})
	procKeep = executor.Define("executortest.keep", func(_ context.Context, p *[1 << 16]byte) (int, error) {
		w := weak.Make(p)
		kept.Store(&w)
		return int(p[0]), nil
	})
	// procKept returns how many inputs of procKeep are alive: 0 or 1.
	procKept = executor.Define("executortest.kept", func(context.Context, struct{}) (int, error) {
		runtime.GC()
		if kept.Load().Value() != nil {
			return 1, nil
		}
		return 0, nil
	})
	procWire = executor.Define("executortest.wire", func(_ context.Context, w wire) (wire, error) {
		if w.At == "run" {
			return w, crash(w.How)
		}
		return w, nil
	})
	procReply = executor.Define("executortest.reply", func(_ context.Context, u unsendable) (unsendable,
		error,
	) {
		return u, nil
	})
	// procFill returns so many bytes and kills its process while they are being
	// written: no pipe takes so much at once.
	procFill = executor.Define("executortest.fill", func(_ context.Context, n int) ([]byte, error) {
		var begun syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &begun)
		go func() {
			for tick := time.NewTicker(time.Millisecond); ; <-tick.C { // the writer is blocked again and again
				var now syscall.Rusage
				if syscall.Getrusage(syscall.RUSAGE_SELF, &now); now.Nvcsw > begun.Nvcsw+20 {
					crash(byKill)
				}
			}
		}()
		return make([]byte, n), nil
	})
)

// crashPoints goes through what may happen at each point, beside a child that
// is idle and with a backlog.
func crashPoints(ctx context.Context, open OpenProcesses) error {
	for _, at := range []string{"decode", "run", "encode", "home"} {
		for _, how := range []string{byExit, byKill, byPanic, byGo, byError} {
			for _, backlog := range []int{0, 5} {
				if at == "home" && (how == byExit || how == byKill) {
					continue // that is the end of this process
				}
				if err := crashPoint(ctx, open, wire{at, how, os.Getpid()}, backlog); err != nil {
					return fmt.Errorf("%s in %s with a backlog of %d: %w", how, at, backlog, err)
				}
			}
		}
	}
	return nil
}

func crashPoint(ctx context.Context, open OpenProcesses, w wire, backlog int) error {
	return children(ctx, open, Options{Workers: 1}, func(ex executor.Executor) error {
		if err := wantResult(ctx, "a task before", procEcho.Submit(ctx, ex, 7), 7); err != nil {
			return err
		}
		f := procWire.Submit(ctx, ex, w)
		var behind []*executor.Future[int]
		for i := range backlog {
			behind = append(behind, procEcho.Submit(ctx, ex, i))
		}
		_, err := f.Result(ctx)
		switch {
		case err == nil:
			return errors.New("no error")
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case w.How == byExit || w.How == byKill:
			errs := []error{wantKind("result", err, executor.ErrBroken)}
			for _, b := range behind {
				errs = append(errs, broken(ctx, "a task behind it", b))
			}
			return errors.Join(errs...)
		}
		errs := []error{want("the executor is broken", errors.Is(err, executor.ErrBroken), false)}
		if w.How == byError {
			errs = append(errs, wantKind("result", err, io.EOF))
		}
		for i, b := range behind {
			errs = append(errs, wantResult(ctx, "a task behind it", b, i))
		}
		return errors.Join(append(errs, wantResult(ctx, "the next task", procEcho.Submit(ctx, ex, 8), 8))...)
	})
}

func bigCrash(ctx context.Context, open OpenProcesses) error {
	return children(ctx, open, Options{Workers: 1}, func(ex executor.Executor) error {
		return broken(ctx, "a big result", procFill.Submit(ctx, ex, 8<<20))
	})
}
