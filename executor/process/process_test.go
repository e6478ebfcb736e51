//go:build unix

package process_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/process"
)

func start(t *testing.T, c process.Config) *process.Executor {
	t.Helper()
	ex, err := process.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errHangs)
		defer cancel()
		if err := ex.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
	return ex
}

// patience ends a test that hangs. It is far more than any wait takes on a busy
// machine under the race detector, and no test expects it to pass.
const patience = 2 * time.Minute

var errHangs = fmt.Errorf("hangs: it has not ended within %v", patience)

// within bounds every wait of a test.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeoutCause(t.Context(), patience, errHangs)
	t.Cleanup(cancel)
	return ctx
}

func TestConfig(t *testing.T) {
	for _, c := range []process.Config{{Workers: -1}, {TasksPerChild: -1}} {
		if _, err := process.New(c); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}

func TestClosure(t *testing.T) {
	f := executor.Submit(t.Context(), start(t, process.Config{}), func(context.Context) (int, error) {
		t.Error("a closure ran")
		return 0, nil
	})
	if _, err := f.Result(t.Context()); !errors.Is(err, executor.ErrUndefined) {
		t.Errorf("got %v", err)
	}
}

func TestNested(t *testing.T) {
	if _, err := nest.Submit(t.Context(), start(t, process.Config{Workers: 1}),
		1).Result(within(t)); !errors.Is(err, process.ErrNested) {
		t.Errorf("got %v", err)
	}
}

// A program that does not call Main first thing is told so. Only the one that
// hangs is waited for in vain: the others end or speak, which the executor
// notices however long a child may take to start.
func TestForgotten(t *testing.T) {
	for how, said := range map[string]string{
		"ends": "exit status 0", "hangs": "did not say hello", "submits": "exit status 4", "speaks": "garbled",
		"is another": `the executable has changed: it is "teapot.process/0", this process "teapot.process/1 go`,
	} {
		t.Run(how, func(t *testing.T) {
			t.Setenv(forgetful, how)
			timeout := time.Hour
			if how == "hangs" {
				timeout = time.Millisecond
			}
			ex := start(t, process.Config{Workers: 1, StartTimeout: timeout})
			_, err := double.Submit(t.Context(), ex, 1).Result(within(t))
			if !errors.Is(err, executor.ErrBroken) || !strings.Contains(fmt.Sprint(err), said) {
				t.Errorf("got %v, want %q", err, said)
			}
		})
	}
}

func TestUnknownTask(t *testing.T) {
	ctx, ex := within(t), start(t, process.Config{Workers: 1})
	_, err := executor.Define("unknown", func(context.Context, int) (int, error) { return 0, nil }).Submit(ctx,
		ex, 1).Result(ctx)
	if err == nil || !strings.Contains(err.Error(), "unknown") {
		t.Errorf("a name that the child does not have: %v", err)
	}
	_, err = executor.Define("double", func(context.Context, string) (int, error) { return 0, nil }).Submit(ctx,
		ex, "").Result(ctx)
	if err == nil || !strings.Contains(err.Error(), "func(string) int") ||
		!strings.Contains(err.Error(), "func(int) int") {
		t.Errorf("a signature that the child does not have: %v", err)
	}
	if v, err := double.Submit(ctx, ex, 4).Result(ctx); v != 8 || err != nil {
		t.Error(v, err)
	}
}

func TestErrorKinds(t *testing.T) {
	ctx, ex := within(t), start(t, process.Config{Workers: 1})
	for which, kind := range map[string]error{"eof": io.EOF, "own": errOwn, "canceled": context.Canceled} {
		_, err := fails.Submit(ctx, ex, which).Result(ctx)
		if !errors.Is(err, kind) || !strings.HasPrefix(err.Error(), which+": ") {
			t.Errorf("%s: got %v", which, err)
		}
	}
	_, err := fails.Submit(ctx, ex, "panic").Result(ctx)
	if p, ok := errors.AsType[*executor.PanicError](err); !ok || !errors.Is(err, errOwn) ||
		!strings.Contains(p.Stack(), "main_test.go:") {
		t.Errorf("got %+v", err)
	}
}

func TestContext(t *testing.T) {
	ex := start(t, process.Config{Workers: 1})
	ctx, cancel := context.WithCancelCause(within(t))
	f := waits.Submit(ctx, ex, 0)
	cancel(io.EOF)
	if _, err := f.Result(within(t)); !errors.Is(err, io.EOF) {
		t.Errorf("cancelled: got %v", err)
	}
	short, stop := context.WithTimeout(within(t), 20*time.Millisecond)
	defer stop()
	if _, err := waits.Submit(short, ex, 0).Result(within(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("timed out: got %v", err)
	}
}

// A child that does not react at all ends with Kill.
func TestWedged(t *testing.T) {
	ctx, ex := within(t), start(t, process.Config{Workers: 1})
	pid, err := whoami.Submit(ctx, ex, struct{}{}).Result(ctx)
	if err != nil {
		t.Fatal(err)
	}
	syscall.Kill(pid, syscall.SIGSTOP)
	f := double.Submit(ctx, ex, 1)
	big := echo.Submit(ctx, ex, make([]byte, 1<<20)) // more than the pipe holds
	ex.Kill()
	for _, f := range []interface{ Done() <-chan struct{} }{f, big} {
		select {
		case <-f.Done():
		case <-ctx.Done():
			t.Fatal("a future hangs")
		}
	}
}

func TestOutput(t *testing.T) {
	var out, errs bytes.Buffer
	ex := start(t, process.Config{Workers: 2, Stdout: &out, Stderr: &errs})
	for _, err := range prints.Map(within(t), ex, slices.Values([]int{1, 2, 3, 4})) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := ex.Shutdown(within(t)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(out.String())
	if slices.Sort(lines); !slices.Equal(lines, []string{"1", "2", "3", "4"}) ||
		strings.Count(errs.String(), "!") != 4 {
		t.Errorf("got %q and %q", lines, errs.String())
	}
}

// A Map that is broken off leaves inputs with the children that never start; a
// patient Shutdown ends all the same. TestIdleChildIsWoken has the case that is
// too rare to meet here.
func TestBrokenOff(t *testing.T) {
	for range 15 {
		ex := start(t, process.Config{Workers: 3})
		n := 0
		for range double.Map(within(t), ex, slices.Values(make([]int, 3000))) {
			if n++; n == 500 {
				break
			}
		}
		if err := ex.Shutdown(within(t)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMap(t *testing.T) {
	ctx, ex := within(t), start(t, process.Config{Workers: 2})
	in := make([]int, 2000) // far more than are sent ahead
	for i := range in {
		in[i] = i
	}
	for _, how := range [][]executor.MapOptions{
		nil,
		{{Chunk: 1}},
		{{Chunk: 7}},
		{{Chunk: 3000}},
		{{Ahead: 30}},
		{{Ahead: 30, Chunk: 7}},
	} {
		i := 0
		for v, err := range double.Map(ctx, ex, slices.Values(in), how...) {
			if v != 2*i || err != nil {
				t.Fatalf("%+v: result %d: %d, %v", how, i, v, err)
			}
			i++
		}
		if i != len(in) {
			t.Errorf("%+v: %d results", how, i)
		}
	}
	var got []string
	for v, err := range sometimes.Map(ctx, ex, slices.Values([]int{0, 1, 2, 3, 4})) {
		got = append(got, fmt.Sprint(v, err != nil))
	}
	if want := []string{"0 false", "0 true", "0 true", "0 true", "4 false"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A goroutine that submits a small task to an idle child writes the task, as
// often as not while another task is on its way.
func TestPassedByTheCaller(t *testing.T) {
	ctx, ex := within(t), start(t, process.Config{Workers: 2})
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 200 {
				var fs []*executor.Future[int]
				for k := range 1 + (g+i)%3 {
					fs = append(fs, double.Submit(ctx, ex, k))
				}
				for k, f := range fs {
					if v, err := f.Result(ctx); v != 2*k || err != nil {
						t.Errorf("got %d, %v; want %d", v, err, 2*k)
						return
					}
				}
			}
		})
	}
	all.Wait()
	gone, leave := context.WithCancelCause(ctx)
	leave(io.EOF)
	for range 3 { // and is refused, without harm to the child
		if _, err := double.Submit(gone, ex, 1).Result(ctx); !errors.Is(err, executor.ErrCancelled) ||
			!errors.Is(err, io.EOF) {
			t.Errorf("of a context that is done: got %v", err)
		}
		if v, err := double.Submit(ctx, ex, 4).Result(ctx); v != 8 || err != nil {
			t.Error(v, err)
		}
	}
}

// Tasks that were sent ahead behind one that proves to be long are run by the
// other child.
func TestRecall(t *testing.T) {
	ctx, ex := within(t), start(t, process.Config{Workers: 2})
	for _, err := range holds.Map(ctx, ex, slices.Values(make([]bool, 1000))) { // tasks are short, it seems
		if err != nil {
			t.Fatal(err)
		}
	}
	hold, release := context.WithCancel(ctx)
	defer release()
	fs := []*executor.Future[int]{holds.Submit(hold, ex, true)}
	for range 50 {
		fs = append(fs, holds.Submit(ctx, ex, false))
	}
	for _, f := range fs[1:] {
		if _, err := f.Result(ctx); err != nil {
			t.Fatal(err)
		}
	}
	release()
	fs[0].Result(ctx)
}

// Nothing is left of an executor: no descriptor, no goroutine, no zombie.
func TestNothingLeft(t *testing.T) {
	round := func() {
		ex, _ := process.New(process.Config{Workers: 2, TasksPerChild: 2})
		ctx := within(t)
		for i := range 7 {
			double.Submit(ctx, ex, i)
		}
		if err := ex.Shutdown(ctx); err != nil {
			t.Fatal(err)
		}
		broken, _ := process.New(process.Config{Workers: 1})
		fails.Submit(ctx, broken, "exit").Result(ctx)
		broken.Shutdown(ctx)
	}
	round()
	settled(t, func() {
		for range 5 {
			round()
		}
	})
	var status syscall.WaitStatus
	if pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil); err == nil && pid > 0 {
		t.Errorf("a zombie: %d", pid)
	}
}

// A parent that is killed cannot tell its children to end.
func TestParentKilled(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.Command(self)
	parent.Env = append(os.Environ(), forgetful+"=parent")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var pids []int
	for len(pids) < 2 && lines.Scan() {
		pid, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("the parent says %q", lines.Text())
		}
		pids = append(pids, pid)
	}
	parent.Process.Kill()
	io.Copy(io.Discard, out) // the children have it too: it ends with the last of them
	parent.Wait()
	for _, pid := range pids {
		tick, ctx := time.NewTicker(time.Millisecond), within(t)
		for alive(pid) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				t.Fatalf("child %d lives on", pid)
			}
		}
	}
	if len(pids) != 2 {
		t.Fatalf("the parent named %d children", len(pids))
	}
}

// alive reports false for a zombie, which only its new parent can remove.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !bytes.Contains(stat, []byte(") Z "))
}

// big is the size of a payload that passes every buffer many times: pipes take
// 64 KB, and the memory for a message grows by at least 1 MB at a time.
const big = 20 << 20

func TestBigPayload(t *testing.T) {
	if testing.Short() {
		t.Skip("moves 40 MB")
	}
	ctx, ex := within(t), start(t, process.Config{Workers: 1})
	in := make([]byte, big)
	in[len(in)-1] = 7
	if out, err := echo.Submit(ctx, ex, in).Result(ctx); err != nil || !bytes.Equal(in, out) {
		t.Errorf("got %d bytes, %v", len(out), err)
	}
}
