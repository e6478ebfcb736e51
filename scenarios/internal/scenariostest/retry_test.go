package scenarios_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// retrying is a client that makes some attempts, waits between them, and stops
// as it likes.
func retrying(attempts int, wait time.Duration, stops func(record.Seen) bool) scenarios.RequestFunc {
	return func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
		for n := range attempts {
			if n > 0 {
				<-time.After(wait)
			}
			if seen = plain(ctx, s, key, 1); stops(seen) {
				break
			}
		}
		return seen
	}
}

func answered(seen record.Seen) bool { return seen.Class.Outcome() != record.OutcomeError }

func final(seen record.Seen) bool { return answered(seen) || seen.Status/100 == 4 }

func never(record.Seen) bool { return false }

// TestRetries has correct clients beside wrong ones, under policies of retries
// and without one.
func TestRetries(t *testing.T) {
	const (
		busy    = "faults: [{kind: status, status: 503, retry_after: 2s, attempts: 1}]"
		dated   = "faults: [{kind: status, status: 429, retry_after: date(2s), attempts: 1}]"
		passed  = `faults: [{kind: status, status: 429, retry_after: "Sat, 01 Jan 2000 00:00:10 GMT", attempts: 1}]`
		at400   = "faults: [{kind: status, status: 400, rate: 0.5}]"
		at503   = "faults: [{kind: status, status: 503, rate: 0.5}]"
		closed  = "faults: [{kind: close, rate: 0.5}, {kind: refuse, rate: 0.3}]"
		often   = "faults: [{kind: status, status: 503, rate: 0.9}]"
		backoff = "retry: {attempts: 3, wait: 'exponential(50ms, 200ms)'}"
		only503 = "retry: {attempts: 3, on: [503], wait: 10ms}"
	)
	asKeyed := scenarios.RequestFunc(scenarios.Downloader{}.Download)
	for _, test := range []struct {
		name             string
		client           scenarios.RequestFunc
		server, workload string
		want             string // the violated check
	}{
		{"download waits as told", asKeyed, busy, "attempts: 3", ""},
		{"download waits for a date", asKeyed, dated, "attempts: 2", ""},
		{"download waits for a fixed date", asKeyed, passed, "attempts: 2", ""},
		{"download by a policy", asKeyed, at503, backoff, ""},
		{
			"download by a policy that ignores", asKeyed, busy, "retry: {attempts: 3, wait: 10ms, retry_after: ignore}",
			"",
		},
		{"download tries again what was closed", asKeyed, closed, backoff, ""},
		{"download stops at a 400", asKeyed, at400, only503, ""},
		{"download with any pause", asKeyed, at503, "retry: {attempts: 4, wait: 'uniform(10ms, 90ms)'}", ""},
		{"download with jitter", asKeyed, at503, "retry: {attempts: 4, wait: 'exponential(10ms, 90ms, 1)'}", ""},
		{"waits as told", retrying(3, 2*time.Second, answered), busy, "attempts: 3", ""},
		{"ignores Retry-After", retrying(3, 0, answered), busy, "attempts: 3", "retries"},
		{"ignores a date", retrying(3, 0, answered), dated, "attempts: 3", "retries"},
		{"waits too short", retrying(3, 1900*time.Millisecond, answered), busy, "attempts: 3", "retries"},
		{"does not try a 400 again", retrying(3, 0, final), at400, "attempts: 3", ""},
		{"tries a 400 again", retrying(3, 0, answered), at400, "attempts: 3", ""},
		{"waits as it likes", retrying(3, time.Second, answered), at503, "attempts: 3", ""},
		{"gives up", retrying(1, 0, answered), at503, "attempts: 3", "classification"},
		{"tries a 400 again against the policy", retrying(3, 10*time.Millisecond, answered), at400, only503, "retries"},
		{"never stops", retrying(3, 300*time.Millisecond, never), at503, backoff, "retries"},
		{"tries too often", retrying(9, 300*time.Millisecond, answered), often, backoff, "retries"},
		{"does not wait", retrying(3, 0, answered), at503, backoff, "retries"},
		{"does not wait longer each time", retrying(3, 50*time.Millisecond, answered), at503, backoff, "retries"},
	} {
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
			"fetch": scenarios.RequestWorkload(test.client),
		}}
		expect := "expect: {efficiency: \">= 0.99\"}"
		if test.want != "" {
			expect = "expect: {}"
		}
		source := fmt.Sprintf("name: x\nseed: 7\nclock: virtual\nserver: {latency: 20ms, %s}\nworkload: {task: fetch, "+
			"keys: [BR, CN, DE, EG, FR, IN, US, VN], %s}\nexecutors: [{kind: sequential}, {kind: pool, workers: "+
			"3}]\n%s\n",
			test.server, test.workload, expect)
		s, mistakes := v.Parse("x.yaml", []byte(source))
		if mistakes != nil {
			t.Errorf("%s: %v", test.name, mistakes)
			continue
		}
		got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
		if test.want == "" && strings.Contains(got, ":") || !strings.Contains(got, test.want) {
			t.Errorf("%s: got %s, want %q: %v", test.name, got, test.want, recs[1].Violations)
		}
		if test.want == "retries" {
			again, _ := judged(t, &scenarios.Runner{Vocabulary: v}, parsed(t, v, source, "{}\n", "{retries: any}\n"))
			if strings.Contains(again, "retries") {
				t.Errorf("%s, when any will do: got %s", test.name, again)
			}
		}
	}
}

