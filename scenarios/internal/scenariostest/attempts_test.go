package scenarios_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

const again = `name: again
seed: 5
clock: virtual
server:
  latency: uniform(100ms, 900ms)
  faults: [{kind: status, status: 503, attempts: 2, rate: 0.5}]
workload: {task: download, flags: all, timeout: 2s, attempts: 3}
executors:
  - {kind: sequential}
  - {kind: pool, workers: 4}
expect: {schedule: {within: 0.000001ms}}
`

// TestAttempts has the built-in client try again, after every fault: it comes
// to the outcome of the attempt that decides, and takes as long as all of them.
func TestAttempts(t *testing.T) {
	for _, test := range []struct {
		faults, attempts string
		attempt          int // the highest that decides
		fails            bool
	}{
		{"{kind: status, status: 503, attempts: 2, rate: 0.5}", "3", 3, false},
		{"{kind: status, status: 503, attempts: 2, rate: 0.5}", "2", 2, true},
		{"{kind: status, status: 503, attempts: 2, rate: 0.5}", "1", 1, true},
		{"{kind: status, status: 404, attempts: 2, rate: 0.5}", "3", 1, false},
		{"{kind: hang, attempts: 1, rate: 0.5}", "2", 2, false},
		{"{kind: refuse, attempts: 1, rate: 0.5}", "2", 2, false},
		{"{kind: reset, attempts: 1, rate: 0.5}", "2", 2, false},
		{"{kind: truncate, rate: 0.5}", "100", 10, false},
		{"{kind: status, status: 503, until: 5s}", "100", 20, false},
	} {
		s := parsed(t, scenarios.Vocabulary{}, again, "{kind: status, status: 503, attempts: 2, rate: 0.5}",
			test.faults, "attempts: 3", "attempts: "+test.attempts,
			"flags: all", "flags: [BR, CN, DE, EG, FR, IN, US, ZZ]")
		if s.Server.Faults[0].Until > 0 {
			s.Expect.Schedule = nil // no plan knows when a request arrives
		}
		got, recs := judged(t, &scenarios.Runner{}, s)
		if got != "sequential pool/4" {
			t.Errorf("%s in %s: %s %v", test.faults, test.attempts, got, recs[0].Violations)
		}
		highest, failed := 0, false
		for _, sample := range recs[1].Samples {
			highest, failed = max(highest, sample.Attempt), failed || sample.Class.Outcome() == record.OutcomeError
			if service := sample.Finished - sample.Started; service != sample.PlannedService {
				t.Errorf("%s: %s took %v, planned %v", test.faults, sample.Key, service, sample.PlannedService)
			}
		}
		if highest > test.attempt || highest < min(test.attempt, 3) || failed != test.fails {
			t.Errorf("%s in %s: decided at attempt %d at most, some failed: %v", test.faults, test.attempts,
				highest, failed)
		}
	}
}

// TestWrongAttempts has clients that try again as they should not: what they
// come to is not what a correct one does.
func TestWrongAttempts(t *testing.T) {
	ask := func(ctx context.Context, server *servers.Server, key string, attempt int, header bool) record.Seen {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URLFor(key, attempt)+servers.FlagPath(key),
			nil)
		if err != nil {
			return record.Seen{Class: record.Failed, Error: err.Error()}
		}
		if header {
			req.Header.Set(servers.AttemptHeader, strconv.Itoa(attempt))
		}
		resp, err := server.Client().Do(req)
		if err != nil {
			return record.Seen{Class: record.Failed, Error: err.Error()}
		}
		_ = resp.Body.Close()
		return record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode}
	}
	for name, test := range map[string]struct {
		tries  int
		header bool
		want   string
	}{
		"right":                  {3, true, ""},
		"gives up after the 1st": {1, true, "classification"},
		"gives up after the 2nd": {2, true, "classification"},
		"does not say which":     {3, false, ""}, // the server counts
	} {
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(
			func(ctx context.Context, server *servers.Server, key string, _ int) (seen record.Seen) {
				for n := range test.tries {
					if seen = ask(ctx, server, key, n+1, test.header); seen.Class.Outcome() != record.OutcomeError {
						break
					}
				}
				return seen
			})}}
		s := parsed(t, v, again, "task: download", "task: fetch", "expect: {schedule: {within: 0.000001ms}}", "",
			"flags: all", "flags: top20")
		rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[1])
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case test.want == "" && len(rec.Violations) > 0, test.want != "" &&
			(len(rec.Violations) != 1 || rec.Violations[0].Check != test.want):
			t.Errorf("%s: got %v, want %q", name, rec.Violations, test.want)
		}
	}
}

// TestAttemptsCounted has an SDK that retries by itself, and says of each
// request that it is the first attempt: counted, it meets what the plan has for
// the next ones, also where no connection is made.
func TestAttemptsCounted(t *testing.T) {
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"ask": scenarios.RequestWorkload(
		func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
			for range 3 {
				url := s.URLOf(ctx, key, 1) + servers.FlagPath(key)
				if seen, _ = plainly(ctx, s.Client(), url, servers.AttemptHeader, "1"); seen.Class == record.OK {
					break
				}
			}
			return seen
		})}}
	for _, kind := range []string{"status, status: 503", "refuse", "reset_body"} {
		for _, keys := range []string{"[BR, CN, DE]", "[BR, BR, BR]"} {
			for _, numbers := range []string{"counted", "said"} {
				s := parsed(t, v, fmt.Sprintf("name: x\nclock: virtual\nserver:\n  latency: 20ms\n  attempts: %s\n"+
					"  faults: [{kind: %s, attempts: 2}]\nworkload: {task: ask, keys: %s, attempts: 3}\n"+
					"executors: [{kind: pool, workers: 2}]\nexpect: {outcomes: {ok: 3}, classification: coarse}\n",
					numbers, kind, keys))
				got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
				if holds := got == "pool/2"; holds != (numbers == "counted") {
					t.Errorf("%s of %s, %s: got %s: %v %v", kind, keys, numbers, got, recs[0].Violations,
						recs[0].Inconclusive)
				}
			}
		}
	}
}
