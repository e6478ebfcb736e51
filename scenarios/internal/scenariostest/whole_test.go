package scenarios_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// ending is a client that tries again, and what it does when the timeout of its
// task is over.
type ending struct {
	pause    time.Duration
	report   record.Class // where that is within a pause; "" for the last error
	atOnce   bool         // it gives up before a pause that would outlast the timeout
	endless  bool         // it does not know the timeout of its task
	attempts int
}

func (c ending) fetch(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
	if c.endless {
		ctx = context.WithoutCancel(ctx)
	}
	for n := 1; ; n++ {
		one, cancel := ctx, context.CancelFunc(func() {})
		if c.endless {
			one, cancel = context.WithTimeout(ctx, time.Second)
		}
		if seen = plain(one, s, key, n); one.Err() != nil && seen.Class == record.Failed {
			seen.Class = record.Timeout // within the body
		}
		cancel()
		if answered(seen) || seen.Class == record.Timeout && !c.endless || n == c.attempts {
			return seen
		}
		if at, ok := ctx.Deadline(); ok && c.atOnce && time.Until(at) < c.pause {
			return record.Seen{Class: cmp.Or(c.report, seen.Class), Status: seen.Status, Error: seen.Error}
		}
		select {
		case <-ctx.Done():
			return record.Seen{Class: cmp.Or(c.report, seen.Class), Status: seen.Status, Error: seen.Error}
		case <-time.After(c.pause):
		}
	}
}

// An ender is a client by name.
type ender struct {
	name   string
	client *ending // nil for the built-in one
	wrong  bool
}

// TestWholeTimeout has the timeout of a whole task end within an attempt and
// within a pause.
func TestWholeTimeout(t *testing.T) {
	clients := []ender{
		{"download", nil, false},
		{"the last error", &ending{attempts: 4}, false},
		{"timeout", &ending{attempts: 4, report: record.Timeout}, false},
		{"the last error at once", &ending{attempts: 4, atOnce: true}, false},
		{"timeout at once", &ending{attempts: 4, atOnce: true, report: record.Timeout}, false},
		{"takes the timeout for that of each attempt", &ending{attempts: 4, endless: true}, true},
		{"gives up after the first", &ending{attempts: 1}, true},
		{"reports something else", &ending{attempts: 4, report: record.Reset}, true},
	}
	for _, test := range []struct {
		name, server string
		found        []string // the wrong clients that must be found
		real         bool     // under the real clock too
	}{
		{"answers", "latency: 10ms", nil, false},
		{
			"within an attempt", "latency: 400ms, faults: [{kind: status, status: 503, rate: 1}]",
			[]string{"takes", "gives"},
			true,
		},
		{
			"within a pause", "latency: 100ms, faults: [{kind: status, status: 503, rate: 1}]",
			[]string{"takes", "gives", "reports"},
			true,
		},
		{
			"within a Retry-After", "latency: 100ms, faults: [{kind: status, status: 503, retry_after: 9s, rate: 1}]",
			[]string{"reports"},
			false,
		},
		{"hang", "latency: 10ms, faults: [{kind: hang, attempts: 1}]", []string{"takes"}, true},
		{
			"hang at the second",
			"latency: 10ms, faults: [{kind: status, status: 503, attempts: 1}, {kind: hang, attempts: 2}]",
			[]string{"takes", "gives"},
			false,
		},
		{"a slow body", "latency: 1300ms, spend: over_body", nil, false},
		{"slow", "latency: 'list(20ms, 2s)'", nil, false},
		{
			"503, then well", "latency: 10ms, faults: [{kind: status, status: 503, attempts: 2}]",
			[]string{"gives"},
			false,
		},
		{
			"capacity", "latency: 250ms, capacity: {concurrent: 1}, faults: [{kind: status, status: 503, attempts: 1}]",
			nil, false,
		},
		{
			"redirects",
			"latency: 200ms, faults: [{kind: redirect, rate: 0.5}, {kind: status, status: 503, attempts: 2}]",
			nil, false,
		},
	} {
		for _, c := range clients {
			for _, keys := range []string{"[BR, CN, DE, EG]", "[BR, BR, BR, BR]"} {
				for _, clock := range []string{"virtual", "real"} {
					if clock == "real" && (keys == "[BR, BR, BR, BR]" || c.wrong || !test.real) {
						continue
					}
					want := slices.ContainsFunc(test.found, func(name string) bool {
						return c.wrong && strings.HasPrefix(c.name, name)
					})
					tryWhole(t, test.name, test.server, c, keys, clock, want)
				}
			}
		}
	}
}

// tryWhole runs a client of TestWholeTimeout, which must be found or not.
func tryWhole(t *testing.T, name, server string, c ender, keys, clock string, want bool) {
	client := scenarios.RequestFunc(scenarios.Downloader{}.Download)
	if c.client != nil {
		one := *c.client
		if one.pause = 300 * time.Millisecond; strings.Contains(server, "9s") && !c.wrong {
			one.pause = 9 * time.Second
		}
		client = one.fetch
	}
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
		"fetch": scenarios.RequestWorkload(client),
	}}
	s := parsed(t, v, fmt.Sprintf("name: x\nseed: 7\nclock: %s\nserver: {%s}\nworkload: {task: fetch, flags: %s, "+
		"timeout: 1s, retry: {attempts: 4, on: [timeout, 5xx], wait: 300ms, timeout: whole}}\n"+
		"executors: [{kind: pool, workers: 4}]\n", clock, server, keys))
	got, recs := judged(t, &scenarios.Runner{Vocabulary: v, Once: clock == "real"}, s)
	found := strings.Contains(got, ":")
	if found != want && !(c.wrong && !want) && !(clock == "real" && !c.wrong && strings.HasSuffix(got, "?")) {
		for _, x := range recs[0].Samples {
			t.Log(x.Key, x.Class, x.Status, x.Started, x.Finished, x.PlannedClass, x.PlannedService, x.Attempt)
		}
		t.Errorf("%s, %s, %s, %s: got %s: %v %v", name, c.name, keys, clock, got, recs[0].Violations,
			recs[0].Inconclusive)
	}
}
