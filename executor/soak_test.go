package executor_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/executor"
)

var soak = flag.Duration("soak", 2*time.Second, "how long TestSoak goes on")

func TestMain(m *testing.M) {
	flag.Parse()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // panics of callbacks are reported there, as they should be
	os.Exit(m.Run())
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first one has found may have been freed by the second one only
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

var counted atomic.Bool // was run: once in a process is enough

// Nothing is left of a task that is over. A word of 8 bytes for each would be
// four times as much as the test allows.
func TestNothingIsLeftOfTasks(t *testing.T) {
	if testing.Short() || counted.Swap(true) {
		t.Skip("100,000 tasks take a while")
	}
	const n, few = 100_000, 1_000
	for name, open := range limited {
		t.Run(name, func(t *testing.T) {
			ex := mustOpen(t, open, 2)
			var ran atomic.Int64
			through := func(n int) {
				for range n {
					executor.Submit(t.Context(), ex, func(context.Context) (int64, error) { return ran.Add(1), nil })
				}
				last := executor.Submit(t.Context(), ex, answer)
				last.Result(t.Context())
			}
			through(few)
			before := heap()
			through(n)
			grown := heap() - before
			if err := ex.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if ran.Load() != n+few {
				t.Errorf("%d tasks ran, want %d", ran.Load(), n+few)
			}
			if grown > 200_000 {
				t.Errorf("%d bytes are left of %d tasks", grown, n)
			}
		})
	}
}

// TestSoak does whatever one can do to executors, at random, and wants each
// task run at most once, each future ended, and no executor to hang. The seed
// is in the log of a failure.
func TestSoak(t *testing.T) {
	begin := time.Now()
	for seed := uint64(begin.UnixNano()); time.Since(begin) < *soak; seed++ {
		for name, open := range limited {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			err := soakOnce(ctx, open, seed)
			cancel()
			if err != nil {
				t.Fatalf("%s, seed %d: %v", name, seed, err)
			}
		}
	}
}

// In a bubble a hang shows at once.
func TestSoakInBubble(t *testing.T) {
	for range 20 {
		seed := rand.Uint64()
		for name, open := range limited {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				if err := soakOnce(ctx, open, seed); err != nil {
					t.Errorf("%s, seed %d: %v", name, seed, err)
				}
			})
		}
	}
}

// A soaker does things to one executor.
type soaker struct {
	ex   executor.Executor
	mu   sync.Mutex
	all  []*executor.Future[int]
	runs []*atomic.Int32
}

func soakOnce(ctx context.Context, open func(int) (executor.Executor, error), seed uint64) error {
	random := rand.New(rand.NewPCG(seed, 0))
	ex, err := open(1 + random.IntN(4))
	if err != nil {
		return err
	}
	s := &soaker{ex: ex}
	if random.IntN(3) == 0 {
		executor.Tune(ex, s.settings(random)) // which the sequential one refuses
	}
	var callers sync.WaitGroup
	for i := range uint64(3) {
		callers.Go(func() {
			random := rand.New(rand.NewPCG(seed, 1+i))
			for range 50 {
				s.act(ctx, random, 0)
			}
		})
	}
	if random.IntN(4) == 0 { // in the middle of it
		short, cancel := context.WithCancel(ctx)
		cancel()
		ex.Shutdown(short)
	}
	callers.Wait()
	if err := ex.Shutdown(ctx); err != nil {
		return fmt.Errorf("the last Shutdown: %w", err)
	}
	for i, f := range s.all {
		if state := f.State(); state != executor.Cancelled && state != executor.Finished {
			return fmt.Errorf("task %d of %d is left: %v", i, len(s.all), f)
		}
		if n := s.runs[i].Load(); n > 1 || f.State() == executor.Cancelled && n > 0 {
			return fmt.Errorf("task %d ran %d times: %v", i, n, f)
		}
	}
	return nil
}

func (s *soaker) settings(random *rand.Rand) executor.Settings {
	return executor.Settings{
		Workers: 1 + random.IntN(4), Queue: random.IntN(3), Full: executor.Full(random.IntN(3)),
		Idle: time.Duration(random.IntN(2)) * 100 * time.Microsecond,
	}
}

// act does one thing.
func (s *soaker) act(ctx context.Context, random *rand.Rand, depth int) {
	switch random.IntN(12) {
	case 0:
		if f := s.any(random); f != nil {
			f.Cancel()
		}
	case 1:
		if f := s.any(random); f != nil {
			f.OnDone(func(*executor.Future[int]) { panic("a callback's") })
		}
	case 2:
		short, cancel := context.WithTimeout(ctx, time.Duration(random.IntN(200))*time.Microsecond)
		defer cancel()
		if f := s.any(random); f != nil {
			f.Result(short)
		}
	case 3:
		short, cancel := context.WithTimeout(ctx, time.Duration(random.IntN(200))*time.Microsecond)
		defer cancel()
		executor.Wait(short, executor.Until(random.IntN(3)), s.submit(ctx, random, depth),
			s.submit(short, random, depth))
	case 4:
		for range executor.AsCompleted(ctx, s.submit(ctx, random, depth), s.submit(ctx, random, depth)) {
			if random.IntN(3) == 0 {
				break
			}
		}
	case 5:
		how := executor.MapOptions{Ahead: random.IntN(3), Chunk: random.IntN(3)}
		seed := random.Uint64()
		for range executor.Map(ctx, s.ex, slices.Values([]int{1, 2, 3, 4}),
			func(ctx context.Context, n int) (int, error) {
				if random := rand.New(rand.NewPCG(seed, uint64(n))); depth < 2 && random.IntN(2) == 0 {
					s.act(ctx, random, depth+1)
				}
				return n, nil
			}, how) {
			if random.IntN(8) == 0 {
				break
			}
		}
	case 6:
		if depth == 0 && random.IntN(3) == 0 {
			executor.Tune(s.ex, s.settings(random))
		}
	case 7:
		s.submit(ctx, random, depth).Result(ctx)
	default:
		s.submit(ctx, random, depth)
	}
}

func (s *soaker) any(random *rand.Rand) *executor.Future[int] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) == 0 {
		return nil
	}
	return s.all[random.IntN(len(s.all))]
}

// submit submits a task that ends in one of the ways there are, perhaps after
// doing things itself.
func (s *soaker) submit(ctx context.Context, random *rand.Rand, depth int) *executor.Future[int] {
	runs, seed := new(atomic.Int32), random.Uint64()
	f := executor.Submit(ctx, s.ex, func(ctx context.Context) (int, error) {
		runs.Add(1)
		random := rand.New(rand.NewPCG(seed, 1))
		if depth < 3 {
			for range random.IntN(3) {
				s.act(ctx, random, depth+1)
			}
		}
		switch random.IntN(6) {
		case 0:
			panic("a task's")
		case 1:
			runtime.Goexit()
		case 2:
			return 0, errors.New("a task's own")
		}
		return 1, nil
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, f)
	s.runs = append(s.runs, runs)
	return f
}
