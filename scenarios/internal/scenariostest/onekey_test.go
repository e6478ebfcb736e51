package scenarios_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/taskid"
)

// fetch asks for a key's flag with headers and a query.
func fetch(ctx context.Context, s *servers.Server, key, query string, headers ...string) record.Seen {
	seen, _ := plainly(ctx, s.Client(), s.URL()+servers.FlagPath(key)+query, headers...)
	return seen
}

// threeTimes returns a client that asks up to three times, until it has an
// answer.
func threeTimes(once scenarios.RequestFunc) scenarios.RequestFunc {
	return func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
		for n := range 3 {
			if seen = once(ctx, s, key, n+1); seen.Class == record.OK {
				break
			}
		}
		return seen
	}
}

// apart returns a client whose requests do not have the context of their task,
// so that nothing says whose they are.
func apart(client scenarios.RequestFunc) scenarios.RequestFunc {
	return func(_ context.Context, s *servers.Server, key string, n int) record.Seen {
		return client(context.Background(), s, key, n)
	}
}

// saying are clients that say of a request what they know of it, in each way.
var saying = map[string]scenarios.RequestFunc{
	"nothing": apart(plain),
	"context": plain,
	"attempt": func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
		return fetch(ctx, s, key, "", servers.AttemptHeader, strconv.Itoa(n))
	},
	"task": func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		return fetch(ctx, s, key, "", taskid.Header, strconv.Itoa(taskid.FromContext(ctx)))
	},
	"trace": func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		return fetch(ctx, s, key, "", "traceparent", taskid.Traceparent(ctx))
	},
	"query": func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		return fetch(ctx, s, key, fmt.Sprintf("?%s=%d", taskid.Query, taskid.FromContext(ctx)))
	},
	"transport": func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		client := &http.Client{Transport: taskid.Transport{Base: s.Client().Transport}}
		seen, _ := plainly(ctx, client, s.URL()+servers.FlagPath(key))
		return seen
	},
	"both": func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
		return fetch(ctx, s, key, "", servers.AttemptHeader, strconv.Itoa(n),
			taskid.Header, strconv.Itoa(taskid.FromContext(ctx)))
	},
}

// TestOneKey has a hundred tasks ask for one URL of which a share fails: each
// meets a fate of its own, whatever the client says of its requests, so that
// the share of the tasks fails that the plan says.
func TestOneKey(t *testing.T) {
	const n, seed = 100, 3
	plan := servers.Plan{Seed: seed, Faults: []servers.Fault{{Kind: servers.StatusFault, Status: 503, Rate: 0.1}}}
	for _, attempts := range []int{1, 3} {
		planned := oracle.Oracle{Attempts: attempts, Plan: func(key string, occurrence, attempt int) record.Planned {
			return oracle.Truth(plan.FateOf(fault.Request{Key: key, Occurrence: occurrence, Attempt: attempt}), 0)
		}}
		classes := map[record.Class]int{}
		for i := range n {
			_, p := planned.Foretell("BR", i+1)
			classes[p.PlannedClass]++
		}
		if attempts == 1 && (classes[record.Status] < 5 || classes[record.Status] > 20) {
			t.Fatalf("planned %v: want about one in ten to fail", classes)
		}
		for says, client := range saying {
			if attempts > 1 {
				client = threeTimes(client)
			}
			v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
				"ask": scenarios.RequestWorkload(client),
			}}
			for _, clock := range []string{"virtual", "real"} {
				s := parsed(t, v, fmt.Sprintf("name: one\nseed: %d\nclock: %s\nserver: {latency: 1ms, faults: "+
					"[{kind: status, status: 503, rate: 0.1}]}\nworkload: {task: ask, attempts: %d, keys: [BR%s]}\n"+
					"executors: [{kind: sequential}, {kind: pool, workers: 10}]\n", seed, clock, attempts,
					strings.Repeat(", BR", n-1)))
				got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
				want := "sequential pool/10"
				if says == "nothing" && attempts > 1 {
					want += ":retries?" // nor is it known how often each task tried
				}
				if got != want {
					t.Errorf("%s, %d attempts, %s: %s", says, attempts, clock, got)
				}
				for _, rec := range recs {
					if attempts == 1 && fmt.Sprint(rec.Classes) != fmt.Sprint(classes) {
						t.Errorf("%s, %s on %s: got %v, want %v", says, clock, rec.Name(), rec.Classes, classes)
					}
				}
			}
		}
	}
}

