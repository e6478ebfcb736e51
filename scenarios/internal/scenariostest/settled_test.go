package scenarios_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// asTask returns a vocabulary with a client as the task it.
func asTask(client scenarios.RequestFunc) scenarios.Vocabulary {
	return scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"it": scenarios.RequestWorkload(client)}}
}

// TestHeldBack: a client that made fewer attempts than it may, and took the
// time of the others, may have held requests back. That explains a timeout, and
// what became of the request that it made, but no success.
func TestHeldBack(t *testing.T) {
	for class, want := range map[record.Class]string{
		record.Timeout: "inconclusive", record.Truncated: "inconclusive",
		record.OK: "violated", record.Reset: "violated",
	} {
		client := func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			for _, ctx := range scenarios.Attempts(ctx) {
				plain(ctx, s, key, 1)
				break
			}
			<-time.After(2500 * time.Millisecond) // of the virtual clock
			return record.Seen{Class: class}
		}
		rec := ran(t, asTask(client),
			"name: held\nclock: virtual\nserver: {latency: 10ms, faults: [{kind: truncate, keys: [BR]}]}\n"+
				"workload: {task: it, flags: [BR], timeout: 1s, attempts: 3}\nexecutors: [{kind: sequential}]\n")
		got := "ok"
		switch {
		case len(rec.Violations) > 0:
			got = "violated"
		case len(rec.Inconclusive) > 0:
			got = "inconclusive"
		}
		if got != want {
			t.Errorf("%s: got %s, want %s: %v", class, got, want, rec.Findings())
		}
	}
}

// TestSettled: of two requests of one hedged attempt, one is answered with what
// the policy takes for final, and the other with what it tries again. A client
// that stops at the first is right, and one that reports the second is not.
func TestSettled(t *testing.T) {
	for _, tt := range []struct {
		first, second int // the statuses of the attempts that are under way at once
		reports       int
		wrong         bool
	}{
		{422, 503, 422, false},
		{503, 422, 422, false},
		{422, 503, 503, true},
		{503, 502, 502, true},
	} {
		client := func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			seen := make(chan record.Seen, 2)
			for n := range 2 {
				go func() { seen <- plain(ctx, s, key, n+1) }()
			}
			<-seen
			<-seen
			return record.Seen{Class: record.Status, Status: tt.reports}
		}
		rec := ran(t, asTask(client), fmt.Sprintf("name: settled\nclock: virtual\n"+
			"server:\n  latency: 500ms\n  faults:\n"+
			"    - {kind: status, status: %d, at: {key: BR, attempt: 1}}\n"+
			"    - {kind: status, status: %d, at: {key: BR, attempt: 2}}\n"+
			"workload: {task: it, flags: [BR], timeout: 5s, retry: {attempts: 4}}\nexecutors: [{kind: sequential}]\n",
			tt.first, tt.second))
		if (len(rec.Violations) > 0) != tt.wrong {
			t.Errorf("%d and %d, reports %d: %v", tt.first, tt.second, tt.reports, rec.Findings())
		}
	}
}

// TestOnce: a policy of a single attempt lets no client ask for anything twice,
// not even for an answer that may change.
func TestOnce(t *testing.T) {
	for _, content := range []string{"flags", `{routes: [{path: "/{any...}", body: tea}]}`} {
		for _, fault := range []string{"", "status, status: 503", "truncate"} {
			for times, wrong := range map[int]bool{1: false, 2: true} {
				client := func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
					for range times {
						seen = plain(ctx, s, key, 1)
					}
					return seen
				}
				faults := "[]"
				if fault != "" {
					faults = "[{kind: " + fault + ", rate: 1}]"
				}
				text := fmt.Sprintf("name: once\nclock: virtual\nserver: {content: %s, latency: 10ms, faults: %s}\n"+
					"workload: {task: it, flags: [BR, CN], retry: {attempts: 1}}\nexecutors: [{kind: sequential}]\n"+
					"expect: {classification: plain}\n", content, faults)
				rec := ran(t, asTask(client), text)
				if (len(rec.Violations) > 0) != wrong || !wrong && len(rec.Inconclusive) > 0 {
					t.Errorf("%s, %q, %d times: %v", content, fault, times, rec.Findings())
				}
			}
		}
	}
}
