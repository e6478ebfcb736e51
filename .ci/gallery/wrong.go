package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// in makes the world of one fault.
func in(fault string) []world { return []world{{name: fault, faults: "{kind: " + fault + "}"}} }

const postPolicy = "retry: {attempts: 3, on: [refused, reset, 5xx]}"

// wrongs are clients with a fault, each in a world in which it shows.
var wrongs = []client{
	{name: "net/http, takes a truncated body for whole", shows: in("truncate, rate: 0.4"), open: openTruncating},
	{
		name: "resty v3, takes a truncated body for whole", library: "resty.dev/v3", coarse: true,
		shows: in("truncate, rate: 0.4"), open: openRestyV3,
	},
	{
		name:    "resty v3, takes a truncated chunked body for whole",
		library: "resty.dev/v3", coarse: true,
		shows: in("truncate_chunked, rate: 0.4"), open: openRestyV3,
	},
	{
		name: "minio-go, takes a truncated chunked body for whole", library: "github.com/minio/minio-go/v7",
		coarse: true, shows: in("truncate_chunked, rate: 0.4"), open: openMinio,
	},
	{
		name: "go-retryablehttp, sends a POST again", library: "github.com/hashicorp/go-retryablehttp",
		policy: postPolicy, shows: in("reset_head, attempts: 1, rate: 0.4"), open: openRetryablePost,
	},
	{
		name: "resty v2, sends a POST again", library: "github.com/go-resty/resty/v2", policy: postPolicy, coarse: true,
		shows: in("reset_head, attempts: 1, rate: 0.4"), open: openRestyPost,
	},
	{
		name: "heimdall, sends a POST again", library: "github.com/gojek/heimdall/v7", policy: postPolicy, coarse: true,
		shows: in("reset_head, attempts: 1, rate: 0.4"), open: openHeimdall(http.MethodPost),
	},
	{
		name: "failsafe-go, ignores a Retry-After that is a date", library: "github.com/failsafe-go/failsafe-go",
		policy: "attempts: 3", shows: in(`status, status: 503, retry_after: "date(2s)", attempts: 1, rate: 0.4`),
		open: openFailsafe(true),
	},
	{
		name: "failsafe-go, leaves open what it tries again", library: "github.com/failsafe-go/failsafe-go",
		policy: "attempts: 3", shows: in("status, status: 503, attempts: 1, rate: 0.4"), open: openFailsafe(false),
	},
	{
		name: "net/http, ignores Retry-After", policy: "attempts: 3",
		shows: in("status, status: 429, retry_after: 1s, attempts: 1, rate: 0.4"), open: openImpatient(3, 0),
	},
	{
		name: "net/http, ignores Retry-After at a rate limit", policy: "attempts: 90",
		open: openImpatient(90, 50*time.Millisecond),
		shows: []world{{
			name: "rate limit", server: "rate_limit: {per_second: 4, burst: 2}", expect: "outcomes: {ok: 8}",
		}},
	},
	{name: "net/http, loses the error of the body", shows: in("reset_body, rate: 0.4"), open: openTruncating},
	{name: "net/http, takes any answer for a success", shows: in("status, status: 503, rate: 0.4"), open: openIgnorant},
	{name: "net/http, calls a timeout a reset", shows: in("hang, rate: 0.4"), open: openConfused},
	{
		name: "an executor that runs tasks twice", shows: []world{{name: "no fault"}},
		open: openBare, executor: "twice",
	},
	{name: "net/http, leaves bodies open", shows: []world{{name: "no fault"}}, open: openLeaking(false)},
	{
		name:  "net/http, leaves bodies of errors open",
		shows: in("status, status: 503, rate: 0.4"), open: openLeaking(true),
	},
	{
		name:  "net/http, a transport for each request",
		shows: []world{{name: "no fault", flags: "top20"}}, open: openTransports,
	},
	{
		name: "net/http, tries again without a bound", policy: "attempts: 3",
		shows: in("status, status: 503, attempts: 6"), open: openImpatient(50, 0),
	},
	{
		name: "net/http, tries again after a success", policy: "retry: {attempts: 3}",
		shows: []world{{name: "no fault"}},
		open:  openGreedy,
	},
	{
		name: "net/http, sends each request twice", policy: "attempts: 3", shows: []world{{name: "no fault"}},
		open: openGreedy,
	},
	{
		name: "net/http, gives up too early", policy: "attempts: 3", shows: in("reset, attempts: 1, rate: 0.4"),
		open: openBare,
	},
	{
		name: "net/http, backs off too little", policy: "retry: {attempts: 3, wait: 100ms}",
		shows: in("status, status: 503, attempts: 1, rate: 0.4"), open: openImpatient(3, 50*time.Millisecond),
	},
	{
		name: "net/http, tries again what its policy does not", policy: "retry: {attempts: 3, on: [5xx]}",
		shows: in("status, status: 400, rate: 0.4"), open: openImpatient(3, 0),
	},
	{
		name: "net/http, resumes with the whole", policy: "attempts: 4",
		shows: in("truncate, attempts: 1, rate: 0.4"), open: openWrongResume,
	},
	{
		name: "net/http, loses the error of a range", shows: in("truncate, attempts: 1"), open: openTornRange,
	},
	{
		name: "net/http, redirects with credentials to another host", open: openRevealing,
		shows: in("redirect, other_host: true, hops: 1, rate: 0.4"),
	},
	{name: "net/http, stores one key's body under another", shows: []world{{name: "no fault"}}, open: openMixing},
}

