package scenarios_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// plainly asks once, with headers, and reports what came.
func plainly(ctx context.Context, c *http.Client, url string, headers ...string) (seen record.Seen, etag string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}, ""
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		class := record.Failed
		if errors.Is(err, context.DeadlineExceeded) {
			class = record.Timeout
		}
		return record.Seen{Class: class, Error: err.Error()}, ""
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}, ""
	}
	seen = record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode, Bytes: n}
	return seen, resp.Header.Get("Etag")
}

// plain asks for the key's flag once.
func plain(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
	seen, _ := plainly(ctx, s.Client(), s.URL()+servers.FlagPath(key))
	return seen
}

// hedged asks again when the first answer is slow. The first that comes wins,
// and the other is left.
func hedged(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan record.Seen, 2)
	ask := func() { answers <- plain(ctx, s, key, 1) }
	go ask()
	timer := time.NewTimer(30 * time.Millisecond)
	defer timer.Stop()
	select {
	case seen := <-answers:
		return seen
	case <-timer.C:
	}
	go ask()
	return <-answers
}

// cached asks whether what it has is still good, and reports what it has.
func cached(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
	url := s.URL() + servers.FlagPath(key)
	stored, etag := plainly(ctx, s.Client(), url)
	if stored.Class != record.OK {
		return stored
	}
	seen, _ := plainly(ctx, s.Client(), url, "If-None-Match", etag)
	if seen.Status == http.StatusNotModified {
		return stored
	}
	return seen
}

// staying follows no redirect.
func staying(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
	c := *s.Client()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	seen, _ := plainly(ctx, &c, s.URL()+servers.FlagPath(key))
	return seen
}

// headed asks for the head alone.
func headed(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, s.URL()+servers.FlagPath(key), nil)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	resp.Body.Close()
	return record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode}
}

// TestCorrectClients accuses none of them, under either clock.
func TestCorrectClients(t *testing.T) {
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
		"plain": scenarios.RequestWorkload(plain), "hedged": scenarios.RequestWorkload(hedged),
		"cached": scenarios.RequestWorkload(cached), "staying": scenarios.RequestWorkload(staying),
		"headed": scenarios.RequestWorkload(headed),
	}}
	for _, file := range []struct{ name, server, workload, expect string }{
		{"hedged", `{latency: "uniform(5ms, 100ms)"}`, "{task: hedged, flags: top20}", "{}"},
		{
			"hedged, with faults", `{latency: "uniform(5ms, 100ms)", faults: [{kind: status, status: 503, rate: 0.3}]}`,
			"{task: hedged, flags: top20}", "{}",
		},
		{"a cache", "{latency: 5ms}", "{task: cached, flags: top20}", "{}"},
		{
			"a head alone, of bodies with faults",
			"{latency: 5ms, faults: [{kind: truncate, rate: 0.3}, {kind: truncate_chunked, rate: 0.3}, " +
				"{kind: bad_chunk, rate: 0.3}, {kind: reset_body, rate: 0.3}, " +
				"{kind: wrong_type, rate: 0.3}, {kind: surplus, rate: 0.3}, {kind: hang_body, rate: 0.5}]}",
			"{task: headed, flags: top20, timeout: 1s}", "{}",
		},
		{
			"a cache, of bodies with faults",
			"{latency: 5ms, faults: [{kind: surplus, rate: 0.3}, {kind: wrong_type, attempts: 2}]}",
			"{task: cached, flags: top20}", "{classification: coarse}",
		},
		{
			"redirects refused", "{latency: 5ms, faults: [{kind: redirect, rate: 0.5}]}",
			"{task: staying, flags: top20}", "{}",
		},
		{
			"redirects followed", "{latency: 5ms, faults: [{kind: redirect, rate: 0.5}]}",
			"{task: plain, flags: top20}", "{}",
		},
		{
			"a cache, of a server that is slow to close", "{latency: 5ms, faults: [{kind: slow_close, rate: 0.5}]}",
			"{task: cached, flags: top20}", "{}",
		},
		{
			"one URL, an outage", "{latency: 10ms, faults: [{kind: status, status: 503, until: 15ms}]}",
			"{task: plain, keys: [BR, BR, BR, BR]}", "{}",
		},
		{
			"one URL, a rate limit", "{latency: 10ms, rate_limit: {per_second: 0.001, burst: 1}}",
			"{task: plain, keys: [BR, BR, BR]}", "{outcomes: {ok: 1, error: 2}}",
		},
		{
			"one URL, and no trouble", `{latency: "uniform(5ms, 20ms)"}`,
			"{task: plain, keys: [BR, BR, BR, BR, BR, BR, BR, BR]}", "{}",
		},
	} {
		for _, clock := range []string{"virtual", "real"} {
			for _, executors := range []string{"{kind: sequential}", "{kind: pool, workers: 4}", "{kind: async}"} {
				t.Run(file.name+"/"+clock+"/"+executors, func(t *testing.T) {
					source := fmt.Sprintf("name: clients\nseed: 3\nclock: %s\nserver: %s\nworkload: %s\n"+
						"executors: [%s]\nexpect: %s\n",
						clock, file.server, file.workload, executors, file.expect)
					s, mistakes := v.Parse("clients.yaml", []byte(source))
					if mistakes != nil {
						t.Fatal(mistakes)
					}
					got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
					if strings.Contains(got, ":") {
						t.Errorf("accused: %s: %v", got, recs[0].Violations)
					}
				})
			}
		}
	}
}
