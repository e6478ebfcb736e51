package executortest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
)

// planted are executors that are broken in one respect, with the rows whose
// checks see it. Those whose law is the future's alone see only executors that
// lose tasks or give up on them; see mutants.
var planted = []struct {
	bug  string
	open executortest.Open
	rows []int
}{
	{"ignores its limit", unlimited, []int{25}},
	{
		"starts tasks whether a worker is free or not", hurried,
		[]int{1, 6, 7, 9, 25, 33, 34, 35, 45, 48, 52, 56, 58, 60, 61},
	},
	{"loses every task", spoil(loseAll), []int{
		2, 8, 14, 16, 17, 21, 43, 44, 46, 47, 49, 50, 51, 53, 54, 62, 64,
		65, 66, 67, 84, 85,
	}},
	{"loses every second task", spoilNth(2, loseAll), []int{
		2, 3, 4, 8, 11, 12, 13, 15, 17, 34, 43, 45, 50, 55,
		56, 57, 59, 63, 64, 84,
	}},
	{"gives up on every task", spoil(giveUp), []int{
		4, 14, 16, 17, 43, 44, 46, 47, 49, 50, 51, 53, 54, 62, 65,
		66, 67, 68, 84, 85,
	}},
	{"gives up on every second task", spoilNth(2, giveUp), []int{
		1, 2, 3, 7, 9, 12, 13, 15, 19, 34, 35, 40, 50,
		56, 57, 63, 64,
	}},
	{"gives up on every third task", spoilNth(3, giveUp), []int{5, 13, 15, 21, 64}},
	{"runs every task twice", spoil(runTwice), []int{8}},
	{"starts the newest first", newestFirst, []int{33}},
	{"runs one more than its limit", oneMore, []int{25}},
	{"accepts everything and refuses nothing", neverShut, []int{18, 33, 34, 41}},
	{"refuses with an error of its own", ownRefusal, []int{18, 33, 34}},
	{"runs what it refuses", runsRefused, []int{18}},
	{"blocks a submit when all workers are busy", fixed(channel{}), []int{1, 19, 45, 84}},
	{"loses a worker to Goexit", fixed(channel{room: 1 << 16}), []int{42, 68}},
	{"panics when shut down twice", fixed(channel{room: 1 << 16, careless: true}), []int{36}},
	{"runs tasks in the caller", inline, []int{68}},
	{"takes a negative number of workers", takesAnything, []int{23}},
	{"starts a goroutine for each task", executor.NewAsync, []int{26}},
	{"starts a worker beside an idle one", beside, []int{26}},
	{"starts all workers at once", eager, []int{27}},
	{"keeps every task", keeper, []int{69}},
	{"cancels the queue on any shutdown", hasty, []int{33, 34, 42}},
	{"waits for running tasks whatever the context", stubborn, []int{35, 40}},
	{"drops the queue when it gives up", drops, []int{35}},
	{"forgets running tasks in a later shutdown", forgets, []int{35, 40}},
	{"loses a task that races with shutdown", racy, []int{41}},
	{"does not wait for shutdown", impatient, []int{33, 37, 40}},
	{"ignores the bound of its queue", mistuned(func(s *executor.Settings) { s.Queue = 0 }), []int{20, 22}},
	{"blocks when it should reject", mistuned(func(s *executor.Settings) { s.Full = executor.Block }), []int{20}},
	{"rejects when it should block", mistuned(func(s *executor.Settings) { s.Full = executor.Reject }), []int{20, 22}},
	{"does not look at the context of a blocked submit", spoil(opaque), []int{22}},
	{"has one worker unless told", stingy, []int{24}},
	{"keeps idle workers", mistuned(func(s *executor.Settings) { s.Idle = 0 }), []int{28}},
	{"does not name its workers", mistuned(func(s *executor.Settings) { s.Name = "" }), []int{28, 29}},
	{"keeps its size", mistuned(func(s *executor.Settings) { s.Workers = 1 }), []int{28, 32}},
	{"only grows", grows(), []int{32}},
	{"hides from a task which executor it is on", spoil(hide), []int{85}},
	{"lets a task that waits keep its worker", keepsWorker, []int{85}},
}

