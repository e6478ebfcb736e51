package harness_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

// childVariable makes the test binary wait for the end of its input.
const childVariable = "TEAPOT_TEST_WAIT"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	os.Exit(m.Run())
}

// silentServer accepts connections and never answers.
func silentServer(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
		}
	}()
	return l.Addr().String()
}

// TestStandstill has tasks that stop the virtual clock. Each run must end, name
// the task's function, and leave the process fit for other runs.
func TestStandstill(t *testing.T) {
	once(t)
	const lock, probably = "a lock held across a wait", ", probably by "
	for _, tt := range []struct {
		name string
		task func(t *testing.T) func() // is called outside the run; the function it returns within
		want string
	}{
		{"mutex", func(*testing.T) func() {
			var mu sync.Mutex
			return func() { mu.Lock(); defer mu.Unlock(); time.Sleep(time.Second) }
		}, lock + probably},
		{"mutex held outside", func(t *testing.T) func() {
			var mu sync.Mutex
			mu.Lock()
			t.Cleanup(mu.Unlock)
			return func() { mu.Lock(); defer mu.Unlock() }
		}, "a lock held across a wait or outside the run"},
		{"rwmutex", func(*testing.T) func() {
			var mu sync.RWMutex
			return func() { mu.Lock(); defer mu.Unlock(); time.Sleep(time.Second) }
		}, lock + probably},
		{"rwmutex for reading", func(*testing.T) func() {
			var mu sync.RWMutex
			var first sync.Once
			return func() {
				first.Do(func() { mu.Lock() })
				mu.RLock()
			}
		}, "a lock held across a wait or outside the run"},
		{"once", func(*testing.T) func() {
			var once sync.Once
			return func() { once.Do(func() { time.Sleep(time.Second) }) }
		}, "a sync.Once held across a wait" + probably},
		{"receive from a channel from outside", func(*testing.T) func() {
			c := make(chan int)
			return func() { <-c }
		}, "a channel from outside the run"},
		{"send to a channel from outside", func(*testing.T) func() {
			c := make(chan int)
			return func() { c <- 1 }
		}, "a channel from outside the run"},
		{"wait group from outside", func(t *testing.T) func() {
			var all sync.WaitGroup
			all.Add(1)
			return func() { all.Wait() }
		}, "something outside the run"},
		{"real socket", func(t *testing.T) func() {
			address := silentServer(t)
			return func() {
				c, err := net.Dial("tcp", address)
				if err == nil {
					defer c.Close()
					_, _ = bufio.NewReader(c).ReadByte()
				}
			}
		}, "a real socket"},
		{"client of a real server", func(t *testing.T) func() {
			address := silentServer(t)
			return func() {
				if resp, err := http.Get("http://" + address); err == nil {
					_ = resp.Body.Close()
				}
			}
		}, "a real socket"},
		{"another process", func(t *testing.T) func() {
			return func() {
				_ = lasting(t).Run()
			}
		}, "another process"},
		{"output of another process", func(t *testing.T) func() {
			return func() {
				_, _ = lasting(t).CombinedOutput()
			}
		}, "another process"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			task := tt.task(t)
			tr := trial(record.Virtual)
			tr.Stall = 100 * time.Millisecond
			tr.Workload = sleeper(constant(time.Second), func(context.Context, string) { task() })
			rec, got := caught(t, tr)
			if got != "" {
				t.Errorf("the client is accused: %s", got)
			}
			t.Log(rec.Limit)
			why, remedy, _ := strings.Cut(rec.Limit, ": ")
			const head = "cannot be judged under the virtual clock, "
			const place = "github.com/teapot-go/teapot/harness_test.TestStandstill.func"
			if !strings.HasPrefix(why, head+place) || !strings.Contains(why, "(standstill_test.go:") ||
				!strings.Contains(why, " waits for "+tt.want) || !strings.HasSuffix(remedy, "use clock: real") {
				t.Errorf("the limit is %q, want %s", rec.Limit, tt.want)
			}
			if _, unsure := checks.Judge(rec, everything, ""); len(unsure) != 1 {
				t.Errorf("%d findings are inconclusive, want 1", len(unsure))
			}
			for _, clock := range []record.Clock{record.Virtual, record.Real} {
				if rec, got := caught(t, trial(clock)); got != "" || rec.Limit != "" {
					t.Errorf("a later run under the %s clock: caught by %q, limit %q", clock, got, rec.Limit)
				}
			}
		})
	}
}

