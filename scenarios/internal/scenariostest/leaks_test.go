package scenarios_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// ask sends a request and reports what came, with the body as it is.
func ask(ctx context.Context, c *http.Client, s *servers.Server, key string) (*http.Response, record.Seen) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URLFor(key, 1)+servers.FlagPath(key), nil)
	if err != nil {
		return nil, record.Seen{Class: record.Failed, Error: err.Error()}
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, record.Seen{Class: record.Failed, Error: err.Error()}
	}
	return resp, record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode}
}

// fetchAll is a client that closes what it opens.
func fetchAll(ctx context.Context, c *http.Client, s *servers.Server, key string) record.Seen {
	resp, seen := ask(ctx, c, s, key)
	if resp != nil {
		seen.Bytes, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	return seen
}

// own returns a client with a transport of its own.
func own(s *servers.Server) *http.Client {
	return &http.Client{Transport: s.Client().Transport.(*http.Transport).Clone()}
}

// A leaky is a client and what must be found of it.
type leaky struct {
	name   string
	clock  record.Clock // "" for both
	more   string       // of the scenario's workload
	faults string       // more of them
	server string       // more of the server
	want   string       // what the violation says, "" for none
	doubt  string       // what is inconclusive, "" for nothing
	// what is found ends by itself, for which the real clock has time
	patient bool
	// client returns the request function of one run
	client func(t *testing.T) scenarios.RequestFunc
}

// grace returns how long the real clock waits for what should end: what is
// never closed is found at once, and what ends by itself has the time that a
// busy machine needs. The virtual clock has the default.
func (l leaky) grace(clock record.Clock) string {
	switch {
	case clock == record.Virtual:
		return ""
	case l.want == "" && l.doubt == "", l.patient:
		return "expect: {leaks: {grace: 10m}}\n"
	}
	return "expect: {leaks: {grace: 100ms}}\n"
}

// every is a client that does something more in each task.
func every(more func(t *testing.T, s *servers.Server)) func(*testing.T) scenarios.RequestFunc {
	return func(t *testing.T) scenarios.RequestFunc {
		return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			more(t, s)
			return fetchAll(ctx, s.Client(), s, key)
		}
	}
}

// once is a client that does something more in the first five tasks.
func once(more func(t *testing.T, s *servers.Server)) func(*testing.T) scenarios.RequestFunc {
	return func(t *testing.T) scenarios.RequestFunc {
		tasks := make(chan int, 5)
		for range cap(tasks) {
			tasks <- 1
		}
		return every(func(t *testing.T, s *servers.Server) {
			select {
			case <-tasks:
				more(t, s)
			default:
			}
		})(t)
	}
}

// bodies is a client that forgets to close the bodies that which names.
func bodies(which func(*http.Response) bool) func(*testing.T) scenarios.RequestFunc {
	return func(t *testing.T) scenarios.RequestFunc {
		return func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
			for _, ctx := range scenarios.Attempts(ctx) {
				var resp *http.Response
				if resp, seen = ask(ctx, s.Client(), s, key); resp != nil && !which(resp) {
					seen.Bytes, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				if seen.Class.Outcome() != record.OutcomeError {
					break
				}
			}
			return seen
		}
	}
}

func forget(context.CancelFunc) {}

