//go:build unix

package process_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/process"
)

// Where a child ends, and how.
const (
	inDecode = "decode"
	inRun    = "run"
	inEncode = "encode"
	midWrite = "mid-write"

	byKill   = "SIGKILL"
	byExit   = "os.Exit"
	byPanic  = "panic"
	byGoexit = "Goexit"
	byError  = "error"
)

func crash(how string) error {
	switch how {
	case byKill:
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // it may take a moment
	case byHang:
		fmt.Println(byHang)
		select {}
	case byExit:
		os.Exit(3)
	case byPanic:
		panic("spilled")
	case byGoexit:
		runtime.Goexit()
	case byError:
		return fmt.Errorf("spilled: %w", errOwn)
	}
	return nil
}

// A spill is an input and a result that crashes a child somewhere on its way,
// but never the process that it names.
type spill struct {
	At, How string
	Home    int
}

func (s spill) away(at string) bool { return s.At == at && os.Getpid() != s.Home }

func (s spill) GobEncode() ([]byte, error) {
	if s.away(inEncode) {
		if err := crash(s.How); err != nil {
			return nil, err
		}
	}
	b := fmt.Appendf(nil, "%q %q %d ", s.At, s.How, s.Home)
	if s.away(midWrite) {
		b = append(b, bytes.Repeat([]byte(" "), 1<<20)...) // more than a pipe holds
	}
	return b, nil
}

func (s *spill) GobDecode(b []byte) error {
	if _, err := fmt.Sscanf(string(b), "%q %q %d ", &s.At, &s.How, &s.Home); err != nil {
		return err
	}
	if s.away(inDecode) {
		return crash(s.How)
	}
	return nil
}

// crashMidWrite crashes once the goroutine that writes the result has filled
// the pipe, as often as is asked for, and waits for room.
func crashMidWrite(how string, times int) {
	stacks := make([]byte, 1<<16)
	for tick := time.NewTicker(100 * time.Microsecond); times > 0; <-tick.C {
		for stack := range bytes.SplitSeq(stacks[:runtime.Stack(stacks, true)], []byte("\n\n")) {
			if bytes.Contains(stack, []byte("[IO wait")) && bytes.Contains(stack,
				[]byte("internal/poll.(*FD).Write(")) {
				times--
			}
		}
	}
	fmt.Println(midWrite)
	crash(how)
}

var (
	spills = executor.Define("spills", func(_ context.Context, s spill) (spill, error) {
		switch s.At {
		case inRun:
			return s, crash(s.How)
		case midWrite:
			go crashMidWrite(s.How, 1)
		}
		return s, nil
	}, errOwn)
	spillsBytes = executor.Define("spills-bytes", func(_ context.Context, n int) ([]byte, error) {
		go crashMidWrite(byKill, 3)
		return make([]byte, n), nil
	})
)

// nobodys is why a cell of the matrix is empty.
const nobodys = "a result is written when all code of the task has returned: nothing of it is left on that " +
	"goroutine to do this"

// crashes is the matrix, but for what else the executor is doing.
var crashes = []struct {
	at, how string
	breaks  bool   // the executor
	says    string // the error
	empty   string // why there is no such crash
}{
	{inDecode, byKill, true, "signal: killed", ""},
	{inDecode, byExit, true, "exit status 3", ""},
	{inDecode, byPanic, false, "spilled", ""},
	{inDecode, byGoexit, false, "Goexit", ""},
	{inDecode, byError, false, "cannot be decoded: spilled: own", ""},
	{inRun, byKill, true, "signal: killed", ""},
	{inRun, byExit, true, "exit status 3", ""},
	{inRun, byPanic, false, "spilled", ""},
	{inRun, byGoexit, false, "Goexit", ""},
	{inRun, byError, false, "spilled: own", ""},
	{inEncode, byKill, true, "signal: killed", ""},
	{inEncode, byExit, true, "exit status 3", ""},
	{inEncode, byPanic, false, "spilled", ""},
	{inEncode, byGoexit, false, "Goexit", ""},
	{inEncode, byError, false, "cannot be encoded: spilled: own", ""},
	{midWrite, byKill, true, "signal: killed", ""},
	{midWrite, byExit, true, "exit status 3", ""},
	{midWrite, byPanic, true, "exit status 2", ""}, // of a goroutine that the task has left behind
	{midWrite, byGoexit, false, "", nobodys},
	{midWrite, byError, false, "", nobodys},
}

// What else the executor is doing.
const (
	idle     = "idle"
	backlog  = "backlog"
	shutting = "shutting down"
)

