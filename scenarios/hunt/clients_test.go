package hunt_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// A client is a small client with a classic bug, and the scenario in which it
// is hunted.
type client struct {
	name     string
	faults   string // of the server
	server   string // beside them
	keys     string // "" for the 20 flags
	workload string // beside the task and the keys
	expect   string // "" for the defaults
	check    string // that finds the bug
	open     func() scenarios.RequestFunc
}

// A trial is one attempt at a key.
type trial struct {
	seen record.Seen
	resp *http.Response
	body string
}

// once makes one attempt, and reads the whole body.
func once(ctx context.Context, s *servers.Server, key string, n int) trial {
	return send(ctx, s.Client(), s.URLOf(ctx, key, n)+servers.FlagPath(key))
}

func send(ctx context.Context, with *http.Client, url string) trial {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return trial{seen: record.Seen{Class: record.Failed, Error: err.Error()}}
	}
	resp, err := with.Do(req)
	if err != nil {
		return trial{seen: failed(resp, err), resp: resp}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return trial{seen: failed(resp, err), resp: resp, body: string(body)}
	}
	return trial{seen: record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode}, resp: resp}
}

func failed(resp *http.Response, err error) record.Seen {
	return record.Seen{Class: classify.Class(resp, err), Error: err.Error()}
}

// final reports whether no other attempt is made after one.
func (t trial) final() bool { return t.seen.Class == record.OK || t.seen.Class == record.NotFound }