// leakies has every kind of leak beside the client that does it right.
var leakies = []leaky{
	{name: "nothing", client: every(func(*testing.T, *servers.Server) {})},
	{
		name: "a transport for each request", want: "20 connections left open where at most ",
		client: func(*testing.T) scenarios.RequestFunc {
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				return fetchAll(ctx, own(s), s, key)
			}
		},
	},
	{
		name: "a transport for each task of three requests", want: "20 connections left open where at most ",
		client: func(*testing.T) scenarios.RequestFunc {
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				c := own(s)
				fetchAll(ctx, c, s, key)
				fetchAll(ctx, c, s, key)
				return fetchAll(ctx, c, s, key)
			}
		},
	},
	{
		name: "a transport for each request that is closed",
		client: func(*testing.T) scenarios.RequestFunc {
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				c := own(s)
				defer c.CloseIdleConnections()
				return fetchAll(ctx, c, s, key)
			}
		},
	},
	{
		name: "a transport for all tasks that lives on",
		client: func(*testing.T) scenarios.RequestFunc {
			var c *http.Client
			var first sync.Once
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				first.Do(func() { c = own(s) })
				return fetchAll(ctx, c, s, key)
			}
		},
	},
	{
		name: "two transports for all tasks that live on",
		client: func(*testing.T) scenarios.RequestFunc {
			var c [2]*http.Client
			var first sync.Once
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				first.Do(func() { c = [2]*http.Client{own(s), own(s)} })
				fetchAll(ctx, c[0], s, key)
				return fetchAll(ctx, c[1], s, key)
			}
		},
	},
	{
		name: "bodies not closed", want: "20 response bodies not closed",
		client: bodies(func(*http.Response) bool { return true }),
	},
	{
		name: "bodies not closed, with a timeout", more: "timeout: 10s, ", want: "20 response bodies not closed",
		client: bodies(func(*http.Response) bool { return true }),
	},
	{
		name: "bodies not closed, with attempts", more: "timeout: 10s, attempts: 2, ",
		want:   "16 response bodies not closed",
		client: bodies(func(r *http.Response) bool { return r.StatusCode == http.StatusOK }),
	},
	{
		name: "bodies not closed after an error", want: "4 response bodies not closed",
		client: bodies(func(r *http.Response) bool { return r.StatusCode != http.StatusOK }),
	},
	{
		name: "one body not closed", want: "1 response body not closed",
		client: bodies(func(r *http.Response) bool { return strings.Contains(r.Request.URL.Path, "br") }),
	},
	{name: "every body closed", more: "timeout: 10s, ", client: bodies(func(*http.Response) bool { return false })},
	{
		name: "bodies closed unread",
		client: func(*testing.T) scenarios.RequestFunc {
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				resp, seen := ask(ctx, s.Client(), s, key)
				if resp != nil {
					resp.Body.Close()
				}
				return seen
			}
		},
	},
	{
		name: "a body whose context the client ends",
		client: func(*testing.T) scenarios.RequestFunc {
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				ctx, cancel := context.WithCancel(ctx)
				defer cancel()
				_, seen := ask(ctx, s.Client(), s, key)
				return seen
			}
		},
	},
	{
		name: "goroutines that wait for the end of their context", more: "timeout: 10s, ",
		client: func(*testing.T) scenarios.RequestFunc {
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				go func() { <-ctx.Done() }()
				return fetchAll(ctx, s.Client(), s, key)
			}
		},
	},
	{
		name: "goroutines that end soon",
		client: every(func(*testing.T, *servers.Server) {
			soon := make(chan int)
			go func() { <-soon }()
			time.AfterFunc(300*time.Millisecond, func() { close(soon) })
		}),
	},
	{
		name: "goroutines that end late", want: "20 goroutines left",
		client: every(func(t *testing.T, _ *servers.Server) {
			late := make(chan int)
			time.AfterFunc(time.Minute, func() { close(late) })
			go func() { <-late }()
		}),
	},
	{
		name: "calls of time.AfterFunc", clock: record.Virtual, want: "20 calls of time.AfterFunc pending",
		client: every(func(*testing.T, *servers.Server) { time.AfterFunc(time.Hour, func() {}) }),
	},
	{
		name: "a context with a timeout that is not cancelled", clock: record.Virtual,
		want: "20 calls of time.AfterFunc pending",
		client: func(*testing.T) scenarios.RequestFunc {
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
				forget(cancel)
				return fetchAll(limited, s.Client(), s, key)
			}
		},
	},
	{
		name: "calls of time.AfterFunc that are stopped", clock: record.Virtual,
		client: every(func(*testing.T, *servers.Server) { time.AfterFunc(time.Hour, func() {}).Stop() }),
	},
	{
		name: "goroutines that wait for tickers", want: "20 goroutines left",
		client: every(func(*testing.T, *servers.Server) {
			go func() {
				for range time.Tick(time.Minute) {
				}
			}()
		}),
	},
	{
		name:   "tickers that nothing waits for", // the garbage collector takes them
		client: every(func(*testing.T, *servers.Server) { time.NewTicker(time.Minute) }),
	},
	{
		name:   "tickers that are stopped",
		client: every(func(*testing.T, *servers.Server) { time.NewTicker(time.Minute).Stop() }),
	},
	{
		name:   "timers that are dropped",
		client: every(func(*testing.T, *servers.Server) { time.NewTimer(time.Hour); time.After(time.Hour) }),
	},
	{
		name: "open files", clock: record.Real, want: "5 file descriptors left open (5 × " + os.DevNull,
		client: once(func(t *testing.T, _ *servers.Server) {
			f, err := os.Open(os.DevNull)
			if err != nil {
				t.Error(err)
			}
			t.Cleanup(func() { f.Close() })
		}),
	},
	{
		name: "one open file", clock: record.Real, doubt: "1 file descriptor left open (1 × " + os.DevNull,
		client: func(t *testing.T) scenarios.RequestFunc {
			var first sync.Once
			return every(func(t *testing.T, _ *servers.Server) {
				first.Do(func() {
					f, err := os.Open(os.DevNull)
					if err != nil {
						t.Error(err)
					}
					t.Cleanup(func() { f.Close() })
				})
			})(t)
		},
	},
	{
		name: "files that are closed", clock: record.Real,
		client: every(func(t *testing.T, _ *servers.Server) {
			if f, err := os.Open(os.DevNull); err == nil {
				f.Close()
			}
		}),
	},
	{
		name: "sockets to the server", want: "5 connections left open that carried no request",
		client: once(func(t *testing.T, s *servers.Server) {
			c, err := s.Client().Transport.(*http.Transport).DialContext(context.Background(), "tcp", "")
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() {
				if _, memory := c.LocalAddr().(*net.TCPAddr); memory {
					c.Close()
				}
			})
		}),
	},
	{
		name: "sockets to elsewhere", clock: record.Real, want: "5 file descriptors left open (5 × socket)",
		client: once(func(t *testing.T, _ *servers.Server) {
			c, err := net.ListenPacket("udp", "127.0.0.1:0")
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { c.Close() })
		}),
	},
	{
		name: "a child process", clock: record.Real, want: "1 child process left (1 × sleep)",
		client: func(t *testing.T) scenarios.RequestFunc {
			var first sync.Once
			return every(func(t *testing.T, _ *servers.Server) {
				first.Do(func() {
					cmd := exec.Command("sleep", "600")
					if err := cmd.Start(); err != nil {
						t.Error(err)
						return
					}
					t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
				})
			})(t)
		},
	},
	{
		name: "child processes that have ended", clock: record.Real,
		client: once(func(t *testing.T, _ *servers.Server) {
			if err := exec.Command("true").Run(); err != nil {
				t.Error(err)
			}
		}),
	},
}

