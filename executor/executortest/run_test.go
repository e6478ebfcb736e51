package executortest_test

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
)

// waits keeps the law, but for an Execute that waits until a worker is free.
func waits(workers int) (executor.Executor, error) {
	ex, err := executor.NewPool(workers)
	if err != nil {
		return nil, err
	}
	free, gone := make(chan struct{}, cmp.Or(workers, executor.DefaultWorkers())), make(chan struct{})
	var once sync.Once
	return methods{
		func(t executor.Task) error {
			select {
			case free <- struct{}{}:
			case <-gone:
				return executor.ErrShutdown
			}
			err := ex.Execute(taskFunc(func(ctx context.Context) {
				defer func() { <-free }()
				t.Run(ctx)
			}))
			if err != nil {
				<-free
			}
			return err
		},
		func(ctx context.Context) error {
			once.Do(func() { close(gone) })
			return ex.Shutdown(ctx)
		},
	}, nil
}

// methods is an executor of two functions, and no more.
type methods struct {
	execute  func(executor.Task) error
	shutdown func(context.Context) error
}

func (m methods) Execute(t executor.Task) error { return m.execute(t) }

func (m methods) Shutdown(ctx context.Context) error { return m.shutdown(ctx) }

// only hides all methods but the two.
func only(open executortest.Open) executortest.Open {
	return func(workers int) (executor.Executor, error) {
		if workers < 0 {
			return nil, errors.New("a negative number of workers")
		}
		ex, err := open(workers)
		if err != nil {
			return nil, err
		}
		return methods{ex.Execute, ex.Shutdown}, nil
	}
}

// TestCauses holds the rows that fail for one cause to exactly those that do.
func TestCauses(t *testing.T) {
	settings := executortest.TwoMethods()
	delete(settings, 85)
	refusing := []int{18, 33, 34, 37, 42}
	var blocking []int
	for row := range executortest.Blocking() {
		blocking = append(blocking, row)
	}
	for _, cause := range []struct {
		name string
		open executortest.Open
		rows []int
	}{
		{"waits for room", waits, blocking},
		{"refuses with an error of its own", only(ownRefusal), refusing},
	} {
		fails := func(row int) bool { return slices.Contains(cause.rows, row) }
		try := func(ctx context.Context, c executortest.Check) (error, error) {
			patience := time.Minute
			if fails(c.Row) {
				patience = 300 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			return c.Run(ctx, cause.open), nil
		}
		abreast, err := executor.NewAsync(48) // most of them wait
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int]*executor.Future[error]{}
		for _, c := range executortest.Checks() {
			if settings[c.Row] == "" && !slices.Contains(alone, c.Row) {
				seen[c.Row] = executor.Submit(t.Context(), abreast,
					func(ctx context.Context) (error, error) { return try(ctx, c) })
			}
		}
		if err := abreast.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, c := range executortest.Checks() {
			if settings[c.Row] != "" {
				continue
			}
			t.Run(cause.name+"/"+c.Name, func(t *testing.T) {
				var got error
				if f := seen[c.Row]; f != nil {
					var err error
					if got, err = f.Result(t.Context()); err != nil {
						t.Fatal(err)
					}
				} else {
					got, _ = try(t.Context(), c)
				}
				if (got != nil) != fails(c.Row) {
					t.Errorf("row %d: failure expected: %v, got %v", c.Row, fails(c.Row), got)
				}
			})
		}
	}
}

