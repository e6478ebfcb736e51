package scenarios_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

const three = `name: three
clock: virtual
server: {latency: 20ms}
workload: {task: fetch, flags: [BR, CN, US]}
executors: [{kind: pool, workers: 2}]
`

// fetching is a vocabulary whose task fetch sends requests with a client.
func fetching(request scenarios.RequestFunc) scenarios.Vocabulary {
	return scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(request)}}
}

// get fetches a flag with a client and reports what it gets.
func get(ctx context.Context, c *http.Client, s *servers.Server, key string) record.Seen {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+servers.FlagPath(key), nil)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	resp, err := c.Do(req)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	return record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode, Bytes: n}
}

// TestOwnClient has clients that the in-memory server cannot see, as they are
// not built on its own. They are not accused, unless they report what they
// cannot know.
func TestOwnClient(t *testing.T) {
	const limit = "cannot be judged under the virtual clock, no request reached the in-memory server: " +
		"build the client on server.Client(), or use clock: real"
	for _, tt := range []struct {
		name    string
		request scenarios.RequestFunc
		limit   string
		wrong   bool
	}{
		{"the server's", func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			return get(ctx, s.Client(), s, key)
		}, "", false},
		{"net/http's default", func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			return get(ctx, http.DefaultClient, s, key)
		}, limit, false},
		{"with a timeout", func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			return get(ctx, &http.Client{Timeout: time.Second, Transport: &http.Transport{}}, s, key)
		}, limit, false},
		{"that follows a proxy", func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			return get(ctx, &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}}, s, key)
		}, limit, false},
		{"that says refused", func(_ context.Context, s *servers.Server, key string, _ int) record.Seen {
			c, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
			if err == nil {
				_, _ = bufio.NewReader(c).ReadByte()
				_ = c.Close()
			}
			return record.Seen{Class: record.Refused}
		}, limit, false},
		{"for one key only", func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			if key == "CN" {
				return get(ctx, http.DefaultClient, s, key)
			}
			return get(ctx, s.Client(), s, key)
		}, limit, false},
		{"that gives up before it asks", func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			ctx, cancel := context.WithCancelCause(ctx)
			cancel(errors.New("out of tea"))
			return get(ctx, s.Client(), s, key)
		}, "", true},
		{"that asks nothing and reports ok", func(context.Context, *servers.Server, string, int) record.Seen {
			return record.Seen{Class: record.OK}
		}, "", true},
		{"that asks nothing and reports a failure", func(context.Context, *servers.Server, string, int) record.Seen {
			return record.Seen{Class: record.Failed, Error: "out of tea"}
		}, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := fetching(tt.request)
			s := parsed(t, v, three)
			rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
			if err != nil {
				t.Fatal(err)
			}
			accused, unsure := len(rec.Violations) > 0, len(rec.Inconclusive) > 0
			if rec.Limit != tt.limit || accused != tt.wrong || unsure != (tt.limit != "") {
				t.Errorf("limit %q, violations %v, inconclusive %v", rec.Limit, rec.Violations, rec.Inconclusive)
			}
		})
	}
}

// TestAuto runs scenarios whose clock is auto under the clock that can carry
// them out.
func TestAuto(t *testing.T) {
	const edit, under = "clock: auto", "clock: auto: the run is under the real clock: "
	for _, tt := range []struct {
		name    string
		edit    []string
		clock   record.Clock
		warning string
	}{
		{"a client of the server's", nil, record.Virtual, ""},
		{
			"a client of its own",
			[]string{"task: fetch", "task: own"},
			record.Real,
			under + "cannot be judged under the virtual clock, no request reached the in-memory server",
		},
		{"a lock held across a wait", []string{"task: fetch", "task: lock"}, record.Real, under +
			"cannot be judged under the virtual clock, " +
			"github.com/teapot-go/teapot/scenarios/internal/scenariostest_test.init.func"},
		{"a wrong client", []string{"task: fetch", "task: wrong"}, record.Virtual, ""},
		{"processor time", []string{
			"task: fetch, flags: [BR, CN, US]", "task: prime, keys: [7]", "server: {latency: 20ms}\n", "",
		}, record.Real, under + "the virtual clock does not measure CPU time"},
		{
			"percentiles",
			[]string{"kind: pool, workers: 2}]", "kind: pool, workers: 2}]\nexpect: {p50: \"<= 21ms\"}"},
			record.Virtual, "",
		},
		{"percentiles of a client of its own", []string{
			"task: fetch", "task: own",
			"kind: pool, workers: 2}]", "kind: pool, workers: 2}]\nexpect: {p50: \"<= 21ms\"}",
		}, record.Real, "expect.p50 not judged: under the real clock, times depend on the machine"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &scenarios.Runner{
				Vocabulary: isolated, Isolate: true,
				Reproduce: func(c scenarios.Case) string { return c.CommandLine("mine") },
			}
			for _, s := range []*scenarios.Scenario{
				parsed(t, isolated, three, append(tt.edit, "clock: virtual", edit)...),
				parsed(t, isolated, three, append(tt.edit, "clock: virtual", edit)...).With(scenarios.Auto, nil),
			} {
				rec, err := r.Run(t.Context(), s.Cases()[0])
				if err != nil {
					t.Fatal(err)
				}
				warnings := strings.Join(rec.Warnings, "\n")
				told := strings.Contains(warnings, tt.warning) && (warnings == "") == (tt.warning == "")
				if rec.Clock != tt.clock || !told {
					t.Errorf("the %s clock with the warnings %q, want %s and %q", rec.Clock, warnings, tt.clock,
						tt.warning)
				}
				wrong := strings.Contains(tt.name, "wrong")
				if len(rec.Inconclusive) > 0 || wrong != (len(rec.Violations) > 0) {
					t.Errorf("violations %v, inconclusive %v", rec.Violations, rec.Inconclusive)
				}
				if want := "--clock " + string(tt.clock); !strings.Contains(rec.Reproduce, want) {
					t.Errorf("reproduced by %s, want %s", rec.Reproduce, want)
				}
			}
		})
	}
}

// TestAutoSpoilt runs a task that holds a lock of the whole program across a
// wait, in this process. The run under the virtual clock keeps the lock for
// ever, so that the one under the real clock cannot be judged either, and alone
// it never is. That is found before the wait is announced, as for a deadlock.
func TestAutoSpoilt(t *testing.T) {
	var lock sync.Mutex
	v := fetching(func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		lock.Lock()
		defer lock.Unlock()
		return get(ctx, s.Client(), s, key)
	})
	r := &scenarios.Runner{Vocabulary: v, Hung: func(_ scenarios.Case, said string) { t.Error(said) }}
	rec, err := r.Run(t.Context(), parsed(t, v, three, "clock: virtual", "clock: auto").Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	const want = " waits for a lock that an earlier run may hold, which was given up: use clock: real"
	if len(rec.Violations) > 0 || !strings.HasSuffix(rec.Limit, want) || len(rec.Inconclusive) != 1 ||
		rec.Inconclusive[0].Want != "use clock: real" {
		t.Errorf("violations %v, inconclusive %v, limit %q, want %s", rec.Violations, rec.Inconclusive, rec.Limit, want)
	}
}