// TestLeaks runs each client under its clocks. A fifth of the requests gets an
// error.
func TestLeaks(t *testing.T) {
	for _, tt := range slices.Concat(leakies, lateBodies, withoutConnections(lateBodies), elsewheres, behind) {
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			if tt.clock != "" && tt.clock != clock || clock == record.Real && runtime.GOOS != "linux" {
				continue
			}
			t.Run(fmt.Sprintf("%s/%s", tt.name, clock), func(t *testing.T) {
				rec := leaking(t, tt, clock)
				var got, doubt []string
				for _, v := range rec.Violations {
					got = append(got, v.Check+": "+v.Got)
				}
				for _, v := range rec.Inconclusive {
					doubt = append(doubt, v.Check+": "+v.Got)
				}
				spoken(t, "violations", got, tt.want)
				if clock == record.Real && tt.clock == "" && tt.want+tt.doubt == "" {
					// A late machine may not see who closed a body, as the
					// virtual clock does. No other doubt is its doing.
					doubt = slices.DeleteFunc(doubt, func(said string) bool {
						return strings.Contains(said, "and closed by a timer or a timeout")
					})
				}
				if clock == record.Real && tt.doubt == "" {
					// net/http dials while it waits for a connection that is in
					// use, and a late machine may not have closed what it no
					// longer needed.
					doubt = slices.DeleteFunc(doubt, func(said string) bool {
						return strings.HasPrefix(said, "leaks: 1 connection left open that carried no request")
					})
				}
				spoken(t, "doubts", doubt, tt.doubt)
				if told := rec.ConnectionsOpened > 0 && rec.ConnectionsPeak > 0; told != (clock == record.Real) {
					t.Errorf("%d connections opened, at most %d at once", rec.ConnectionsOpened, rec.ConnectionsPeak)
				}
				if err := rec.Validate(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// spoken wants one text that begins as wanted, or none.
func spoken(t *testing.T, what string, got []string, want string) {
	t.Helper()
	if want == "" && len(got) == 0 || want != "" && len(got) == 1 && strings.Contains(got[0], "leaks: ") &&
		strings.Contains(got[0], want) {
		return
	}
	t.Errorf("%s: got %q, want %q", what, got, want)
}

// leaking runs a client.
func leaking(t *testing.T, l leaky, clock record.Clock) *record.Recording {
	t.Helper()
	client := l.client(t)
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"mine": scenarios.RequestWorkload(client)}}
	return ran(t, v, fmt.Sprintf(`
name: leaks
clock: %s
server: {%slatency: "uniform(1ms, 20ms)", faults: [{kind: status, status: 503, every: 5}%s]}
workload: {%stask: mine, flags: top20}
executors: [{kind: pool, workers: 4}]
%s`, clock, l.server, l.faults, l.more, l.grace(clock)))
}

// TestTransportsOnWidePools has a transport for each request where many of them
// run at once: what can be known of it is said, and a shared one is not blamed.
func TestTransportsOnWidePools(t *testing.T) {
	for _, shared := range []bool{false, true} {
		var one *http.Transport
		var mu sync.Mutex
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(
			func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				mu.Lock()
				tr := one
				if tr == nil || !shared {
					tr = s.Client().Transport.(*http.Transport).Clone()
					tr.MaxIdleConnsPerHost = 100
					one = tr
				}
				mu.Unlock()
				seen, _ := plainly(ctx, &http.Client{Transport: tr}, s.URL()+servers.FlagPath(key))
				return seen
			})}}
		for workers, want := range map[int]string{
			3: ":leaks", 5: ":leaks", 8: ":leaks", 10: ":leaks?", 20: "",
		} {
			one = nil
			s := parsed(t, v, fmt.Sprintf("name: wide\nclock: virtual\nserver: {latency: 20ms}\n"+
				"workload: {task: fetch, flags: top20}\nexecutors: [{kind: pool, workers: %d}]\n", workers))
			if shared {
				want = ""
			}
			got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
			if got != fmt.Sprintf("pool/%d%s", workers, want) {
				t.Errorf("shared %v, %d workers: got %s: %v %v", shared, workers, got, recs[0].Violations,
					recs[0].Inconclusive)
			}
		}
	}
}