// verdicts are executors with what Run says of each. TestVerdicts runs them in
// other processes, where they may fail.
var verdicts = []struct {
	name    string
	open    executortest.Open
	options []executortest.Option
	want    []string // parts of the output
	never   []string // what is not in it
	passes  bool
	limit   string // of the test program
}{
	{name: "waits for room", open: only(waits), options: twoMethods, want: []string{
		"TestVerdict/19_submit_never_blocks",
		"Execute waits for room: 33 rows need one that does not.",
		"Add executortest.Blocking() to leave them out, or wrap the executor with executor.Queued to keep them",
		"law: Submit does not block, however long the queue",
	}, never: []string{"--- FAIL: TestVerdict/1_", "--- FAIL: TestVerdict/84_", "not run, as those"}},
	{name: "waits with a queue", open: only(roomFor(120)), options: twoMethods, want: []string{
		"Execute waits for room when 120 tasks are queued.",
		"Wrap the executor with executor.Queued, or leave the row out with executortest.Except",
		"--- FAIL: TestVerdict/19", "--- PASS: TestVerdict/1_", "--- PASS: TestVerdict/63_",
	}},
	{name: "waits with a short queue", open: only(roomFor(3)), options: twoMethods, want: []string{
		"Execute waits for room when 3 tasks are queued: 33 rows need one that does not.",
	}},
	{name: "of docs/executors.md", open: openLimited, options: twoMethods, want: []string{
		"Execute waits for room: 33 rows need one that does not.", "Execute accepts a task after Shutdown",
	}},
	{
		name: "of docs/executors.md, queued", open: queued(openLimited), options: and(executortest.Except{
			24: "it has no default", 26: "a goroutine for each task",
		}), passes: true,
	},
	{name: "waits, and says so", open: only(waits), options: and(executortest.Blocking()), passes: true},
	{name: "waits, and is queued", open: queued(only(waits)), options: twoMethods, passes: true},
	{name: "refuses with its own error", open: only(ownRefusal), options: twoMethods, want: []string{
		"TestVerdict/18_submit_after_shutdown",
		`Execute refuses tasks after Shutdown with an error of its own, "closed": 5 rows need one that is ` +
			"executor.ErrShutdown",
		"Add executortest.Refusal(err) with that error, or wrap executor.ErrShutdown",
	}, never: []string{"--- FAIL: TestVerdict/33", "--- FAIL: TestVerdict/42"}},
	{
		name: "refuses, and says so", open: only(ownRefusal), options: and(executortest.Refusal(errRefused)),
		passes: true,
	},
	{name: "accepts after Shutdown", open: only(neverShut), options: twoMethods, want: []string{
		"Execute accepts a task after Shutdown", "6 rows need a refusal",
	}},
	{name: "hangs", open: fake(func(executor.Task) error { select {} }, nil), want: []string{
		"first_task", "the first call of Execute: nothing in time", "so no row can be judged",
	}, never: []string{"TestVerdict/19"}},
	{name: "drops", open: fake(func(executor.Task) error { return nil }, nil), want: []string{
		"Execute returned nil, and its task: nothing in time",
	}},
	{name: "drops every second", open: only(spoilNth(2, loseAll)), options: twoMethods, want: []string{
		"--- FAIL: TestVerdict/8_once", "task 1 of 100 was accepted and never ran", "No other row is run",
	}, never: []string{"--- FAIL: TestVerdict/19", "--- FAIL: TestVerdict/1_"}},
	{name: "drops every second future", open: losesFutures, options: twoMethods, limit: "12s", want: []string{
		"--- PASS: TestVerdict/8_once", "--- FAIL: TestVerdict/19", "--- FAIL: TestVerdict/1_",
		"the row took more than",
		"not run: the rows before it took too long", "rows were not run, as those before them took too long",
	}},
	{name: "refuses all", open: fake(func(executor.Task) error { return errRefused }, nil), want: []string{
		"Execute refused the first task: closed",
	}},
	{name: "panics", open: fake(func(executor.Task) error { panic("no workers") }, nil), want: []string{
		"panic in a call of the executor: no workers", "executortest_test.init",
	}},
	{
		name: "ends its caller", open: fake(func(executor.Task) error { runtime.Goexit(); return nil }, nil),
		want: []string{"the first call of Execute"},
	},
	{name: "panics in Shutdown", open: fake(nil, func(context.Context) error { panic("no workers") }), want: []string{
		"panic in a call of the executor: no workers",
	}},
	{name: "hangs in Shutdown", open: fake(nil, func(context.Context) error { select {} }), want: []string{
		"Shutdown after the only task had ended: nothing in time",
	}},
	{name: "fails in Shutdown", open: fake(nil, func(context.Context) error { return errRefused }), want: []string{
		"Shutdown after the only task had ended: closed",
	}},
	{
		name: "panics when shut down twice", open: fixed(channel{room: 1 << 16, careless: true}),
		options: and(executortest.Except{23: "no check of the number", 24: "no default"}),
		want: []string{
			"--- FAIL: TestVerdict/36_shutdown_twice", "close of closed channel",
			"--- PASS: TestVerdict/67_every_error",
		},
	},
	{name: "panics after Shutdown", open: only(closes), options: twoMethods, want: []string{
		"--- FAIL: TestVerdict/18_submit_after_shutdown", "send on closed channel", "6 rows need a refusal",
		"--- PASS: TestVerdict/67_every_error",
	}},
	{name: "of two methods, and does not say so", open: openPlain, want: []string{
		"--- FAIL: TestVerdict/20_bounded_queue", "If the executor has only Execute and Shutdown, add " +
			"executortest.TwoMethods()",
	}},
	{name: "none", open: func(int) (executor.Executor, error) { return nil, nil }, want: []string{
		"open with 1 worker: got a nil executor and no error",
	}},
	{name: "cannot be opened", open: func(int) (executor.Executor, error) { return nil, errRefused }, want: []string{
		"open with 1 worker: closed",
	}},
	{name: "excepted without need", open: executor.NewPool, options: []executortest.Option{
		executortest.Except{10: "no promises", 25: ""}, executortest.Refusal(nil),
	}, want: []string{
		`row 10 is excepted with the reason "no promises": it has no check`, `row 25 is excepted with the reason ""`,
		"Refusal of a nil error",
	}},
}

var twoMethods = []executortest.Option{executortest.TwoMethods()}

