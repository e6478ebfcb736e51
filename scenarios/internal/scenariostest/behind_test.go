package scenarios_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// A keeper reports what it has of a key, and asks for that again in a goroutine
// when it has reported it. The next task waits for that goroutine.
type keeper struct {
	mu   sync.Mutex
	kept map[string]*keeping
}

type keeping struct {
	seen record.Seen
	busy chan struct{} // closed when seen is there
}

func (k *keeper) fetch(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
	k.mu.Lock()
	has := k.kept[key]
	k.mu.Unlock()
	if has == nil {
		seen := plain(ctx, s, key, 1)
		if seen.Class == record.OK {
			done := make(chan struct{})
			close(done)
			k.put(key, &keeping{seen, done})
		}
		return seen
	}
	<-has.busy
	next := &keeping{has.seen, make(chan struct{})}
	k.put(key, next)
	go func() {
		defer close(next.busy)
		if seen := plain(context.WithoutCancel(ctx), s, key, 1); seen.Class == record.OK {
			next.seen = seen
		}
	}()
	return has.seen
}

func (k *keeper) put(key string, has *keeping) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil {
		k.kept = map[string]*keeping{}
	}
	k.kept[key] = has
}

// TestBehind: what a client asks for behind a task explains nothing that the
// task has reported, and is not taken for a request of the next one. A report
// that no answer can have told is found all the same.
func TestBehind(t *testing.T) {
	careless := func() scenarios.RequestFunc {
		return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			go plain(context.WithoutCancel(ctx), s, key, 1)
			return record.Seen{Class: record.OK, Status: 200}
		}
	}
	const late = 20 * time.Millisecond
	keeps := func() scenarios.RequestFunc { return new(keeper).fetch }
	for _, test := range []struct {
		name, when, workload string // when requests fail
		client               func() scenarios.RequestFunc
		found, doubts        bool
	}{
		{"a cache", "rate: 0.4", "flags: [BR, BR, BR, BR, CN, CN, CN, CN], unasked: cache", keeps, false, false},
		{"a cache, untold", "rate: 0.4", "flags: [BR, BR, BR, BR, CN, CN, CN, CN]", keeps, false, true},
		{"nothing is known", "attempts: 9", "flags: [BR, CN, DE, FR, IN, US], unasked: cache", careless, true, false},
		{"nothing is known, untold", "attempts: 9", "flags: [BR, CN, DE, FR, IN, US]", careless, true, false},
	} {
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			seeds := map[record.Clock]int{record.Virtual: 60, record.Real: 5}[clock]
			for seed := range seeds {
				// A run that is made again is in another bubble, which must not
				// wait for what the client has from the first.
				mine := func(s *scenarios.Scenario, server *servers.Server) (*harness.Workload, error) {
					return scenarios.RequestWorkload(test.client())(s, server)
				}
				v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"mine": mine}}
				rec := ran(t, v, fmt.Sprintf(`name: behind
seed: %d
clock: %s
server: {latency: "uniform(50ms, 90ms)", faults: [{kind: status, status: 503, %s}]}
workload: {task: mine, %s}
executors: [{kind: pool, workers: 5}]
`, seed, clock, test.when, test.workload))
				if rec.Late > late {
					continue // the machine may have kept a task from its end until the answer came
				}
				if found := len(rec.Violations) > 0; found != test.found {
					t.Errorf("%s, %s, seed %d: got %v", test.name, clock, seed, rec.Violations)
				}
				if len(rec.Inconclusive) > 0 && !test.doubts && !test.found {
					t.Errorf("%s, %s, seed %d: got %v", test.name, clock, seed, rec.Inconclusive)
				}
			}
		}
	}
}