func TestCrashes(t *testing.T) {
	warmUp(t)
	for _, c := range crashes {
		for _, during := range []string{idle, backlog, shutting} {
			t.Run(c.at+"/"+c.how+"/"+during, func(t *testing.T) {
				if c.empty != "" {
					t.Skip(c.empty)
				}
				settled(t, func() { crashed(t, spill{c.at, c.how, os.Getpid()}, during, c.breaks, c.says) })
			})
		}
	}
}

// crashed is one cell: a gate keeps the only child busy until everything is in
// its place, and the reader of results too if the crash is to come while one is
// being written.
func crashed(t *testing.T, s spill, during string, breaks bool, says string) {
	ctx := within(t)
	said, w := output(t)
	ex := start(t, process.Config{Workers: 1, Stdout: w, Stderr: w})
	pid, err := whoami.Submit(ctx, ex, struct{}{}).Result(ctx)
	if err != nil {
		t.Fatal(err)
	}
	w.Close() // the child has the last one

	hold, open := context.WithCancel(ctx)
	defer open()
	reading, read := context.WithCancel(ctx)
	defer read()
	gate, entered := holds.Submit(hold, ex, true), make(chan struct{})
	gate.OnDone(func(*executor.Future[int]) {
		close(entered)
		if s.At == midWrite {
			<-reading.Done()
		}
	})
	running(ctx, t, gate)
	if during == idle {
		open()
		receive(ctx, t, entered, "end of the task before")
	}
	bad := spills.Submit(ctx, ex, s)
	var behind []*executor.Future[int]
	stopped := make(chan error, 1)
	if during != idle {
		for i := range 10 {
			behind = append(behind, double.Submit(ctx, ex, i))
		}
	}
	if during == shutting {
		go func() { stopped <- ex.Shutdown(ctx) }()
		behind = append(behind, refused(ctx, t, ex, len(behind))...)
	}
	open()
	text := ""
	if s.At == midWrite {
		if text = receive(ctx, t, said, "end of the child"); !strings.HasPrefix(text, midWrite+"\n") {
			t.Errorf("the child ended before it filled the pipe, or did not end: %q", text)
		}
		read()
	}

	// its function may not have started
	if _, err := gate.Result(ctx); err != nil && !errors.Is(err, executor.ErrCancelled) {
		t.Errorf("the task before: %v", err)
	}
	errs := map[error]bool{}
	if v, err := bad.Result(ctx); err == nil || !strings.Contains(err.Error(), says) ||
		errors.Is(err, executor.ErrBroken) != breaks {
		t.Errorf("got %v, %v; want an error with %q, that the executor is broken: %t", v, err, says, breaks)
	} else if errs[err] = true; s.How == byError && !errors.Is(err, errOwn) {
		t.Errorf("%v is not of the kind that was returned", err)
	}
	for i, f := range behind {
		v, err := f.Result(ctx)
		switch {
		case !breaks && (v != 2*i || err != nil):
			t.Errorf("task %d behind it: %d, %v", i, v, err)
		case breaks && (!errors.Is(err, executor.ErrBroken) || !strings.Contains(err.Error(), says) || errs[err]):
			t.Errorf("task %d behind it: %d, %v; want a broken executor's error of its own, with %q", i, v, err, says)
		}
		errs[err] = true
	}
	if during != shutting {
		v, err := spills.Submit(ctx, ex, spill{}).Result(ctx)
		if errors.Is(err, executor.ErrBroken) != breaks || !breaks && err != nil {
			t.Errorf("the next task: %v, %v", v, err)
		}
		stopped <- ex.Shutdown(ctx)
	}
	if err := receive(ctx, t, stopped, "Shutdown"); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the child is there after Shutdown, be it as a zombie: %v", err)
	}
	if s.At != midWrite {
		receive(ctx, t, said, "end of the child's output")
	}
}

// output is a pipe for a child to write to. What it said comes when all who
// have the other end are gone.
func output(t *testing.T) (<-chan string, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.SetReadDeadline(time.Now().Add(patience))
	said := make(chan string, 1)
	go func() {
		defer r.Close()
		b, err := io.ReadAll(r)
		if err != nil {
			b = fmt.Append(b, err)
		}
		said <- string(b)
	}()
	return said, w
}

func receive[T any](ctx context.Context, t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-ctx.Done():
		t.Fatalf("no %s in time", what)
		panic("unreachable")
	}
}

