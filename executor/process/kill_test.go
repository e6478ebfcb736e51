//go:build unix

package process_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/process"
)

// byHang says on standard output that it has got there, and stays.
const byHang = "hang"

// stalls writes n bytes whose end no goroutine reads.
var stalls = executor.Define("stalls", func(_ context.Context, n int) ([]byte, error) {
	go crashMidWrite(byHang, 1)
	return make([]byte, n), nil
})

// A child may be killed by others at any time: every future ends, and nothing
// is left. The executor learns it from the end of the child. It cannot learn it
// from one of its timeouts, which are an hour here, and a test waits less.
func TestKilled(t *testing.T) {
	warmUp(t)
	for _, at := range []string{idle, inDecode, inRun, inEncode, midWrite} {
		t.Run(at, func(t *testing.T) {
			if at == midWrite && testing.Short() {
				t.Skip("makes 20 MB")
			}
			settled(t, func() { killed(t, at) })
		})
	}
}

func killed(t *testing.T, at string) {
	ctx := within(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.SetReadDeadline(time.Now().Add(patience))
	ex := start(t, process.Config{Workers: 1, Stdout: w, StartTimeout: time.Hour})
	process.SetLateEnd(ex, time.Hour)
	pid, err := whoami.Submit(ctx, ex, struct{}{}).Result(ctx)
	w.Close() // the child has the other one
	if err != nil {
		t.Fatal(err)
	}
	results, read := occupied(ctx, t, ex, at)
	defer read()
	if at != idle {
		for said := bufio.NewScanner(r); said.Text() != byHang; {
			if !said.Scan() {
				t.Fatalf("the child did not get as far: %v", said.Err())
			}
		}
		for range 5 {
			results = append(results, result(double.Submit(ctx, ex, 1)))
		}
	}

	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	read()
	for i, result := range results {
		if err := result(ctx); !errors.Is(err, executor.ErrBroken) ||
			!strings.Contains(err.Error(), "signal: killed") {
			t.Errorf("task %d: got %v, want that the child was killed", i, err)
		}
	}
	for err == nil && ctx.Err() == nil { // it may have a last answer on its way
		err = result(double.Submit(ctx, ex, 1))(ctx)
	}
	if !errors.Is(err, executor.ErrBroken) {
		t.Errorf("a late task: got %v", err)
	}
	if err := ex.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the child is there after Shutdown, be it as a zombie: %v", err)
	}
}

// occupied brings the only child of ex to where it is to be killed. The results
// of a child that is to be in the middle of a write are not read any more until
// read is called.
func occupied(ctx context.Context, t *testing.T, ex executor.Executor,
	at string,
) (results []func(context.Context) error, read func()) {
	t.Helper()
	reading, read := context.WithCancel(ctx)
	switch at {
	case idle:
	case midWrite:
		hold, open := context.WithCancel(ctx)
		defer open()
		gate := holds.Submit(hold, ex, true)
		gate.OnDone(func(*executor.Future[int]) { <-reading.Done() })
		running(ctx, t, gate)
		results = append(results, result(stalls.Submit(ctx, ex, big)))
	default:
		results = append(results, result(spills.Submit(ctx, ex, spill{at, byHang, os.Getpid()})))
	}
	return results, read
}

// result waits for a future of any type.
func result[T any](f *executor.Future[T]) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := f.Result(ctx)
		return err
	}
}
