package scenarios_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// failedFast is what a client reports of a task that it does not begin.
var failedFast = record.Seen{Class: record.Failed, Error: "not now"}

// askedFor asks a server for what it has at a path.
func askedFor(ctx context.Context, s *servers.Server, path string) record.Seen {
	seen, _ := plainly(ctx, s.Client(), s.URL()+path)
	return seen
}

// A sparing client does not send a request for each task. Each has a state of
// its own for each run.
var sparing = map[string]func() scenarios.RequestFunc{
	"breaker": func() scenarios.RequestFunc { // fails at once for a second after two failures in a row
		var mu sync.Mutex
		var failures int
		var open time.Time
		return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			mu.Lock()
			broken := time.Now().Before(open)
			mu.Unlock()
			if broken {
				return failedFast
			}
			seen := askedFor(ctx, s, servers.FlagPath(key))
			mu.Lock()
			defer mu.Unlock()
			if failures++; seen.Class == record.OK {
				failures = 0
			}
			if failures == 2 {
				failures, open = 0, time.Now().Add(time.Second)
			}
			return seen
		}
	},
	"hasty": func() scenarios.RequestFunc { // fails at once at the third task, before any has failed
		var mu sync.Mutex
		var n int
		return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			mu.Lock()
			n++
			broken := n == 3
			mu.Unlock()
			if broken {
				return failedFast
			}
			return askedFor(ctx, s, servers.FlagPath(key))
		}
	},
	"cache": func() scenarios.RequestFunc { // keeps every answer
		var kept sync.Map
		return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			if seen, has := kept.Load(key); has {
				return seen.(record.Seen)
			}
			seen := askedFor(ctx, s, servers.FlagPath(key))
			kept.Store(key, seen)
			return seen
		}
	},
	"mistaken": func() scenarios.RequestFunc { // takes the answer to another key from its cache
		var last atomic.Pointer[record.Seen]
		return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			if seen := last.Load(); seen != nil {
				return *seen
			}
			seen := askedFor(ctx, s, servers.FlagPath(key))
			last.Store(&seen)
			return seen
		}
	},
	"loader": func() scenarios.RequestFunc { // sends one request for what it is asked for within 5 ms
		type batch struct {
			over chan struct{}
			seen record.Seen
		}
		var mu sync.Mutex
		var open *batch
		return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			mu.Lock()
			if b := open; b != nil {
				mu.Unlock()
				<-b.over
				return b.seen
			}
			b := &batch{over: make(chan struct{})}
			open = b
			mu.Unlock()
			timer := time.NewTimer(5 * time.Millisecond)
			defer timer.Stop()
			<-timer.C
			mu.Lock()
			open = nil
			mu.Unlock()
			b.seen = askedFor(ctx, s, "/items?with="+key)
			close(b.over)
			return b.seen
		}
	},
}

// TestUnasked has clients that do not send a request for each task: correct
// ones, of which none is accused, and wrong ones, of which none is acquitted.
// What the scenario says of the client settles it.
func TestUnasked(t *testing.T) {
	const (
		faulty  = "{latency: 20ms, faults: [{kind: status, status: 503, rate: 0.6}]}"
		whole   = "{latency: 20ms}"
		foreign = "{latency: 20ms, content: items, faults: [{kind: status, status: 503, rate: 0.2}]}"
		many    = "flags: all, limit: 60"
		again   = "keys: [BR, US, BR, US, BR, US, BR, US, BR, US, BR, US]"
		paths   = "keys: [/items?a, /items?b, /items?c, /items?d, /items?e, /items?f, /items?g, /items?h]"
	)
	const ok, inconclusive, accused = "", "inconclusive", "classification"
	const one, four = "sequential", "pool, workers: 4"
	for _, tt := range []struct {
		client, server, keys, executor string
		want                           map[string]string // by what the scenario says; "" is nothing
	}{
		{"breaker", faulty, many, four, map[string]string{
			"": inconclusive, "unknown": inconclusive, "circuit_breaker": ok, "any": ok,
			"never": accused, "cache": accused, "shared": accused,
		}},
		{"hasty", whole, many, four, map[string]string{
			"": accused, "circuit_breaker": accused, "limiter": ok, "any": ok, "never": accused,
		}},
		{"cache", whole, again, one, map[string]string{
			"": inconclusive, "cache": ok, "any": ok, "never": accused, "circuit_breaker": accused,
		}},
		{"cache", "{latency: 20ms, faults: [{kind: status, status: 404, keys: [BR]}]}", again, one, map[string]string{
			"": inconclusive, "cache": ok, "never": accused,
		}},
		{"mistaken", whole, many, one, map[string]string{
			"": accused, "cache": accused, "circuit_breaker": accused, "never": accused,
		}},
		{"loader", foreign, paths, four, map[string]string{
			"": inconclusive, "shared": ok, "any": ok, "never": accused, "cache": accused,
		}},
	} {
		for unasked, want := range tt.want {
			t.Run(tt.client+"/"+unasked, func(t *testing.T) {
				said := ""
				if unasked != "" {
					said = ", unasked: " + unasked
				}
				scenario := fmt.Sprintf("name: sparing\nseed: 3\nclock: virtual\nserver: %s\n"+
					"workload: {task: sparing, %s%s}\nexecutors: [{kind: %s}]\n", tt.server, tt.keys, said, tt.executor)
				rec := runSparing(t, tt.client, scenario)
				if got := sparingly(rec); got != want {
					t.Errorf("got %q, want %q: %v %v", got, want, rec.Violations, rec.Inconclusive)
				}
			})
		}
	}
}

// runSparing runs one of the sparing clients. The content is not a file.
func runSparing(t *testing.T, client, scenario string) *record.Recording {
	t.Helper()
	items := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "items", r.URL.RawQuery)
	})
	v := scenarios.Vocabulary{
		Tasks: map[string]scenarios.WorkloadFunc{"sparing": scenarios.RequestWorkload(sparing[client]())},
		Contents: map[string]func(*scenarios.Scenario) (http.Handler, error){
			"items": func(*scenarios.Scenario) (http.Handler, error) { return items, nil },
		},
	}
	return ran(t, v, scenario)
}

// sparingly is the verdict of classification, in a word.
func sparingly(rec *record.Recording) string {
	switch {
	case len(rec.Violations) > 0:
		return rec.Violations[0].Check
	case len(rec.Inconclusive) > 0 && strings.Contains(fmt.Sprint(rec.Inconclusive), "say unasked"):
		return "inconclusive"
	case len(rec.Inconclusive) > 0:
		return fmt.Sprint(rec.Inconclusive)
	}
	return ""
}
