package teapottest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/teapottest"
)

// A trial is a test that Check fails or passes, of which no test of this
// package follows.
type trial struct {
	testing.TB
	mu     sync.Mutex
	errors []string
}

func (t *trial) Helper() {}

func (t *trial) Errorf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errors = append(t.errors, fmt.Sprintf(format, args...))
}

func (t *trial) Fatal(args ...any) {
	t.Errorf("%s", fmt.Sprint(args...))
	runtime.Goexit()
}

// checked returns what Check says of a client.
func checked(t *testing.T, scenario string, do func(context.Context, *http.Client, string) error) string {
	t.Helper()
	return said(t, func(t testing.TB) { teapottest.Check(t, scenario, do) })
}

// said returns what a check says of a client.
func said(t *testing.T, check func(testing.TB)) string {
	tried := &trial{TB: t}
	over := make(chan struct{})
	go func() {
		defer close(over)
		check(tried)
	}()
	<-over
	return strings.Join(tried.errors, "\n")
}

// get is a client that makes no mistake.
func get(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s", resp.Status)
	}
	return nil
}

// worlds are scenarios with one thing that goes wrong.
var worlds = map[string]string{
	"nothing":  "",
	"status":   "server: {latency: 50ms, faults: [{kind: status, status: 503, rate: 0.2}]}",
	"404":      "server: {faults: [{kind: status, status: 404, rate: 0.2}]}",
	"truncate": "server: {latency: \"uniform(1ms, 5s)\", faults: [{kind: truncate, rate: 0.2}]}",
	"reset":    "server: {faults: [{kind: reset, rate: 0.2}]}",
	"refuse":   "server: {faults: [{kind: refuse, rate: 0.2}]}",
	"garbage":  "server: {faults: [{kind: garbage, rate: 0.2}]}",
	"type":     "server: {faults: [{kind: wrong_type, rate: 0.2}]}",
	"type, attempts": "server: {faults: [{kind: wrong_type, rate: 0.5}]}\n" +
		"workload: {task: check, flags: top20, attempts: 3}",
	"hang": "server: {faults: [{kind: hang, rate: 0.2}]}\nworkload: {task: check, flags: top20, timeout: 1s}",
	"loop": "server: {faults: [{kind: redirect_loop, rate: 0.2}]}",
	"real": "clock: real\nserver: {faults: [{kind: status, status: 500, rate: 0.2}]}",
	"routes": "server: {content: {routes: [{path: /items/{id}, json: [1]}]}, faults: [{kind: truncate, rate: 0.5}]}\n" +
		"workload: {task: check, keys: [/items/1, /items/2, /items/3, /nothing]}",
	"two executors": "executors: [{kind: sequential}, {kind: async}]",
}