// TestOneKeyAccuses has a client at one URL that reports success whatever
// comes. Where its requests name their tasks, each lie is found.
func TestOneKeyAccuses(t *testing.T) {
	for says, client := range saying {
		lies := 0
		var mu sync.Mutex
		ask := scenarios.RequestWorkload(func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
			if seen := client(ctx, s, key, n); seen.Class == record.OK {
				return seen
			}
			mu.Lock()
			defer mu.Unlock()
			lies++
			return record.Seen{Class: record.OK, Status: http.StatusOK}
		})
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
			"ask": func(s *scenarios.Scenario, server *servers.Server) (*harness.Workload, error) {
				mu.Lock()
				defer mu.Unlock()
				lies = 0 // a run that has timers confirmed is made again, and is the same
				return ask(s, server)
			},
		}}
		for _, executor := range []string{"{kind: sequential}", "{kind: pool, workers: 10}"} {
			s := parsed(t, v, "name: one\nseed: 3\nclock: virtual\nserver: {latency: \"uniform(1ms, 9ms)\", faults: "+
				"[{kind: status, status: 503, rate: 0.1}]}\nworkload: {task: ask, keys: [BR"+strings.Repeat(", BR", 99)+
				"]}\nexecutors: ["+executor+"]\n")
			got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
			if !strings.Contains(got, ":classification") {
				t.Errorf("%s: %s of a client that lies %d times", says, got, lies)
			}
			wrong := 0
			for _, sample := range recs[0].Samples {
				if !sample.Agrees() {
					wrong++
				}
			}
			exact := executor == "{kind: sequential}" || says != "nothing"
			if exact && wrong != lies {
				t.Errorf("%s on %s: %d lies found of %d", says, executor, wrong, lies)
			}
		}
	}
}

// TestSharedRequest has several tasks of one key share a request, as a client
// does that coalesces: the one request explains them all.
func TestSharedRequest(t *testing.T) {
	for _, status := range []string{"", "faults: [{kind: status, status: 503, rate: 1}], "} {
		for _, named := range []bool{false, true} {
			var mu sync.Mutex
			var waiting []chan record.Seen
			v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"ask": scenarios.RequestWorkload(
				func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
					mu.Lock()
					if waiting != nil {
						answer := make(chan record.Seen, 1)
						waiting = append(waiting, answer)
						mu.Unlock()
						return <-answer
					}
					waiting = []chan record.Seen{}
					mu.Unlock()
					client := saying["nothing"]
					if named {
						client = saying["task"]
					}
					<-time.After(time.Millisecond) // so that the others come
					seen := client(ctx, s, key, n)
					mu.Lock()
					defer mu.Unlock()
					for _, answer := range waiting {
						answer <- seen
					}
					waiting = nil
					return seen
				})}}
			s := parsed(t, v, "name: one\nseed: 3\nclock: virtual\nserver: {"+status+"latency: 9ms}\n"+
				"workload: {task: ask, keys: [BR, BR, BR, BR, BR, BR]}\nexecutors: [{kind: pool, workers: 3}]\n")
			if got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s); got != "pool/3" {
				t.Errorf("%q, named %v: %s: %v", status, named, got, recs[0].Inconclusive)
			}
		}
	}
}

// TestRepeatedFlags downloads a flag several times: each is a task of its own.
func TestRepeatedFlags(t *testing.T) {
	s := parsed(t, scenarios.Vocabulary{}, "name: flags\nseed: 3\nclock: virtual\nserver: {latency: \"uniform(5ms, "+
		"50ms)\", faults: [{kind: refuse, rate: 0.3}, {kind: status, status: 503, rate: 0.5}, {kind: reset, "+
		"every: 5}]}\n"+
		"workload: {task: download, attempts: 2, flags: [BR"+strings.Repeat(", BR", 39)+"]}\n"+
		"executors: [{kind: sequential}, {kind: pool, workers: 7}, {kind: async}]\n"+
		"expect: {schedule: {within: 0.000001ms}}\n")
	got, recs := judged(t, &scenarios.Runner{}, s)
	if got != "sequential pool/7 async" {
		t.Errorf("got %s: %v", got, recs[1].Violations)
	}
	for _, rec := range recs {
		if len(rec.Samples) != 40 || fmt.Sprint(rec.Classes) != fmt.Sprint(recs[0].Classes) || len(rec.Classes) < 3 {
			t.Errorf("%s: %d tasks, %v", rec.Name(), len(rec.Samples), rec.Classes)
		}
	}
}