// running waits until a child has been given the task.
func running(ctx context.Context, t *testing.T, f *executor.Future[int]) {
	t.Helper()
	tick := time.NewTicker(100 * time.Microsecond)
	defer tick.Stop()
	for f.State() == executor.Pending {
		receive(ctx, t, tick.C, "start of a task")
	}
}

// refused submits tasks until the executor takes no more, and returns those
// that it took.
func refused(ctx context.Context, t *testing.T, ex executor.Executor, from int) (taken []*executor.Future[int]) {
	t.Helper()
	tick := time.NewTicker(100 * time.Microsecond)
	defer tick.Stop()
	for {
		f := double.Submit(ctx, ex, from+len(taken))
		if f.State() == executor.Finished {
			if _, err := f.Result(ctx); !errors.Is(err, executor.ErrShutdown) {
				t.Fatalf("a task was refused with %v", err)
			}
			return taken
		}
		taken = append(taken, f)
		receive(ctx, t, tick.C, "refusal")
	}
}

// warmUp lets the runtime open what it keeps for itself, before anything is
// counted.
func warmUp(t *testing.T) {
	t.Helper()
	ex := start(t, process.Config{Workers: 1})
	double.Submit(t.Context(), ex, 1)
	ex.Shutdown(within(t))
}

// settled runs f and wants no more descriptors and goroutines afterwards than
// before.
func settled(t *testing.T, f func()) {
	t.Helper()
	fds, goroutines := inUse()
	f()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for ctx := within(t); ; <-tick.C {
		d, g := inUse()
		if d <= fds && g <= goroutines {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%d descriptors and %d goroutines, before %d and %d", d, g, fds, goroutines)
		}
	}
}

// inUse counts descriptors where the system shows them, and goroutines.
func inUse() (fds, goroutines int) {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries), runtime.NumGoroutine()
}

func TestCrashInBigResult(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 20 MB")
	}
	ctx, ex := within(t), start(t, process.Config{Workers: 1, Stdout: io.Discard})
	if b, err := spillsBytes.Submit(ctx, ex, big).Result(ctx); !errors.Is(err, executor.ErrBroken) ||
		!strings.Contains(err.Error(), "signal: killed") {
		t.Errorf("got %d bytes, %v", len(b), err)
	}
}

// A replacement that does not even start breaks the executor too. The program
// whose executable goes away is a copy of this one.
func TestReplacementCannotStart(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	for how, says := range map[string]string{"removed": "no such file", "forbidden": "permission denied"} {
		t.Run(how, func(t *testing.T) {
			path := t.TempDir() + "/program"
			if err := os.WriteFile(path, program, 0o700); err != nil {
				t.Fatal(err)
			}
			robbed := exec.CommandContext(within(t), path)
			robbed.Env = append(os.Environ(), forgetful+"="+how)
			out, err := robbed.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
			if len(lines) != 5 || lines[4] != "gone" {
				t.Fatalf("got %q, want 4 errors and \"gone\"", lines)
			}
			for _, line := range lines[:4] {
				if !strings.HasPrefix(line, "0 ") || !strings.Contains(line, executor.ErrBroken.Error()) ||
					!strings.Contains(line, says) {
					t.Errorf("got %q, want a broken executor's error with %q", line, says)
				}
			}
		})
	}
}

// robbed prints the results of tasks of which the first sees the executable go
// away.
func robbed(how string) error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errHangs)
	defer cancel()
	ex, err := process.New(process.Config{Workers: 1, TasksPerChild: 1})
	if err != nil {
		return err
	}
	hold, open := context.WithCancel(ctx)
	defer open()
	fs := []*executor.Future[int]{holds.Submit(hold, ex, true)}
	for i := range 3 {
		fs = append(fs, double.Submit(ctx, ex, i))
	}
	tick := time.NewTicker(100 * time.Microsecond)
	for fs[0].State() == executor.Pending {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	path, err := os.Executable()
	switch {
	case err != nil:
	case how == "removed":
		err = os.Remove(path)
	default:
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		return err
	}
	open()
	// its function may not have started
	if _, err := fs[0].Result(ctx); err != nil && !errors.Is(err, executor.ErrCancelled) {
		return err
	}
	for _, f := range fs[1:] {
		fmt.Println(f.Result(ctx))
	}
	fmt.Println(double.Submit(ctx, ex, 1).Result(ctx))
	if err := ex.Shutdown(ctx); err != nil {
		return err
	}
	if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
		return fmt.Errorf("a child is left: %d, %v", pid, err)
	}
	fmt.Println("gone")
	return nil
}
