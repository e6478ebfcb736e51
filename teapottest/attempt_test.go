package teapottest_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
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