// openTruncating forgets the error of reading a body.
func openTruncating(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		resp, err := hc.Do(request(ctx, place(ctx, server, key, attempt)))
		if err != nil {
			return failed(resp, err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return answered(resp.StatusCode, resp.Header.Get("Content-Type"), body)
	}, nil
}

func openIgnorant(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		seen := report(hc.Do(request(ctx, place(ctx, server, key, attempt))))
		if seen.Status > 0 {
			return record.Seen{Class: record.OK}
		}
		return seen
	}, nil
}

func openConfused(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		seen := report(hc.Do(request(ctx, place(ctx, server, key, attempt))))
		if seen.Class == record.Timeout {
			seen.Class = record.Reset
		}
		return seen
	}, nil
}

// openImpatient tries again after any error, with a pause that heeds nothing.
func openImpatient(n int, wait time.Duration) func(setup) (scenarios.RequestFunc, error) {
	return func(s setup) (scenarios.RequestFunc, error) {
		hc := s.httpClient()
		return func(ctx context.Context, server *servers.Server, key string, _ int) (seen record.Seen) {
			for range n {
				seen = report(hc.Do(request(ctx, server.URL()+servers.FlagPath(key))))
				if seen.Class.Outcome() != record.OutcomeError || wait > 0 && !pause(ctx, wait) {
					break
				}
			}
			return seen
		}, nil
	}
}

func openGreedy(s setup) (scenarios.RequestFunc, error) {
	hc := s.httpClient()
	return func(ctx context.Context, server *servers.Server, key string, _ int) (seen record.Seen) {
		for range 2 {
			seen = report(hc.Do(request(ctx, server.URL()+servers.FlagPath(key))))
		}
		return seen
	}, nil
}

// openLeaking reads bodies, and closes none, or none of errors.
func openLeaking(errors bool) func(setup) (scenarios.RequestFunc, error) {
	return func(s setup) (scenarios.RequestFunc, error) {
		hc := &http.Client{Transport: s.transport}
		return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
			resp, err := hc.Do(request(ctx, place(ctx, server, key, attempt)))
			if err != nil {
				return failed(resp, err)
			}
			if errors && resp.StatusCode == http.StatusOK {
				return report(resp, nil)
			}
			return record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode}
		}, nil
	}
}

func openTransports(s setup) (scenarios.RequestFunc, error) {
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		hc := &http.Client{Transport: s.transport.Clone()}
		return report(hc.Do(request(ctx, place(ctx, server, key, attempt))))
	}, nil
}

// openWrongResume asks for the rest, and appends whatever comes.
func openWrongResume(s setup) (scenarios.RequestFunc, error) {
	hc := s.httpClient()
	return func(ctx context.Context, server *servers.Server, key string, _ int) (seen record.Seen) {
		var have []byte
		for range 4 {
			r := request(ctx, server.URL()+servers.FlagPath(key))
			if len(have) > 0 {
				r.Header.Set("Range", fmt.Sprintf("bytes=%d-", len(have)))
				r.Header.Set("If-Range", `"another"`)
			}
			resp, err := hc.Do(r)
			if err != nil {
				seen = failed(resp, err)
				continue
			}
			part, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			have = append(have, part...)
			if err == nil {
				return answered(resp.StatusCode, resp.Header.Get("Content-Type"), have)
			}
			seen = failed(resp, err)
		}
		return seen
	}, nil
}

// openTornRange asks for two parts at once, and forgets the errors of reading
// them.
func openTornRange(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		var parts [2]record.Seen
		var both sync.WaitGroup
		for i, part := range []string{"bytes=0-199", "bytes=200-"} {
			both.Go(func() {
				r := request(ctx, place(ctx, server, key, attempt))
				r.Header.Set("Range", part)
				resp, err := hc.Do(r)
				if err != nil {
					parts[i] = failed(resp, err)
					return
				}
				defer resp.Body.Close()
				body, _ := io.ReadAll(resp.Body)
				parts[i] = answered(resp.StatusCode, resp.Header.Get("Content-Type"), body)
			})
		}
		both.Wait()
		whole := *worst(parts[:])
		whole.Bytes = parts[0].Bytes + parts[1].Bytes
		return whole
	}, nil
}

// openRevealing sends its credentials along every redirect.
func openRevealing(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	hc.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		r.Header.Set("Authorization", via[0].Header.Get("Authorization"))
		return nil
	}
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		r := request(ctx, place(ctx, server, key, attempt))
		r.Header.Set("Authorization", "Bearer secret")
		return report(hc.Do(r))
	}, nil
}

// openMixing keeps answers in a table that all tasks share.
func openMixing(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	var mu sync.Mutex
	var last record.Seen
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		seen := report(hc.Do(request(ctx, place(ctx, server, key, attempt))))
		mu.Lock()
		defer mu.Unlock()
		if last.Status == 0 {
			last = seen
		}
		return last
	}, nil
}