// TestRight: a client that makes no mistake passes, whatever goes wrong.
func TestRight(t *testing.T) {
	for name, world := range worlds {
		world = strings.ReplaceAll(world, "path: /items/{id}", `path: "/items/{id}"`)
		if said := checked(t, world, get); said != "" {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// TestWrong: a mistake is found where the world brings it out.
func TestWrong(t *testing.T) {
	for name, test := range map[string]struct {
		world string
		do    func(context.Context, *http.Client, string) error
		want  string
	}{
		"a lost status": {"status", func(ctx context.Context, client *http.Client, url string) error {
			_ = get(ctx, client, url)
			return nil
		}, "classification"},
		"a lost end": {"truncate", func(ctx context.Context, client *http.Client, url string) error {
			if err := get(ctx, client, url); err != io.ErrUnexpectedEOF {
				return err
			}
			return nil
		}, "classification"},
		"an error that was not there": {"nothing", func(ctx context.Context, client *http.Client, url string) error {
			_ = get(ctx, client, url)
			return io.EOF
		}, "classification"},
		"no request": {"nothing", func(context.Context, *http.Client, string) error { return nil }, "no request"},
		"a body that is not closed": {"nothing", func(ctx context.Context, client *http.Client, url string) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			if err != nil {
				return err
			}
			_, err = client.Do(req)
			return err
		}, "leaks"},
		"a goroutine": {"nothing", func(ctx context.Context, client *http.Client, url string) error {
			go func() { <-make(chan struct{}) }()
			return get(ctx, client, url)
		}, "leaks"},
		"too many attempts": {
			"server: {faults: [{kind: status, status: 503, rate: 0.5}]}\n" +
				"workload: {task: check, flags: top20, attempts: 2}",
			func(ctx context.Context, client *http.Client, url string) (err error) {
				for range 5 {
					if err = get(ctx, client, url); err == nil {
						break
					}
				}
				return err
			}, "retries",
		},
		"not YAML":   {"server: {", get, "unbalanced braces"},
		"a mistake":  {"sever: {}", get, "did you mean server?"},
		"other task": {"workload: {task: fetch, flags: all}", get, `"fetch"`},
		"a batch": {
			"workload: {batch: check, flags: all}", get,
			"workload.batch: Check calls a function for each URL: call CheckBatch for a whole program",
		},
		"built-in task": {
			"workload: {task: download, flags: all}", get,
			"workload.task: download does not call the code under test: want check",
		},
	} {
		world, known := worlds[test.world]
		if !known {
			world = test.world
		}
		if said := checked(t, world, test.do); !strings.Contains(said, test.want) {
			t.Errorf("%s: got %q, want %q", name, said, test.want)
		}
	}
}

// TestMarks: a request that is built without the context of its task is the
// task's all the same.
func TestMarks(t *testing.T) {
	const world = "server: {latency: 1s, faults: [{kind: status, status: 503, rate: 0.3}]}\n" +
		"workload: {task: check, keys: [BR, BR, BR, BR, BR, BR, BR, BR, BR, BR]}"
	if said := checked(t, world, func(_ context.Context, client *http.Client, url string) error {
		return get(context.Background(), client, url)
	}); said != "" {
		t.Error(said)
	}
}

// TestClone: code that clones the transport of the client once, for settings of
// its own, passes. Code that does so each time is told what it leaves.
func TestClone(t *testing.T) {
	var once sync.Once
	var own *http.Client
	for each, want := range map[bool]string{false: "", true: "connections left open"} {
		once = sync.Once{}
		const world = "server: {latency: 1ms}"
		if said := checked(t, world, func(ctx context.Context, client *http.Client, url string) error {
			clone := func() { own = &http.Client{Transport: client.Transport.(*http.Transport).Clone()} }
			if !each {
				once.Do(clone)
				return get(ctx, own, url)
			}
			own := &http.Client{Transport: client.Transport.(*http.Transport).Clone()}
			return get(ctx, own, url)
		}); (said == "") != (want == "") || !strings.Contains(said, want) {
			t.Errorf("each time %v: got %q, want %q", each, said, want)
		}
	}
}

// TestWords: what Check says of a client can be read without knowing more.
func TestWords(t *testing.T) {
	said := checked(t, "server: {latency: 1ms, faults: [{kind: status, status: 503, keys: [BR]}]}",
		func(ctx context.Context, client *http.Client, url string) error {
			if strings.Contains(url, "/br") {
				return nil
			}
			if err := get(ctx, client, url); err != nil {
				return err
			}
			if strings.Contains(url, "/de") {
				return errors.New("no room")
			}
			return nil
		})
	want := "pool/10: classification:\n" +
		"        got  BR ok, DE failed (no room)\n" +
		"        want BR status (no request came), DE ok"
	if !strings.HasPrefix(said, want) {
		t.Errorf("got\n%s\nwant\n%s", said, want)
	}
}

// TestBatch: a program that has a pool of its own passes, and one that loses a
// key does not.
func TestBatch(t *testing.T) {
	for _, test := range []struct{ lose, want string }{
		{"", ""},
		{"BR", "got  BR never delivered"},
	} {
		program := downloading(10, false, func(key string) bool { return key != test.lose })
		said := said(t, func(t testing.TB) { teapottest.CheckBatch(t, worlds["truncate"], program) })
		if (said == "") != (test.want == "") || !strings.Contains(said, test.want) {
			t.Errorf("got %q, want %q", said, test.want)
		}
	}
}

// downloading is a program that downloads so many keys at once, and reports
// those of which tell is true, in their order or as they end.
func downloading(workers int, inOrder bool, tell func(key string) bool) harness.Batch {
	return func(ctx context.Context, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
		slots, running := make(chan struct{}, workers), sync.WaitGroup{}
		before := make(chan struct{})
		close(before)
		for _, key := range keys {
			slots <- struct{}{}
			ready, done := before, make(chan struct{})
			before = done
			running.Go(func() {
				defer close(done)
				seen := scenarios.Downloader{}.Download(ctx, s, key, 1)
				<-slots
				if inOrder {
					<-ready
				}
				if tell(key) {
					emit(key, seen)
				}
			})
		}
		running.Wait()
		return nil
	}
}

// TestGoexit: a client that calls t.FailNow, under either clock, is told what
// it has done and what to do instead.
func TestGoexit(t *testing.T) {
	const want = "runtime.Goexit, as t.FailNow does"
	for _, clock := range []string{"virtual", "real"} {
		scenario := "clock: " + clock + "\nworkload: {task: check, flags: [BR]}\n"
		found := checked(t, scenario, func(context.Context, *http.Client, string) error {
			runtime.Goexit()
			return nil
		})
		if !strings.Contains(found, want+": return an error instead") {
			t.Errorf("%s: got %s, want %s", clock, found, want)
		}
	}
	tried, over := &trial{TB: t}, make(chan struct{})
	go func() {
		defer close(over)
		teapottest.CheckBatch(tried, "workload: {batch: check, flags: [BR]}\n",
			func(context.Context, *servers.Server, []string, func(string, record.Seen)) error {
				runtime.Goexit()
				return nil
			})
	}()
	<-over
	if found := strings.Join(tried.errors, "\n"); !strings.Contains(found, want+"; return an error instead") {
		t.Errorf("a batch: got %s, want %s", found, want)
	}
}

// TestOneURL has a client that makes up to three attempts at the URL that it
// was given, and one that makes no other, where no request gets through. Only
// that one gives up too early. A server does not see that a client with a
// transport of its own tries again.
func TestOneURL(t *testing.T) {
	own := &http.Transport{}
	defer own.CloseIdleConnections()
	foreign := &http.Client{Transport: own}
	times := func(n int, other *http.Client) func(context.Context, *http.Client, string) error {
		return func(ctx context.Context, client *http.Client, url string) (err error) {
			if other != nil {
				client = other
			}
			for range n {
				if err = get(ctx, client, url); err == nil {
					break
				}
			}
			return err
		}
	}
	for _, test := range []struct {
		name, clock, kind string
		do                func(context.Context, *http.Client, string) error
		want              string
	}{
		{"three attempts", "virtual", "refuse", times(3, nil), ""},
		{"three attempts", "real", "refuse", times(3, nil), ""},
		{"three attempts", "virtual", "close", times(3, nil), ""},
		{"three attempts", "real", "close", times(3, nil), ""},
		{"one", "virtual", "refuse", times(1, nil), "8 × refused (client gave up): "},
		{"one", "real", "refuse", times(1, nil), "8 × refused (client gave up): "},
		{"three attempts, unseen", "real", "refuse", times(3, foreign), "inconclusive: 14 of 20 tasks"},
	} {
		got := checked(t, "clock: "+test.clock+"\nserver: {faults: [{kind: "+test.kind+", rate: 0.7}]}\n"+
			"workload: {task: check, flags: top20, retry: {attempts: 3}}", test.do)
		if test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s, %s, %s: got %s, want %q", test.name, test.clock, test.kind, got, test.want)
		}
	}
}
