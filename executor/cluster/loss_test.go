package cluster_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
)

// starts counts how often tasks have started, by their numbers.
type starts struct {
	mu sync.Mutex
	n  map[int]int
}

func (r *starts) add(i int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n == nil {
		r.n = map[int]int{}
	}
	r.n[i]++
}

func (r *starts) of(i int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n[i]
}

// sleeper is a task that takes so long and counts its starts.
func sleeper(r *starts, d time.Duration) *executor.Defined[int, int] {
	return executor.Define("sleeper", func(ctx context.Context, n int) (int, error) {
		r.add(n)
		select {
		case <-time.After(d):
			return n, nil
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	})
}

// within bounds every wait of a test in a bubble, whose clock never stops while
// a connection is pinged.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Hour, errors.New("hangs: an hour is over"))
	t.Cleanup(cancel)
	return ctx
}

// Wherever a worker is lost, the task has one result, and runs again only if
// there was none.
func TestWorkerLost(t *testing.T) {
	for _, tt := range []struct {
		name            string
		lose            func(l *link)
		starts          int
		refused, spared int
	}{
		{"before the task comes", func(l *link) { l.kill() }, 1, 0, 0},
		{"in the task", func(l *link) { l.cutFor(500*time.Millisecond, time.Hour) }, 2, 0, 0},
		{"after it, before the result", func(l *link) { l.tripOn(answers) }, 2, 0, 0},
		{"between result and acknowledgement", func(l *link) { l.tripOn(acknowledges) }, 1, 0, 1},
		{"cut off in the task, for long", func(l *link) { l.cutFor(500*time.Millisecond, 13*time.Second) }, 2, 1, 0},
		{"cut off in the task, but not for long", func(l *link) {
			l.cutFor(500*time.Millisecond, 3*time.Second)
		}, 1, 0, 0},
		{"not at all", func(*link) {}, 1, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var r starts
				task := sleeper(&r, 2*time.Second)
				all := []executor.Definition{task}
				w := newWorld(t, cluster.Config{})
				first := w.work(1, all)
				w.join(1)
				tt.lose(first)
				f := task.Submit(within(t), w.ex, 7)
				time.Sleep(time.Second)
				w.work(1, all)
				if v, err := f.Result(within(t)); v != 7 || err != nil {
					t.Errorf("got %d, %v", v, err)
				}
				time.Sleep(20 * time.Second)
				refused, spared := w.sums()
				if got := r.of(7); got != tt.starts {
					t.Errorf("it started %d times, want %d", got, tt.starts)
				}
				if refused != tt.refused || spared != tt.spared {
					t.Errorf("got %d results refused and %d tasks spared, want %d and %d", refused, spared, tt.refused,
						tt.spared)
				}
			})
		})
	}
}

// A task that runs for longer than AckWait is not given to another worker.
func TestLongTask(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r starts
		task := sleeper(&r, 7*time.Minute)
		w := newWorld(t, cluster.Config{})
		w.work(1, []executor.Definition{task})
		w.work(1, []executor.Definition{task})
		w.join(2)
		if v, err := task.Submit(within(t), w.ex, 7).Result(within(t)); v != 7 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
		if got := r.of(7); got != 1 {
			t.Errorf("it started %d times, want 1", got)
		}
	})
}

// A task that kills its worker is given to three, and is then lost alone.
func TestPoison(t *testing.T) {
	for _, deliveries := range []int{1, 2, 3} {
		for _, advised := range []bool{true, false} {
			for _, another := range []bool{true, false} {
				t.Run(fmt.Sprint(deliveries, advised, another), func(t *testing.T) {
					bubble(t, func(t *testing.T) { poison(t, deliveries, advised, another) })
				})
			}
		}
	}
}

// poison kills so many workers. The server may tell of it, and there may be
// another worker.
func poison(t *testing.T, deliveries int, advised, another bool) {
	w := newWorld(t, cluster.Config{Deliveries: deliveries})
	if !advised {
		w.deafen("ADVISORY")
	}
	var r starts
	var links sync.Map
	kills := executor.Define("kills", func(ctx context.Context, n int) (int, error) {
		r.add(n)
		if n < 0 {
			for killed := false; !killed; time.Sleep(time.Millisecond) { // it may not be there yet
				links.Range(func(l, _ any) bool { // the one that runs this
					l.(*link).kill()
					links.Delete(l)
					killed = true
					return false
				})
			}
			<-ctx.Done()
		}
		return n, nil
	})
	f := kills.Submit(within(t), w.ex, -1)
	for range deliveries {
		l := w.work(1, []executor.Definition{kills})
		links.Store(l, true)
		time.Sleep(7 * time.Second)
	}
	if another {
		w.work(1, []executor.Definition{kills})
	}
	_, err := f.Result(within(t))
	lost, ok := errors.AsType[*cluster.LostError](err)
	if !ok || !errors.Is(err, executor.ErrBroken) || lost.Deliveries != deliveries || lost.Once {
		t.Fatalf("got %v, want a *LostError after %d deliveries that is ErrBroken", err, deliveries)
	}
	if host, _ := os.Hostname(); deliveries > 1 && !strings.HasPrefix(lost.Worker, host+"/") {
		t.Errorf("it names the worker %q, want one of %s", lost.Worker, host)
	}
	if got := r.of(-1); got != deliveries {
		t.Errorf("it started %d times, want %d", got, deliveries)
	}
	if !another {
		w.work(1, []executor.Definition{kills})
	}
	if v, err := kills.Submit(within(t), w.ex, 1).Result(within(t)); v != 1 || err != nil {
		t.Errorf("another task: got %d, %v", v, err)
	}
}

