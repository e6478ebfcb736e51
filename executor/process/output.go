package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"

	"github.com/teapot-go/teapot/executor/crash"
)

// shared returns a writer that several children may write to, or instead if w
// is nil. Children write to a file directly.
func shared(w io.Writer, instead *os.File) io.Writer {
	switch w := w.(type) {
	case nil:
		return instead
	case *os.File:
		return w
	default:
		return &lockedWriter{w: w}
	}
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// An errorOutput is a child's standard error. It looks for what the Go runtime
// prints when the machine has no more to give.
type errorOutput struct {
	end crash.Reader
	w   io.Writer
}

// Write writes to w. Its errors are dropped: a child must not die because its
// words are lost.
func (o *errorOutput) Write(p []byte) (int, error) {
	o.end.Write(p)
	o.w.Write(p)
	return len(p), nil
}

// exitError returns the error of an exit, also of one with status 0, which is
// no error for package exec. It wraps what the machine had no more of, if the
// child died of that.
func (o *errorOutput) exitError(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	exit, is := errors.AsType[*exec.ExitError](err)
	if !is || exit.ExitCode() >= 0 && exit.ExitCode() != crashStatus {
		return err
	}
	if spent := o.end.Exhausted(); spent != nil {
		return fmt.Errorf("%w: %w", err, spent)
	}
	return err
}

// crashStatus is the exit status of a program that the Go runtime ends. With
// GOTRACEBACK=crash it is a signal instead.
const crashStatus = 2
