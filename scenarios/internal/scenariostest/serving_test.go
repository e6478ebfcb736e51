package scenarios_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

const crowded = `name: crowded
seed: 3
clock: virtual
server:
  protocol: http
  latency: uniform(1s, 2s)
  body: doubling(1KB, 64KB)
  capacity: {concurrent: 5, queue: 5, policy: too_many}
workload: {task: download, flags: all, limit: 40}
executors:
  - {kind: async, limit: 40}
expect:
  outcomes: {ok: 10, error: 30}
`

// TestServing runs a crowd over every protocol, more than once: who is turned
// away is the same each time, and so is every time of a sample.
func TestServing(t *testing.T) {
	for _, protocol := range new(scenarios.Server).Protocol.Values() {
		var first *record.Recording
		for range 3 {
			s := parsed(t, scenarios.Vocabulary{}, crowded, "protocol: http", "protocol: "+protocol)
			_, recs := judged(t, &scenarios.Runner{}, s)
			rec := recs[0]
			for _, v := range rec.Violations {
				t.Errorf("%s: %v", protocol, v)
			}
			if first == nil {
				first = rec
			}
			if diff := cmp.Diff(first.Samples, rec.Samples); diff != "" {
				t.Errorf("%s: another run (-first +this):\n%s", protocol, diff)
			}
		}
	}
}

// TestPolicies meets every policy, and the rate, and counts.
func TestPolicies(t *testing.T) {
	for limit, want := range map[string]string{
		"capacity: {concurrent: 5}":                                 "ok 40",
		"capacity: {concurrent: 5, policy: wait}":                   "ok 40",
		"capacity: {concurrent: 25, policy: refuse}":                "ok 25 reset 15",
		"capacity: {concurrent: 5, queue: 10, policy: unavailable}": "ok 15 status 25",
		"capacity: {concurrent: 5, policy: too_many}":               "ok 5 status 35",
		"rate_limit: {per_second: 0.001, burst: 7}":                 "ok 7 status 33",
		"rate_limit: {per_second: 10}":                              "ok 10 status 30",
	} {
		var served int
		if _, err := fmt.Sscanf(want, "ok %d", &served); err != nil {
			t.Fatal(err)
		}
		s := parsed(t, scenarios.Vocabulary{}, crowded, "capacity: {concurrent: 5, queue: 5, policy: too_many}", limit,
			"{ok: 10, error: 30}", fmt.Sprintf("{ok: %d, error: %d}", served, 40-served))
		_, recs := judged(t, &scenarios.Runner{}, s)
		for _, v := range recs[0].Violations {
			t.Errorf("%s: %v", limit, v)
		}
		counts := map[record.Class]int{}
		for _, sample := range recs[0].Samples {
			counts[sample.Class]++
		}
		var got []string
		for _, class := range slices.Sorted(maps.Keys(counts)) {
			got = append(got, fmt.Sprintf("%s %d", class, counts[class]))
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s: got %s, want %s", limit, got, want)
		}
	}
}

// TestQueueAndTimeout has a correct client wait for its turn longer than its
// timeout: the truth of that is a timeout. One that leaves the queue early, or
// takes what came in time for late, is wrong all the same.
func TestQueueAndTimeout(t *testing.T) {
	const waiting = `name: waiting
clock: virtual
server: {protocol: http, latency: 1s, capacity: {concurrent: 1}}
workload: {task: fetch, flags: top20, timeout: 2s}
executors: [{kind: pool, workers: 4}]
`
	hasty := func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		ctx, cancel := context.WithTimeout(ctx, time.Second/2)
		defer cancel()
		seen := scenarios.Downloader{}.Download(ctx, server, key, attempt)
		if seen.Class == record.Lost {
			seen.Class = record.Timeout
		}
		return seen
	}
	for name, test := range map[string]struct {
		request scenarios.RequestFunc
		want    string
	}{
		"right": {scenarios.Downloader{}.Download, "pool/4"},
		"hasty": {hasty, "pool/4:classification"},
	} {
		for _, protocol := range new(scenarios.Server).Protocol.Values() {
			v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
				"fetch": scenarios.RequestWorkload(test.request),
			}}
			got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, parsed(t, v, waiting, "protocol: http",
				"protocol: "+protocol))
			if got != test.want || recs[0].Classes[record.Timeout] == 0 {
				t.Errorf("%s over %s: got %s, %v %v", name, protocol, got, recs[0].Violations, recs[0].Classes)
			}
			if name == "right" && (recs[0].Classes[record.OK] == 0 ||
				recs[0].Classes[record.OK]+recs[0].Classes[record.Timeout] != 20) {
				t.Errorf("%s: %v", protocol, recs[0].Classes)
			}
		}
	}
}

// TestNoIdealBeforeAQueue wants no efficiency where a capacity makes requests
// wait for one another, and the plan does not say how long.
func TestNoIdealBeforeAQueue(t *testing.T) {
	for limit, want := range map[string]bool{
		"capacity: {concurrent: 5, queue: 5, policy: refuse}":   false,
		"capacity: {concurrent: 5, queue: 5, policy: too_many}": true,
		"rate_limit: {per_second: 0.001, burst: 10}":            true,
	} {
		s := parsed(t, scenarios.Vocabulary{}, crowded, "capacity: {concurrent: 5, queue: 5, policy: too_many}", limit)
		_, recs := judged(t, &scenarios.Runner{}, s)
		text := new(strings.Builder)
		if err := reports.Text(recs)(text); err != nil {
			t.Fatal(err)
		}
		if has := strings.Contains(text.String(), "100.0%"); has != want || strings.Contains(text.String(),
			"%") != want {
			t.Errorf("%s:\n%s", limit, text)
		}
	}
}