// TestMisuse has tasks that do what the virtual clock does not allow, or cannot
// see through. The client is not accused of that.
func TestMisuse(t *testing.T) {
	for name, tt := range map[string]struct {
		task func(*testing.T) func()
		want string
	}{
		"a condition that a worker outside may signal": {func(t *testing.T) func() {
			jobs := make(chan int)
			t.Cleanup(func() { close(jobs) })
			go func() {
				for range jobs { // never comes to signal
				}
			}()
			c := sync.NewCond(new(sync.Mutex))
			return func() { c.L.Lock(); defer c.L.Unlock(); c.Wait() }
		}, " waits for a sync.Cond, which a goroutine outside the run may signal: use clock: real"},
		"a bubble of its own": {func(t *testing.T) func() {
			return func() { synctest.Test(t, func(*testing.T) {}) }
		}, "synctest.Run called from within a synctest bubble: use clock: real"},
	} {
		t.Run(name, func(t *testing.T) {
			task := tt.task(t)
			tr := trial(record.Virtual)
			tr.Workload = sleeper(constant(time.Second), func(context.Context, string) { task() })
			rec, got := caught(t, tr)
			if got != "" || !strings.Contains(rec.Limit, "harness_test.TestMisuse.func") ||
				!strings.HasSuffix(rec.Limit, tt.want) {
				t.Errorf("caught by %q, limit %q, want %s", got, rec.Limit, tt.want)
			}
		})
	}
}

// TestStandstillSpoils runs tasks that want a lock which a run holds that has
// been given up. The client is not accused of that.
func TestStandstillSpoils(t *testing.T) {
	once(t)
	var mu sync.Mutex
	task := func(context.Context, string) { mu.Lock(); defer mu.Unlock(); time.Sleep(time.Millisecond) }
	for i, clock := range []record.Clock{record.Virtual, record.Virtual, record.Real} {
		tr := trial(clock)
		tr.Stall, tr.Deadline = 100*time.Millisecond, 100*time.Millisecond
		tr.Workload = sleeper(constant(time.Millisecond), task)
		rec, got := caught(t, tr)
		if got != "" {
			t.Errorf("run %d: the client is accused: %s", i, got)
		}
		want := "that an earlier run may hold, which was given up: run it alone"
		if i == 0 {
			want = ": use clock: real"
		}
		if !strings.Contains(rec.Limit, want) {
			t.Errorf("run %d: the limit is %q, want %s", i, rec.Limit, want)
		}
	}
}

// TestShortWaits has tasks that wait for a lock, or for something outside the
// run, that comes by itself.
func TestShortWaits(t *testing.T) {
	var mu sync.Mutex
	requests, answers := make(chan int), make(chan int)
	go func() {
		for i := range requests {
			answers <- i
		}
		close(answers)
	}()
	defer close(requests)
	var l net.Listener
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = fmt.Fprintln(c, "hello")
			_ = c.Close()
		}
	}()
	tr := trial(record.Virtual)
	tr.Workload = sleeper(constant(time.Second), func(context.Context, string) {
		mu.Lock()
		defer mu.Unlock()
		requests <- 1
		<-answers
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.Copy(io.Discard, c)
		_ = c.Close()
	})
	if rec, got := caught(t, tr); got != "" || rec.Limit != "" {
		t.Errorf("caught by %q, limit %q", got, rec.Limit)
	}
}

// TestEndlessWork never ends a task and never waits.
func TestEndlessWork(t *testing.T) {
	tr := trial(record.Virtual)
	tr.Stall = time.Millisecond
	done := make(chan struct{})
	defer close(done)
	tr.Workload = sleeper(constant(time.Second), func(_ context.Context, key string) { spin(done) })
	rec, got := caught(t, tr)
	if got != "" || !strings.Contains(rec.Limit, "harness_test.spin (standstill_test.go:") ||
		!strings.HasSuffix(rec.Limit, "computing takes no virtual time: use clock: real") {
		t.Errorf("caught by %q, limit %q", got, rec.Limit)
	}
}

// lasting is this program as a child that ends only with the test.
func lasting(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Error(err)
	}
	t.Cleanup(func() { _ = in.Close() })
	return cmd
}

// spoilt names the tests that have left a run behind which was given up. Its
// goroutines stay for as long as the process, and a later run that waits in the
// same functions says so instead.
var spoilt sync.Map

// once skips a test that this process has run before.
func once(t *testing.T) {
	t.Helper()
	if _, before := spoilt.LoadOrStore(t.Name(), true); before {
		t.Skip("what it leaves behind would be seen")
	}
}

func spin(done <-chan struct{}) {
	for n := 0; ; n++ {
		select {
		case <-done:
			return
		default:
			_ = n // computes, and waits for nothing
		}
	}
}
