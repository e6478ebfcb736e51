package teapottest_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// A job is what a worker of the whole program does for a request.
type job struct {
	do   func() error
	done chan error
}

var (
	jobs   = make(chan job)
	worker = sync.OnceFunc(func() {
		go func() {
			for j := range jobs {
				j.done <- j.do()
			}
		}()
	})
	alone sync.Mutex
	turns = sync.OnceValue(func() chan struct{} { return make(chan struct{}, 100) })
)

// TestWholeProgram has code that uses what is of the whole program. No such
// code ends the test's process: it is told what to do, or has the real clock.
func TestWholeProgram(t *testing.T) {
	const world = "server: {latency: 1ms}\nworkload: {task: check, flags: top20}\n"
	handed := func(ctx context.Context, client *http.Client, url string) error {
		j := job{func() error { return get(ctx, client, url) }, make(chan error, 1)}
		jobs <- j
		return <-j.done
	}
	locked := func(ctx context.Context, client *http.Client, url string) error {
		alone.Lock()
		defer alone.Unlock()
		return get(ctx, client, url)
	}
	// the first run starts what is of the whole program
	starting := func(ctx context.Context, client *http.Client, url string) error {
		turns() <- struct{}{}
		defer func() { <-turns() }()
		return get(ctx, client, url)
	}
	for _, test := range []struct {
		name, clock string
		do          func(context.Context, *http.Client, string) error
		want        string
	}{
		{"a lock", "auto", locked, ""},
		{"a channel", "auto", starting, ""},
		{"a channel (2)", "auto", starting, ""},
		{"a worker (1)", "virtual", handed, "use clock: real"},
		{"a worker", "", handed, "use clock: real"},
		{"a worker", "auto", handed, ""},
		{"a worker", "real", handed, ""},
		{"nothing, beside a worker", "virtual", get, ""},
	} {
		t.Run(test.name+" "+test.clock, func(t *testing.T) {
			if strings.Contains(test.name, "worker") {
				worker()
			}
			text := world
			if test.clock != "" {
				text += "clock: " + test.clock + "\n"
			}
			calls, mu := 0, sync.Mutex{}
			said := checked(t, text, func(ctx context.Context, client *http.Client, url string) error {
				mu.Lock()
				calls++
				mu.Unlock()
				return test.do(ctx, client, url)
			})
			if (said == "") != (test.want == "") || !strings.Contains(said, test.want) || strings.Contains(said, "\n") {
				t.Errorf("got %q, want %q in one line", said, test.want)
			}
			if (calls == 20) != (test.want == "") { // the code runs in this process if it can be judged
				t.Errorf("%d calls", calls)
			}
		})
	}
}

// lazy returns code whose first call makes a channel for all, as a client does
// that counts its requests under way, and that leaves a timer or not.
func lazy(leaves bool) func(context.Context, *http.Client, string) error {
	made := sync.OnceValue(func() chan struct{} { return make(chan struct{}, 100) })
	return func(ctx context.Context, client *http.Client, url string) error {
		made() <- struct{}{}
		defer func() { <-made() }()
		if leaves {
			time.AfterFunc(time.Hour, func() {})
		}
		return get(ctx, client, url)
	}
}

// TestLazy has code that can run once in a process. It is judged by one run,
// whatever else the process does, and does not end the process by another.
func TestLazy(t *testing.T) {
	const several, seeds = "executors: [{kind: pool, workers: 2}, {kind: async}]\n", "hunt: {seeds: 3}\n"
	const one, twice = "have each call of the client make", "use clock: real"
	for _, test := range []struct {
		name, text   string
		leaves, busy bool
		want         string
	}{
		{"one run", "", false, false, ""},
		{"one run beside others", "", false, true, ""},
		{"one run, a timer", "", true, false, one},
		{"several executors", several, false, false, twice},
		{"several executors, the real clock", several + "clock: real\n", false, false, ""},
		{"several executors, either clock", several + "clock: auto\n", false, false, ""},
		{"several worlds", seeds, false, false, twice},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.busy {
				defer busy()()
			}
			said := checked(t, "server: {latency: 1ms}\nworkload: {task: check, flags: top20}\n"+test.text,
				lazy(test.leaves))
			if (said == "") != (test.want == "") || !strings.Contains(said, test.want) {
				t.Errorf("got %q, want %q", said, test.want)
			}
		})
	}
}

// busy starts goroutines all the time, until its result is called.
func busy() (end func()) {
	stop := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				all.Go(func() {})
			}
		}
	})
	return func() { close(stop); all.Wait() }
}