// hedging is a client that sends a second request soon after the first, and
// leaves the one that is slower.
func hedging(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	first := make(chan record.Seen, 2)
	for i := range cap(first) {
		go func() {
			if i > 0 {
				<-time.After(5 * time.Millisecond)
			}
			first <- plain(ctx, s, key, n)
		}()
	}
	return <-first
}

// TestOneKeyRetries has clients at one URL try again. Where requests have the
// context of their task, a correct client holds and a wrong one is found. Where
// they have not, a correct one is not accused, and a wrong one does not hold.
func TestOneKeyRetries(t *testing.T) {
	const (
		told     = "{kind: status, status: 503, retry_after: 2s, rate: 0.5}"
		failing  = "{kind: status, status: 503, rate: 0.5}"
		often    = "{kind: status, status: 503, rate: 0.8}"
		breaking = "{kind: reset_body, rate: 0.2}, {kind: truncate, rate: 0.2}, {kind: status, status: 503, rate: 0.2}"
		refusing = "{kind: refuse, rate: 0.4}, {kind: reset_body, rate: 0.2}"
		outage   = "{kind: status, status: 503, from: 5ms, until: 5s}"
		policy   = "retry: {attempts: 4, wait: 300ms}"
	)
	correct, quick := retrying(4, 2*time.Second, answered), retrying(4, 0, answered)
	polite := retrying(4, 300*time.Millisecond, answered)
	for _, test := range []struct {
		name             string
		client           scenarios.RequestFunc
		faults, workload string
		wrong            bool
	}{
		{"waits as told", correct, told, "attempts: 4", false},
		{"waits as told by a policy", correct, told, "retry: {attempts: 4, wait: 10ms}", false},
		{"waits longer", retrying(4, 7*time.Second, answered), told, "attempts: 4", false},
		{"waits by a policy", polite, failing, policy, false},
		{"waits by a policy", polite, breaking, policy, false},
		{"waits by a policy", polite, refusing, policy, false},
		{"waits by a policy", polite, outage, policy, false},
		{"does not wait without a policy", quick, refusing, "attempts: 4", false},
		{"hedges", hedging, failing, "attempts: 1", false},
		{"hedges where it is told to wait", hedging, told, "attempts: 1", false},
		{"does not wait as told", quick, told, "attempts: 4", true},
		{"waits half of it", retrying(4, time.Second, answered), told, "attempts: 4", true},
		{"does not wait by a policy", quick, failing, policy, true},
		{"does not wait by a policy", quick, breaking, policy, true},
		{"never stops", retrying(4, 300*time.Millisecond, never), failing, policy, true},
		{"tries too often", retrying(9, 300*time.Millisecond, answered), often, policy, true},
		{"tries too often", retrying(9, 300*time.Millisecond, answered), often, "attempts: 4", true},
		{"gives up", retrying(2, 300*time.Millisecond, answered), failing, policy, true},
		{"gives up", retrying(2, 300*time.Millisecond, answered), breaking, "attempts: 4", true},
		{"gives up", retrying(1, 300*time.Millisecond, answered), refusing, policy, true},
		{"gives up", retrying(2, 300*time.Millisecond, answered), outage, "attempts: 4", true},
	} {
		for _, known := range []bool{true, false} {
			client := test.client
			if !known {
				client = apart(client)
			}
			v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
				"ask": scenarios.RequestWorkload(client),
			}}
			for seed := range 6 {
				s := parsed(t, v, fmt.Sprintf("name: one\nseed: %d\nclock: virtual\n"+
					"server: {latency: \"uniform(1ms, 9ms)\", faults: [%s]}\n"+
					"workload: {task: ask, %s, keys: [BR%s]}\nexpect: {classification: coarse}\n"+
					"executors: [{kind: pool, workers: [1, 2, 10]}]\n",
					seed, test.faults, test.workload, strings.Repeat(", BR", 29)))
				got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
				for i, rec := range recs {
					accused, unknown := len(rec.Violations) > 0, len(rec.Inconclusive) > 0
					fine := accused == test.wrong && (test.wrong || !unknown)
					if !known {
						fine = accused == test.wrong || unknown && !accused
					}
					if !fine {
						t.Errorf("%s at %s by %s, whose requests are known %v, seed %d: got %s: %v %v",
							test.name, test.faults,
							test.workload, known, seed, strings.Fields(got)[i], rec.Violations, rec.Inconclusive)
					}
				}
			}
		}
	}
}