// pause waits as long as a Retry-After of seconds says, and d otherwise.
func (t trial) pause(ctx context.Context, d time.Duration) {
	if t.resp != nil {
		if wait, err := time.ParseDuration(t.resp.Header.Get("Retry-After") + "s"); err == nil {
			d = wait
		}
	}
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// correct does as the workload says.
func correct(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
	for n, ctx := range scenarios.Attempts(ctx) {
		t := once(ctx, s, key, n)
		if seen = t.seen; t.final() {
			break
		}
		t.pause(context.WithoutCancel(ctx), 10*time.Millisecond)
	}
	return seen
}

// just is a client without state.
func just(get scenarios.RequestFunc) func() scenarios.RequestFunc {
	return func() scenarios.RequestFunc { return get }
}

// clients are the gallery.
var clients = []client{
	{
		name:   "takes a truncated body for a success",
		faults: "[{kind: truncate, rate: 0.01}, {kind: status, status: 503, rate: 0.1}]", check: "classification",
		open: just(func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
			t := once(ctx, s, key, n)
			if t.resp != nil { // the head said so
				return record.Seen{Class: record.ClassOf(t.resp.StatusCode), Status: t.resp.StatusCode}
			}
			return t.seen
		}),
	},
	{
		name:     "retries a POST",
		faults:   "[{kind: reset_head, rate: 0.01}, {kind: status, status: 429, rate: 0.1}]",
		server:   "content: {routes: [{path: '/orders/{id}', method: POST, status: 201}]}",
		keys:     "[/orders/1, /orders/2, /orders/3, /orders/4, /orders/5, /orders/6]",
		workload: "retry: {attempts: 3, wait: 10ms}", check: "retries",
		open: just(func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
			for n, ctx := range scenarios.Attempts(ctx) {
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URLOf(ctx, key, n)+key, nil)
				if err != nil {
					return failed(nil, err)
				}
				resp, err := s.Client().Do(req)
				if err != nil {
					seen = failed(resp, err)
				} else {
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					seen = record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode}
					if resp.StatusCode < 400 {
						return seen
					}
				}
				trial{}.pause(context.WithoutCancel(ctx), 10*time.Millisecond)
			}
			return seen
		}),
	},
	{
		name:     "ignores Retry-After",
		faults:   "[{kind: status, status: 503, retry_after: 2s, rate: 0.01}, {kind: reset, rate: 0.1}]",
		workload: "retry: {attempts: 4}", check: "retries",
		open: just(func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
			for n, ctx := range scenarios.Attempts(ctx) {
				t := once(ctx, s, key, n)
				if seen = t.seen; t.final() {
					break
				}
			}
			return seen
		}),
	},
	{
		name:     "retries without bound",
		faults:   "[{kind: status, status: 503, rate: 0.1}]",
		workload: "attempts: 2", check: "retries",
		open: just(func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			for n := 1; ; n++ {
				t := once(ctx, s, key, n)
				if t.final() || n == 50 {
					return t.seen
				}
			}
		}),
	},
	{
		name:   "leaks a body on the error path",
		faults: "[{kind: status, status: 503, rate: 0.01}, {kind: reset, rate: 0.1}]", check: "leaks",
		open: just(func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URLOf(ctx, key, n)+servers.FlagPath(key), nil)
			if err != nil {
				return failed(nil, err)
			}
			resp, err := s.Client().Do(req)
			if err != nil {
				return failed(resp, err)
			}
			seen := record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode}
			if resp.StatusCode >= 400 {
				return seen
			}
			defer resp.Body.Close()
			_, _ = io.Copy(io.Discard, resp.Body)
			return seen
		}),
	},
	{
		name:     "loses the last error",
		faults:   "[{kind: reset, rate: 0.15}, {kind: status, status: 503, rate: 0.05}]",
		workload: "attempts: 2", check: "classification",
		open: just(func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			for n, ctx := range scenarios.Attempts(ctx) {
				if t := once(ctx, s, key, n); t.final() {
					return t.seen
				}
			}
			return record.Seen{Class: record.OK} // err was declared again in the loop
		}),
	},
	{
		name:     "reports the first attempt's status after a success",
		faults:   "[{kind: status, status: 503, rate: 0.02}, {kind: reset, rate: 0.1}]",
		workload: "attempts: 3", check: "classification",
		open: just(func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
			status := 0
			for n, ctx := range scenarios.Attempts(ctx) {
				t := once(ctx, s, key, n)
				if status == 0 {
					status = t.seen.Status
				}
				if seen = t.seen; t.final() {
					break
				}
			}
			if seen.Status = status; seen.Class == record.OK && status != 0 {
				seen.Class = record.ClassOf(status)
			}
			return seen
		}),
	},
	{
		name:   "swaps two results",
		faults: "[{kind: status, status: 503, rate: 0.2}]", check: "classification",
		open: func() scenarios.RequestFunc {
			var mu sync.Mutex
			var last record.Seen // meant for one task at a time
			return func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
				seen := once(ctx, s, key, n).seen
				mu.Lock()
				last = seen
				mu.Unlock()
				trial{}.pause(ctx, time.Millisecond) // it is saved
				mu.Lock()
				defer mu.Unlock()
				return last
			}
		},
	},
	{
		name:     "closes a channel twice under cancel",
		faults:   "[{kind: hang, rate: 0.01}, {kind: status, status: 503, rate: 0.1}]",
		workload: "timeout: 5s", check: "panic",
		open: just(func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
			done, result := make(chan struct{}), make(chan record.Seen, 1)
			defer close(done)
			go func() { result <- once(ctx, s, key, n).seen }()
			select {
			case seen := <-result:
				return seen
			case <-ctx.Done():
				close(done) // the defer closes it too
				return <-result
			}
		}),
	},
	{
		name:     "times out the whole in place of the attempt",
		faults:   "[{kind: hang, rate: 0.02}, {kind: reset, rate: 0.1}]",
		workload: "timeout: 5s, attempts: 3", check: "classification",
		open: just(func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
			whole, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			for n := range scenarios.Attempts(ctx) {
				t := once(whole, s, key, n)
				if seen = t.seen; t.final() || errors.Is(whole.Err(), context.DeadlineExceeded) {
					break
				}
			}
			return seen
		}),
	},
	{
		name:   "takes a redirect for a success",
		faults: "[{kind: redirect_loop, rate: 0.01}, {kind: status, status: 503, rate: 0.1}]", check: "classification",
		open: just(func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
			with := *s.Client()
			t := send(ctx, &with, s.URLOf(ctx, key, n)+servers.FlagPath(key))
			if t.resp != nil && t.resp.StatusCode < 400 {
				return record.Seen{Class: record.OK, Status: t.resp.StatusCode}
			}
			return t.seen
		}),
	},
}