// TestGoingOn has clients that go on after an answer, beside some that seem to:
// without a policy, under both clocks, with a key for each task and one for
// all.
func TestGoingOn(t *testing.T) {
	twice := func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		plain(ctx, s, key, 1)
		return plain(ctx, s, key, 1)
	}
	for _, test := range []struct {
		name   string
		client scenarios.RequestFunc
		wrong  bool
	}{
		{"asks twice", twice, true},
		{"asks twice, and does not say for which task", unnamed(twice), true},
		{"asks three times, and does not say for which task", unnamed(retrying(3, 0, never)), true},
		{"stops", retrying(3, 0, answered), false},
		{"stops, and does not say for which task", unnamed(retrying(3, 0, answered)), false},
		{"HEAD, then GET", func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			url := s.URL() + servers.FlagPath(key)
			if resp, err := s.Client().Head(url); err == nil {
				resp.Body.Close()
			}
			return plain(context.Background(), s, key, 1)
		}, false},
		{"asks whether it is still good", func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			url := s.URL() + servers.FlagPath(key)
			seen, tag := plainly(ctx, s.Client(), url)
			if tag != "" {
				plainly(ctx, s.Client(), url, "If-None-Match", tag)
			}
			return seen
		}, false},
		{"asks again for a part", func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			url := s.URL() + servers.FlagPath(key)
			seen, _ := plainly(ctx, s.Client(), url)
			plainly(ctx, s.Client(), url, "Range", "bytes=0-9")
			return seen
		}, false},
		{"hedges", patientHedge, false},
		{"hedges, and does not say for which task", unnamed(patientHedge), false},
	} {
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
			"fetch": scenarios.RequestWorkload(test.client),
		}}
		for _, keys := range []string{"[BR, CN, DE, EG]", "[BR, BR, BR, BR]"} {
			for _, clock := range []string{"virtual", "real"} {
				for _, faults := range []string{"", "{kind: redirect, rate: 0.5}"} {
					s := parsed(t, v, fmt.Sprintf("name: x\nseed: 7\nclock: %s\nserver: {latency: 'list(5ms, 40ms)', "+
						"faults: [%s]}\nworkload: {task: fetch, flags: %s, attempts: 3}\n"+
						"executors: [{kind: pool, workers: 2}]\n", clock, faults, keys))
					got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
					found := strings.Contains(got, ":retries")
					unsaid := strings.Contains(test.name, "does not say")
					surely := found && !strings.Contains(got, "retries?")
					if clock == "real" { // on a busy machine the slower of two hedges may be answered too
						got = strings.ReplaceAll(got, "classification?", "")
					}
					if test.wrong && !found || !test.wrong && surely || strings.Contains(got, "classification") ||
						test.wrong && clock == "virtual" && !surely && !unsaid {
						t.Errorf("%s, %s, %s, faults %q: got %s: %v %v", test.name, keys, clock, faults, got,
							recs[0].Violations, recs[0].Inconclusive)
					}
				}
			}
		}
	}
}

// unnamed has a client's requests not name their task.
func unnamed(client scenarios.RequestFunc) scenarios.RequestFunc {
	return func(_ context.Context, s *servers.Server, key string, attempt int) record.Seen {
		return client(context.Background(), s, key, attempt)
	}
}

// patientHedge is a client that sends a second request when the first is slow,
// takes the first answer, and waits for the other.
func patientHedge(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
	answers := make(chan record.Seen, 2)
	one := func() { answers <- plain(ctx, s, key, 1) }
	go one()
	select {
	case seen := <-answers:
		return seen
	case <-time.After(20 * time.Millisecond):
	}
	go one()
	seen := <-answers
	<-answers
	return seen
}

// TestRetriesUnderTheRealClock accuses no correct client, however busy the
// machine is.
func TestRetriesUnderTheRealClock(t *testing.T) {
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
		"fetch": scenarios.RequestWorkload(scenarios.Downloader{}.Download),
	}}
	s := parsed(t, v, `name: x
seed: 7
server:
  latency: 2ms
  faults:
    - {kind: status, status: 503, rate: 0.3}
    - {kind: reset, rate: 0.3}
    - {kind: truncate, rate: 0.2}
    - {kind: hang, rate: 0.1}
workload: {task: fetch, flags: x, timeout: 2s, retry: {attempts: 5, wait: 'exponential(5ms, 40ms)'}}
executors: [{kind: pool, workers: 8}]
`, "flags: x", "keys: [BR, CN, DE, EG, FR, IN, US, VN, IT, ES, PT, NL]")
	if got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s); got != "pool/8" {
		t.Errorf("got %s: %v", got, recs[0].Violations)
	}
}

// TestRedirects has clients follow redirects to another host: net/http leaves
// the credentials behind, and a client that takes them along is found.
func TestRedirects(t *testing.T) {
	for _, careless := range []bool{false, true} {
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(
			func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				client := *s.Client()
				if careless {
					client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
						r.Header.Set("Authorization", via[0].Header.Get("Authorization"))
						return nil
					}
				}
				seen, _ := plainly(ctx, &client, s.URL()+servers.FlagPath(key), "Authorization", "Bearer tea")
				return seen
			})}}
		for _, clock := range []string{"virtual", "real"} {
			for _, protocol := range []string{"http", "https", "h2c", "h2"} {
				for _, other := range []bool{false, true} {
					s := parsed(t, v, fmt.Sprintf("name: x\nclock: %s\nserver:\n  protocol: %s\n"+
						"  faults: [{kind: redirect, status: 308, hops: 1, other_host: %v, rate: 1}]\n"+
						"workload: {task: fetch, flags: [BR, CN]}\nexecutors: [{kind: pool, workers: 2}]\n", clock,
						protocol, other))
					want := "pool/2"
					if careless && other {
						want += ":retries"
					}
					if got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s); got != want {
						t.Errorf("careless %v over %s, %s, another host %v: got %s, want %s: %v", careless,
							protocol, clock, other,
							got, want, recs[0].Violations)
					}
				}
			}
		}
	}
}
