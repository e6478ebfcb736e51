package executor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/teapot-go/teapot/executor"
)

// byHand runs tasks when the test says so.
type byHand struct{ tasks []executor.Task }

func (b *byHand) Execute(t executor.Task) error {
	b.tasks = append(b.tasks, t)
	return nil
}

func (b *byHand) Shutdown(context.Context) error { return nil }

// run runs the oldest task.
func (b *byHand) run() {
	t := b.tasks[0]
	b.tasks = slices.Delete(b.tasks, 0, 1) // and forgets it
	t.Run(context.Background())
}

func answer(context.Context) (int, error) { return 42, nil }

func TestStateString(t *testing.T) {
	for s, want := range map[executor.State]string{
		executor.Pending: "pending", executor.Running: "running", executor.Cancelled: "cancelled",
		executor.Finished: "finished",
		executor.State(7): "State(7)",
	} {
		if s.String() != want {
			t.Errorf("got %q, want %q", s, want)
		}
	}
}

func TestFutureDone(t *testing.T) {
	var ex byHand
	f := executor.Submit(t.Context(), &ex, answer)
	before := f.Done()
	select {
	case <-before:
		t.Error("Done is closed before the task ran")
	default:
	}
	ex.run()
	<-before
	<-f.Done()
	late := executor.Submit(t.Context(), &ex, answer)
	ex.run()
	<-late.Done()
}

func TestSecondRunDoesNothing(t *testing.T) {
	var ex byHand
	runs := 0
	f := executor.Submit(t.Context(), &ex, func(context.Context) (int, error) {
		runs++
		return runs, nil
	})
	task := ex.tasks[0]
	task.Run(t.Context())
	task.Run(t.Context())
	if v, err := f.Result(t.Context()); v != 1 || err != nil || runs != 1 {
		t.Errorf("got %d, %v after %d runs, want 1, nil after 1", v, err, runs)
	}
}

func TestCancelledByTheExecutor(t *testing.T) {
	var ex byHand
	f := executor.Submit(t.Context(), &ex, answer)
	cause := errors.New("closing time")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	ex.tasks[0].Run(ctx)
	_, err := f.Result(t.Context())
	if f.State() != executor.Cancelled || !errors.Is(err, executor.ErrCancelled) || !errors.Is(err, cause) {
		t.Errorf("got %v with %v, want a cancelled future with the cause", f, err)
	}
}

func TestSubmitRefusesNonsense(t *testing.T) {
	for name, submit := range map[string]func(){
		"nil context":  func() { var none context.Context; executor.Submit(none, &byHand{}, answer) },
		"nil function": func() { executor.Submit[int](t.Context(), &byHand{}, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if v := recover(); !strings.Contains(fmt.Sprint(v), name) {
					t.Errorf("got the panic %v, want one that says %q", v, name)
				}
			}()
			submit()
		})
	}
}

func TestCallbacksInOrderWhateverTheyDo(t *testing.T) {
	var log bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(old)

	for _, end := range []string{"run", "cancel"} {
		var ex byHand
		var got []int
		f := executor.Submit(t.Context(), &ex, answer)
		for i, do := range []func(){func() {}, func() { panic("spilled") }, func() {}, runtime.Goexit, func() {}} {
			f.OnDone(func(*executor.Future[int]) {
				got = append(got, i)
				do()
			})
		}
		over := make(chan struct{})
		go func() { // Goexit takes the goroutine with it
			defer close(over)
			if end == "run" {
				ex.run()
			} else {
				f.Cancel()
			}
		}()
		<-over
		if want := []int{0, 1, 2, 3, 4}; !slices.Equal(got, want) {
			t.Errorf("%s: got the callbacks %v, want %v", end, got, want)
		}
	}
	for _, part := range []string{"callback panicked", "<Future finished int>", "spilled", "future_test.go"} {
		if !strings.Contains(log.String(), part) {
			t.Errorf("the log has no %q:\n%s", part, log.String())
		}
	}
}

func TestWaitLeavesNothingBehind(t *testing.T) {
	var ex byHand
	f := executor.Submit(t.Context(), &ex, answer)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 10_000 {
		executor.Wait(ctx, executor.AllDone, f)
		for range executor.AsCompleted(ctx, f) {
			t.Fatal("a pending future was given")
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 200_000 {
		t.Errorf("20,000 waits left %d bytes with the future", grown)
	}
	ex.run()
}

func TestIteratorsKeepNothing(t *testing.T) {
	type big [1 << 10]byte
	ex := executor.NewSequential()
	make1k := func(context.Context, int) (*big, error) { return new(big), nil }
	gone := func(what string, p weak.Pointer[big]) {
		runtime.GC()
		if p.Value() != nil {
			t.Errorf("%s keeps a result that it has given", what)
		}
	}
	for v, err := range executor.Map(t.Context(), ex, slices.Values([]int{1, 2, 3}), make1k) {
		if err != nil {
			t.Fatal(err)
		}
		p := weak.Make(v)
		v = nil
		gone("Map", p)
	}

	var later byHand
	fs := []*executor.Future[*big]{
		executor.Submit(t.Context(), ex, func(ctx context.Context) (*big, error) { return make1k(ctx, 1) }),
		executor.Submit(t.Context(), &later, func(ctx context.Context) (*big, error) { return make1k(ctx, 2) }),
		executor.Submit(t.Context(), &later, func(ctx context.Context) (*big, error) { return make1k(ctx, 3) }),
	}
	completed := executor.AsCompleted(t.Context(), fs...)
	clear(fs)
	for f := range completed {
		v, _ := f.Result(t.Context())
		p := weak.Make(v)
		f, v = nil, nil
		gone("AsCompleted", p)
		if len(later.tasks) > 0 {
			later.run()
		}
	}
}

func TestPanicError(t *testing.T) {
	var ex byHand
	f := executor.Submit(t.Context(), &ex, func(context.Context) (int, error) { return spill(nil), nil })
	ex.run()
	_, err := f.Result(t.Context())
	p, ok := errors.AsType[*executor.PanicError](err)
	if !ok {
		t.Fatalf("got %v, want a *PanicError", err)
	}
	if _, ok := errors.AsType[runtime.Error](err); !ok {
		t.Errorf("the runtime's error is lost from %v", err)
	}
	const text = "executor: task panicked: runtime error: invalid memory address or nil pointer dereference"
	for format, want := range map[string]string{"%v": text, "%s": text, "%q": `"` + text + `"`, "%+v": text +
		"\n" + p.Stack()} {
		if got := fmt.Sprintf(format, err); got != want {
			t.Errorf("%s: got %s, want %s", format, got, want)
		}
	}
	lines := strings.Split(p.Stack(), "\n")
	if !strings.HasSuffix(lines[0], ".spill") || !strings.Contains(lines[1], "future_test.go:") {
		t.Errorf("the stack does not begin at the failing place:\n%s", p.Stack())
	}
}

//go:noinline
func spill(p *int) int { return *p }

func TestAsCompletedInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a, b byHand
		fs := []*executor.Future[int]{
			executor.Submit(t.Context(), &a, answer),
			executor.Submit(t.Context(), &b, answer),
		}
		got := make(chan int)
		go func() {
			defer close(got)
			for f := range executor.AsCompleted(t.Context(), fs...) {
				got <- slices.Index(fs, f)
			}
		}()
		synctest.Wait()
		b.run()
		first := <-got
		synctest.Wait()
		a.run()
		if second := <-got; first != 1 || second != 0 {
			t.Errorf("got the order %d, %d, want that of completion: 1, 0", first, second)
		}
		<-got
	})
}
