package cli

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/teapot-go/teapot/reports"
)

// grace is how long work has to end by itself, and to remove what it has half
// written, after an interrupt. A pipe that is opened and has no other end holds
// it up forever.
const grace = 500 * time.Millisecond

// UntilDone calls work, which reads and writes, and returns its error. An
// interrupt ends the wait for it. Work gets a console whose reads and writes
// fail from then on, also those that are under way, so that it can end at once.
func UntilDone(ctx context.Context, to *Console, work func(*Console) error) error {
	inner := *to
	inner.Stdin, inner.Stdout = stopReader{ctx, to.Stdin}, stopWriter{ctx, to.Stdout}
	ended := make(chan error, 1)
	go func() { ended <- work(&inner) }()
	select {
	case err := <-ended:
		if err == nil || ctx.Err() == nil {
			return err
		}
	case <-ctx.Done():
		select {
		case <-ended:
		case <-time.After(grace):
		}
	}
	to.Notef("interrupted")
	return Verdict(StatusInterrupted)
}

// A stopReader fails once ctx is done.
type stopReader struct {
	ctx  context.Context
	from io.Reader
}

func (r stopReader) Read(p []byte) (int, error) {
	own := make([]byte, len(p)) // the caller has p back before a read ends that ctx has ended the wait for
	n, err := unlessDone(r.ctx, func() (int, error) { return r.from.Read(own) })
	return copy(p, own[:n]), err
}

// A stopWriter fails once ctx is done.
type stopWriter struct {
	ctx context.Context
	to  io.Writer
}

func (w stopWriter) Write(p []byte) (int, error) {
	own := bytes.Clone(p)
	return unlessDone(w.ctx, func() (int, error) { return w.to.Write(own) })
}

// unlessDone calls f, and returns the error of ctx as soon as that is done. A
// call that is under way then goes on in its goroutine until the program ends.
func unlessDone(ctx context.Context, f func() (int, error)) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := f()
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return r.n, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// A polledWriter fails once ctx is done. It is for a file, whose writes do not
// block.
type polledWriter struct {
	ctx context.Context
	to  io.Writer
}

func (w polledWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.to.Write(p)
}

// StopReport returns a report whose writing fails once ctx is done, so that no
// half of it takes the place of a file.
func StopReport(ctx context.Context, r reports.Reporter) reports.Reporter {
	return func(w io.Writer) error {
		if err := r(polledWriter{ctx, w}); err != nil {
			return err
		}
		return ctx.Err()
	}
}