// A trial is one check on one broken executor.
type trial struct {
	bug   string
	open  executortest.Open
	check executortest.Check
}

func trials() (list []trial) {
	for _, p := range planted {
		for _, c := range executortest.Checks() {
			if slices.Contains(p.rows, c.Row) {
				list = append(list, trial{p.bug, p.open, c})
			}
		}
	}
	return list
}

func (tr trial) run(ctx context.Context) error {
	for range 20 { // a race is won now and then
		ctx, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		err := tr.check.Run(ctx, tr.open)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

func TestPlantedBugs(t *testing.T) {
	tried := map[int]bool{}
	// Most of them wait for a deadline.
	abreast, err := executor.NewAsync(48)
	if err != nil {
		t.Fatal(err)
	}
	var seen []*executor.Future[error]
	for _, tr := range trials() {
		tried[tr.check.Row] = true
		seen = append(seen, executor.Submit(t.Context(), abreast, func(ctx context.Context) (error, error) {
			if slices.Contains(alone, tr.check.Row) {
				return nil, nil
			}
			return tr.run(ctx), nil
		}))
	}
	abreast.Shutdown(t.Context())
	for i, tr := range trials() {
		t.Run(tr.bug+"/"+tr.check.Name, func(t *testing.T) {
			found, err := seen[i].Result(t.Context())
			if slices.Contains(alone, tr.check.Row) {
				found = tr.run(t.Context())
			}
			if err != nil || found == nil {
				t.Fatalf("row %d: the check does not see an executor that %s (%v)", tr.check.Row, tr.bug, err)
			}
			t.Logf("row %d: %v", tr.check.Row, found)
		})
	}
	for _, c := range executortest.Checks() {
		if !tried[c.Row] {
			t.Errorf("row %d, %s: no bug is planted", c.Row, c.Name)
		}
	}
}

// alone are rows that no other may run beside: one counts goroutines, the
// others collect garbage.
var alone = []int{27, 54, 62, 69}

// taskFunc is a task of any kind.
type taskFunc func(ctx context.Context)

func (f taskFunc) Run(ctx context.Context) { f(ctx) }

// broken is an executor with one or both methods replaced.
type broken struct {
	executor.Executor
	execute  func(executor.Task) error
	shutdown func(context.Context) error
	tune     func(executor.Settings) error
}

func (b *broken) Tune(s executor.Settings) error {
	if b.tune == nil {
		return executor.Tune(b.Executor, s)
	}
	return b.tune(s)
}

func (b *broken) Execute(t executor.Task) error {
	if b.execute == nil {
		return b.Executor.Execute(t)
	}
	return b.execute(t)
}

func (b *broken) Shutdown(ctx context.Context) error {
	if b.shutdown == nil {
		return b.Executor.Shutdown(ctx)
	}
	return b.shutdown(ctx)
}

func pool(workers int) *broken {
	ex, err := executor.NewPool(workers)
	if err != nil {
		return nil
	}
	return &broken{Executor: ex}
}

// spoil makes something else of every task.
func spoil(how func(executor.Task) executor.Task) executortest.Open {
	return spoilNth(1, how)
}

func spoilNth(n int, how func(executor.Task) executor.Task) executortest.Open {
	return func(workers int) (executor.Executor, error) {
		b := pool(workers)
		var mu sync.Mutex
		count := 0
		b.execute = func(t executor.Task) error {
			mu.Lock()
			count++
			if count%n == 0 {
				t = how(t)
			}
			mu.Unlock()
			return b.Executor.Execute(t)
		}
		return b, nil
	}
}

func loseAll(executor.Task) executor.Task { return taskFunc(func(context.Context) {}) }

func giveUp(t executor.Task) executor.Task {
	return taskFunc(func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		t.Run(ctx)
	})
}

func runTwice(t executor.Task) executor.Task {
	return taskFunc(func(ctx context.Context) { t.Run(ctx); t.Run(ctx) })
}

func unlimited(int) (executor.Executor, error) { return executor.NewAsync(0) }

func hurried(int) (executor.Executor, error) {
	ex, err := executor.NewAsync(0)
	b := &broken{Executor: ex}
	b.execute = func(t executor.Task) error {
		over := make(chan struct{})
		err := b.Executor.Execute(taskFunc(func(ctx context.Context) {
			defer close(over)
			t.Run(ctx)
		}))
		if err == nil {
			select {
			case <-over:
			case <-time.After(5 * time.Millisecond): // an ordinary task is over by then
			}
		}
		return err
	}
	return b, err
}

func oneMore(workers int) (executor.Executor, error) { return executor.NewPool(workers + 1) }

func takesAnything(workers int) (executor.Executor, error) { return executor.NewPool(max(workers, 0)) }

func newestFirst(workers int) (executor.Executor, error) {
	b := pool(workers)
	var mu sync.Mutex
	var stack []executor.Task
	b.execute = func(t executor.Task) error {
		mu.Lock()
		defer mu.Unlock()
		stack = append(stack, t)
		err := b.Executor.Execute(taskFunc(func(ctx context.Context) {
			mu.Lock()
			t := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			mu.Unlock()
			t.Run(ctx)
		}))
		if err != nil {
			stack = stack[:len(stack)-1]
		}
		return err
	}
	return b, nil
}

func neverShut(workers int) (executor.Executor, error) {
	b := pool(workers)
	b.execute = func(t executor.Task) error {
		if b.Executor.Execute(t) != nil {
			go t.Run(context.Background())
		}
		return nil
	}
	return b, nil
}

var errRefused = errors.New("closed")

func ownRefusal(workers int) (executor.Executor, error) {
	b := pool(workers)
	b.execute = func(t executor.Task) error {
		if b.Executor.Execute(t) != nil {
			return errRefused
		}
		return nil
	}
	return b, nil
}

// runsRefused runs the task first and then refuses it.
func runsRefused(workers int) (executor.Executor, error) {
	b := pool(workers)
	b.execute = func(t executor.Task) error {
		err := b.Executor.Execute(t)
		if err != nil {
			t.Run(context.Background())
		}
		return err
	}
	return b, nil
}

func inline(workers int) (executor.Executor, error) {
	b := pool(workers)
	b.execute = func(t executor.Task) error {
		t.Run(context.Background())
		return nil
	}
	return b, nil
}

func eager(workers int) (executor.Executor, error) {
	b := pool(workers)
	var all sync.WaitGroup // every worker must be there before any is free again
	all.Add(workers)
	for range workers {
		go b.Executor.Execute(taskFunc(func(context.Context) { all.Done(); all.Wait() }))
	}
	return b, nil
}

// TestFixed accuses no pool of starting workers that has all of them from the
// beginning, each of which gets the next task.
func TestFixed(t *testing.T) {
	i := slices.IndexFunc(executortest.Checks(), func(c executortest.Check) bool { return c.Name == "reuse" })
	if err := executortest.Checks()[i].Run(t.Context(), fixed(channel{room: 1 << 16})); err != nil {
		t.Error(err)
	}
}

// beside starts a worker for each task until it has all, and uses those that it
// has only then.
func beside(workers int) (executor.Executor, error) {
	var all sync.WaitGroup
	tasks := make(chan executor.Task)
	end := sync.OnceFunc(func() { close(tasks) })
	left := workers // used by the one check that submits one task after another
	return &broken{
		execute: func(t executor.Task) error {
			if left > 0 {
				left--
				all.Go(func() {
					for t := range tasks {
						t.Run(context.Background())
					}
				})
			}
			tasks <- t
			return nil
		},
		shutdown: func(context.Context) error {
			end()
			all.Wait()
			return nil
		},
	}, nil
}

func keeper(workers int) (executor.Executor, error) {
	b := pool(workers)
	var mu sync.Mutex
	var kept []executor.Task
	b.execute = func(t executor.Task) error {
		mu.Lock()
		kept = append(kept, t) // what keeps it alive is this function, through b
		mu.Unlock()
		return b.Executor.Execute(t)
	}
	return b, nil
}

func done() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func hasty(workers int) (executor.Executor, error) {
	b := pool(workers)
	b.shutdown = func(ctx context.Context) error {
		b.Executor.Shutdown(done())
		return b.Executor.Shutdown(ctx)
	}
	return b, nil
}

func stubborn(workers int) (executor.Executor, error) {
	b := pool(workers)
	b.shutdown = func(ctx context.Context) error {
		b.Executor.Shutdown(context.Background())
		return context.Cause(ctx)
	}
	return b, nil
}

// drops does nothing with the tasks that it has given up on.
func drops(workers int) (executor.Executor, error) {
	b := pool(workers)
	b.execute = func(t executor.Task) error {
		return b.Executor.Execute(taskFunc(func(ctx context.Context) {
			if ctx.Err() == nil {
				t.Run(ctx)
			}
		}))
	}
	return b, nil
}

func forgets(workers int) (executor.Executor, error) {
	b := pool(workers)
	var mu sync.Mutex
	again := false
	b.shutdown = func(ctx context.Context) error {
		mu.Lock()
		defer mu.Unlock()
		if again {
			return errors.New("already shut down")
		}
		again = true
		return b.Executor.Shutdown(ctx)
	}
	return b, nil
}

// racy accepts what comes too late once, and never runs it.
func racy(workers int) (executor.Executor, error) {
	b := pool(workers)
	var late atomic.Bool
	b.execute = func(t executor.Task) error {
		err := b.Executor.Execute(t)
		if err != nil && late.CompareAndSwap(false, true) {
			return nil
		}
		return err
	}
	return b, nil
}

func impatient(workers int) (executor.Executor, error) {
	b := pool(workers)
	b.shutdown = func(ctx context.Context) error {
		go b.Executor.Shutdown(ctx)
		return nil
	}
	return b, nil
}

// mistuned gets one of the settings wrong.
func mistuned(change func(*executor.Settings)) executortest.Open {
	return func(workers int) (executor.Executor, error) {
		b := pool(workers)
		b.tune = func(s executor.Settings) error {
			change(&s)
			return executor.Tune(b.Executor, s)
		}
		return b, nil
	}
}

func grows() executortest.Open {
	most := 0
	return mistuned(func(s *executor.Settings) {
		most = max(most, s.Workers)
		s.Workers = most
	})
}

func stingy(workers int) (executor.Executor, error) { return executor.NewPool(max(workers, 1)) }

// opaque shows nothing of a task but that it can be run.
func opaque(t executor.Task) executor.Task { return taskFunc(t.Run) }

// hide keeps the executor's context from the task, and the task from the
// executor.
func hide(t executor.Task) executor.Task {
	return taskFunc(func(ctx context.Context) {
		if ctx.Err() == nil {
			ctx = context.Background()
		}
		t.Run(ctx)
	})
}

// keepsWorker is what most pools are: their workers do nothing but run one task
// after another.
func keepsWorker(workers int) (executor.Executor, error) {
	return fixed(channel{room: 1 << 16})(max(workers, 1))
}

// channel is the pool that everybody writes first: goroutines that range over a
// channel.
type channel struct {
	room     int
	careless bool
}

func fixed(c channel) executortest.Open {
	return func(workers int) (executor.Executor, error) {
		var (
			mu    sync.RWMutex
			shut  bool
			tasks = make(chan executor.Task, c.room)
			gone  = make(chan struct{})
			all   sync.WaitGroup
		)
		for range workers {
			all.Go(func() {
				for t := range tasks {
					t.Run(context.Background())
				}
			})
		}
		go func() {
			all.Wait()
			close(gone)
		}()
		return &broken{
			execute: func(t executor.Task) error {
				mu.RLock()
				defer mu.RUnlock()
				if shut {
					return executor.ErrShutdown
				}
				tasks <- t
				return nil
			},
			shutdown: func(ctx context.Context) error {
				mu.Lock()
				if !shut || c.careless {
					close(tasks)
				}
				shut = true
				mu.Unlock()
				select {
				case <-gone:
					return nil
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			},
		}, nil
	}
}
