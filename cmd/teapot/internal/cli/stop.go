package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/teapot-go/teapot/reports"
)

// grace is how long work has to end by itself, and to remove what it has half
// written, after an interrupt. A pipe without another end holds it up forever.
const grace = 500 * time.Millisecond

// UntilDone calls work, which reads and writes, and returns its error. An
// interrupt ends the wait for it. Work gets a console whose reads and writes
// fail from then on.
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
	fmt.Fprintln(to.Stderr, "teapot: interrupted")
	return Verdict(StatusInterrupted)
}

// A stopReader fails once ctx is done.
type stopReader struct {
	ctx  context.Context
	from io.Reader
}

func (r stopReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

// A stopWriter fails once ctx is done.
type stopWriter struct {
	ctx context.Context
	to  io.Writer
}

func (w stopWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.to.Write(p)
}

// StopReport returns a report whose writing fails once ctx is done, so that no
// half of it takes the place of a file.
func StopReport(ctx context.Context, r reports.Reporter) reports.Reporter {
	return func(w io.Writer) error {
		if err := r(stopWriter{ctx, w}); err != nil {
			return err
		}
		return ctx.Err()
	}
}