// A task that must not run twice starts once, wherever its worker is lost.
func TestOnce(t *testing.T) {
	for _, tt := range []struct {
		name   string
		lose   func(l *link)
		starts int
		lost   bool
	}{
		{"before the claim", func(l *link) { l.tripOn(claims) }, 1, false},
		{"in the task", func(l *link) { l.cutFor(500*time.Millisecond, time.Hour) }, 1, true},
		{"before the result", func(l *link) { l.tripOn(answers) }, 1, true},
		{"before the acknowledgement", func(l *link) { l.tripOn(acknowledges) }, 1, false},
		{"not at all", func(*link) {}, 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var r starts
				task := sleeper(&r, 2*time.Second)
				all := []executor.Definition{task}
				w := newWorld(t, cluster.Config{Once: true})
				first := w.work(1, all)
				w.join(1)
				tt.lose(first)
				f := task.Submit(within(t), w.ex, 7)
				time.Sleep(time.Second)
				w.work(1, all)
				_, err := f.Result(within(t))
				lost, isLost := errors.AsType[*cluster.LostError](err)
				if isLost != tt.lost || isLost && (!lost.Once || lost.Worker == "") || !isLost && err != nil {
					t.Errorf("got %v, want a lost task: %t", err, tt.lost)
				}
				if got := r.of(7); got != tt.starts {
					t.Errorf("it started %d times, want %d", got, tt.starts)
				}
			})
		})
	}
}

// Answers of the stream that are lost make no task run twice, also if the
// results are late.
func TestLostAnswers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r starts
		task := sleeper(&r, 2*time.Second)
		w := newWorld(t, cluster.Config{})
		w.work(3, []executor.Definition{task})
		w.join(1)
		w.deafen(`_T","seq"`, `_R.`)
		time.AfterFunc(12*time.Second, func() { w.deafen(`_T","seq"`) })
		var fs []*executor.Future[int]
		for i := range 9 {
			fs = append(fs, task.Submit(within(t), w.ex, i))
		}
		for i, f := range fs {
			if v, err := f.Result(within(t)); v != i || err != nil || r.of(i) != 1 {
				t.Errorf("task %d: got %d, %v after %d starts", i, v, err, r.of(i))
			}
		}
	})
}

// However connections are cut, no task is lost and none ends twice. With Once
// none starts twice.
func TestFaultPlans(t *testing.T) {
	seeds := 60
	if testing.Short() {
		seeds = 6
	}
	for seed := range seeds {
		bubble(t, func(t *testing.T) { faultPlan(t, uint64(seed), seed%3 == 2) })
	}
}

var onePlan = flag.Uint64("plan", 0, "try the fault plan of this seed, and no other")

// TestThousandsOfFaultPlans is TestFaultPlans with seeds that differ from run
// to run: ten runs try two thousand. A failure names its seed, for -plan.
func TestThousandsOfFaultPlans(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	first, n := rand.Uint64N(1<<48), uint64(200)
	if *onePlan > 0 {
		first, n = *onePlan, 1
	}
	for seed := first; seed < first+n; seed++ {
		bubble(t, func(t *testing.T) { faultPlan(t, seed, seed%3 == 2) })
	}
}

// faultPlan runs tasks on workers whose connections are cut, and that of the
// coordinator too, as a function of the seed.
func faultPlan(t *testing.T, seed uint64, once bool) {
	const tasks = 40
	random := rand.New(rand.NewPCG(seed, 16))
	var r starts
	task := sleeper(&r, 1500*time.Millisecond)
	all := []executor.Definition{task}
	w := newWorld(t, cluster.Config{Deliveries: 100, Patience: time.Hour, Once: once})
	for range 3 {
		w.work(1+random.IntN(3), all)
	}
	w.join(3)
	for _, l := range append(w.workers, w.own) {
		for range random.IntN(4) {
			from, d := random.Int64N(int64(30*time.Second)), random.Int64N(int64(14*time.Second))
			l.cutFor(time.Duration(from), time.Duration(d))
		}
	}
	if random.IntN(2) == 0 {
		w.workers[0].tripOn([]func([]byte) bool{answers, acknowledges}[random.IntN(2)])
	}
	var mu sync.Mutex
	ended := map[int]int{}
	var fs []*executor.Future[int]
	for i := range tasks {
		f := task.Submit(within(t), w.ex, i)
		f.OnDone(func(*executor.Future[int]) {
			mu.Lock()
			defer mu.Unlock()
			ended[i]++
		})
		fs = append(fs, f)
	}
	for i, f := range fs {
		v, err := f.Result(within(t))
		_, isLost := errors.AsType[*cluster.LostError](err)
		if !(err == nil && v == i) && !(once && isLost) {
			t.Fatalf("seed %d: task %d: got %d, %v", seed, i, v, err)
		}
		if n := r.of(i); once && n > 1 || err == nil && n == 0 {
			t.Errorf("seed %d: task %d started %d times", seed, i, n)
		}
	}
	synctest.Wait() // callbacks are called after the waiters were woken
	mu.Lock()
	defer mu.Unlock()
	for i := range tasks {
		if ended[i] != 1 {
			t.Errorf("seed %d: task %d ended %d times", seed, i, ended[i])
		}
	}
}