func and(o executortest.Option) []executortest.Option { return append(slices.Clip(twoMethods), o) }

// fake is a pool of which methods are replaced.
func fake(execute func(executor.Task) error, shutdown func(context.Context) error) executortest.Open {
	return func(workers int) (executor.Executor, error) {
		b := pool(max(workers, 1))
		b.execute, b.shutdown = execute, shutdown
		return b, nil
	}
}

// roomFor is a pool with a queue for that many tasks.
func roomFor(tasks int) executortest.Open {
	return func(workers int) (executor.Executor, error) {
		ex, err := executor.NewPool(workers)
		if err != nil {
			return nil, err
		}
		return ex, executor.Tune(ex, executor.Settings{Workers: workers, Queue: tasks})
	}
}

// limited is the pool of docs/executors.md.
type limited struct {
	slots   chan struct{}
	running sync.WaitGroup
}

func openLimited(workers int) (executor.Executor, error) {
	if workers < 1 {
		return nil, errors.New("want at least 1 worker")
	}
	return &limited{slots: make(chan struct{}, workers)}, nil
}

func (l *limited) Execute(t executor.Task) error {
	l.slots <- struct{}{}
	l.running.Go(func() {
		defer func() { <-l.slots }()
		t.Run(context.Background())
	})
	return nil
}

func (l *limited) Shutdown(context.Context) error { l.running.Wait(); return nil }

// losesFutures loses every second task of Submit.
func losesFutures(workers int) (executor.Executor, error) {
	var n atomic.Int32
	return only(spoil(func(t executor.Task) executor.Task {
		if _, future := t.(interface{ Context() context.Context }); future && n.Add(1)%2 == 0 {
			return loseAll(t)
		}
		return t
	}))(workers)
}

// closes is a pool that closes its channel and does not know that it has.
func closes(workers int) (executor.Executor, error) {
	workers = cmp.Or(workers, executor.DefaultWorkers())
	tasks := make(chan executor.Task, 1<<16)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for t := range tasks {
				over := make(chan struct{})
				go func() { // which t may end
					defer close(over)
					t.Run(context.Background())
				}()
				<-over
			}
		})
	}
	var mu sync.Mutex
	shut := false
	return methods{
		func(t executor.Task) error {
			mu.Lock()
			defer mu.Unlock()
			tasks <- t
			return nil
		},
		func(context.Context) error {
			mu.Lock()
			if !shut {
				close(tasks)
			}
			shut = true
			mu.Unlock()
			all.Wait()
			return nil
		},
	}, nil
}

// TestQuoted keeps what docs/executors.md quotes true.
func TestQuoted(t *testing.T) {
	text, err := os.ReadFile("../../docs/executors.md")
	if err != nil {
		t.Fatal(err)
	}
	prose := strings.Join(strings.Fields(strings.ReplaceAll(string(text), "\n> ", "\n")), " ")
	if quote := strings.Join(verdicts[0].want[1:3], " "); !strings.Contains(prose, quote) {
		t.Errorf("docs/executors.md does not quote %q", quote)
	}
}

// TestVerdict is what users write. TestVerdicts runs it in another process.
func TestVerdict(t *testing.T) {
	name := os.Getenv("VERDICT")
	if name == "" {
		t.Skip("TestVerdicts calls it")
	}
	for _, v := range verdicts {
		if v.name == name {
			executortest.Run(t, v.open, v.options...)
		}
	}
}

// TestVerdicts has a verdict of every executor, also of those that hang, drop
// tasks and panic. The less time a test has the sooner it ends.
func TestVerdicts(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for executors that hang")
	}
	t.Parallel()                          // other processes do the work
	abreast, err := executor.NewAsync(12) // most of them wait
	if err != nil {
		t.Fatal(err)
	}
	defer abreast.Shutdown(t.Context())
	var outs []*executor.Future[string]
	for _, v := range verdicts {
		outs = append(outs, executor.Submit(t.Context(), abreast, func(ctx context.Context) (string, error) {
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			limit := cmp.Or(v.limit, "1m")
			cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestVerdict$", "-test.v", "-test.timeout="+limit)
			cmd.Env = append(os.Environ(), "VERDICT="+v.name)
			out, err := cmd.CombinedOutput()
			return string(out), cmp.Or(ctx.Err(), err)
		}))
	}
	for i, v := range verdicts {
		t.Run(v.name, func(t *testing.T) {
			out, err := outs[i].Result(t.Context())
			if _, failed := errors.AsType[*exec.ExitError](err); failed == v.passes {
				t.Errorf("got the end %v, want a success: %v\n%s", err, v.passes, out)
			}
			for _, part := range v.want {
				if !strings.Contains(out, part) {
					t.Errorf("want %q in\n%s", part, out)
				}
			}
			for _, part := range append(v.never, "DATA RACE", "panic: ") {
				if strings.Contains(out, part) {
					t.Errorf("want no %q in\n%s", part, out)
				}
			}
		})
	}
}
