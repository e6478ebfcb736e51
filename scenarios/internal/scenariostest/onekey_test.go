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

// saying are clients that say of a request what they know of it, in each way.
var saying = map[string]scenarios.RequestFunc{
	"nothing": plain,
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
				if got != "sequential pool/10" {
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
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"ask": scenarios.RequestWorkload(
			func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
				if seen := client(ctx, s, key, n); seen.Class == record.OK {
					return seen
				}
				mu.Lock()
				defer mu.Unlock()
				lies++
				return record.Seen{Class: record.OK, Status: http.StatusOK}
			})}}
		for _, executor := range []string{"{kind: sequential}", "{kind: pool, workers: 10}"} {
			lies = 0
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
			exact := executor == "{kind: sequential}" || says != "nothing" && says != "attempt"
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
