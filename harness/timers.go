package harness

import (
	"context"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"time"
)

// horizon is how far the virtual clock is moved on to see what fires.
const horizon = 24 * time.Hour

// findTimers finds the timers that are pending when everything has ended. The
// virtual clock can be moved on until they fire. The goroutines that are left
// have timers that are rightly theirs, so that nothing is found beside them.
//
// A timer or ticker with a channel that no goroutine waits for is not pending:
// since Go 1.23 it costs nothing but its memory, which the garbage collector
// takes back, stopped or not.
func (r *run) findTimers() {
	id, _ := r.bubble.Load().(string)
	if !r.settle(func() bool { return r.alone(id) }) {
		return
	}
	n := created(func() { moveOn(horizon) })
	switch {
	case n == 0 || r.trial.ignored("time.AfterFunc"):
	case steady():
		r.pending = n
	default:
		r.drowned = true
	}
}

// mostTimerRuns is how often a trial is run to confirm its timers, or to find
// them where a run could not tell.
const mostTimerRuns = 4

// bubbles is held by each run under the virtual clock, and by one that confirms
// timers alone: another run's goroutines would be counted as its timers.
var bubbles sync.RWMutex

// confirmTimers notes the timers that were found, if another run finds as many,
// which has no other beside it. What the rest of the process does then is
// counted with them: the garbage collector, say, starts goroutines at times.
// A run beside which it went on doing so neither confirms nor refutes timers.
// What no other run can confirm is in doubt.
func (r *run) confirmTimers(ctx context.Context) {
	if r.pending == 0 && !r.drowned {
		return
	}
	if r.trial.Again != nil && !r.trial.Again(ctx) {
		if r.pending > 0 && ctx.Err() == nil {
			const remedy = "have each call of the client make channels and timers of its own"
			r.held.add(false, pendingTimers(r.pending), remedy)
		}
		return
	}
	bubbles.Lock()
	defer bubbles.Unlock()
	found := map[int]bool{}
	for runs, last := 1, r; last.pending > 0 || last.drowned; runs++ {
		n := last.pending
		if n > 0 && found[n] {
			r.held.add(true, pendingTimers(n), "")
			return
		}
		if found[n] = true; runs == mostTimerRuns {
			return
		}
		again := *r.trial
		again.Watch, again.Hung, again.Scheduled = nil, nil, nil
		last, _ = newRun(ctx, &again).inBubble(ctx)
	}
}

func pendingTimers(n int) string { return plural(n, "call") + " of time.AfterFunc pending" }

// alone reports whether no goroutine of the bubble is left but those that carry
// it.
func (r *run) alone(bubble string) bool {
	dump, _ := dumpStacks(0)
	for g := range goroutines(dump) {
		if strings.Contains(g.header, bubble) && !g.calls("internal/synctest.", "testing/synctest.",
			"github.com/teapot-go/teapot/harness.(*run).alone") {
			return false
		}
	}
	return true
}

// created returns how many goroutines the process creates while what it is
// given goes on: a time.AfterFunc that fires creates one.
func created(during func()) int {
	counted := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(counted)
	before := counted[0].Value.Uint64()
	during()
	metrics.Read(counted)
	return int(counted[0].Value.Uint64() - before)
}

// moveOn moves the virtual clock on.
func moveOn(d time.Duration) { waitUntil(context.Background(), time.Now().Add(d)) }

// steady reports whether the rest of the process creates no goroutines, which
// would be taken for timers. On one processor the rest needs a turn for that.
func steady() bool {
	return created(func() {
		for n := range 1000 {
			if moveOn(time.Nanosecond); n%100 == 0 {
				runtime.Gosched()
			}
		}
	}) == 0
}
