package harness

import (
	"context"
	"runtime/metrics"
	"strings"
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
	if n := created(horizon); n > 0 && !r.trial.ignored("time.AfterFunc") && steady(created) {
		r.pending = n
	}
}

// confirmTimers notes the timers that were found, if they are found again in a
// second run. What the rest of the process does at that moment is counted with
// them: the garbage collector, say, starts goroutines now and then.
func (r *run) confirmTimers(ctx context.Context) {
	if r.pending == 0 {
		return
	}
	again := *r.trial
	again.Watch, again.Hung, again.Scheduled = nil, nil, nil
	if second, _ := newRun(ctx, &again).inBubble(ctx); second.pending > 0 {
		r.held.add(true, plural(r.pending, "call")+" of time.AfterFunc pending", "")
	}
}

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

// created moves the virtual clock on, and returns how many goroutines the
// process has created: a time.AfterFunc that fires creates one.
func created(d time.Duration) int {
	counted := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(counted)
	before := counted[0].Value.Uint64()
	waitUntil(context.Background(), time.Now().Add(d))
	metrics.Read(counted)
	return int(counted[0].Value.Uint64() - before)
}

// steady reports whether the rest of the process creates goroutines so seldom
// that two runs do not take them for timers: never, or while at most one in a
// thousand times the clock is moved on. A busy process starts one now and then,
// such as the garbage collector's.
func steady(created func(time.Duration) int) bool {
	const window, windows = 1000, 10
	beside := 0
	for looks := 1; looks <= window*windows; looks++ {
		if created(time.Nanosecond) > 0 {
			beside++
		}
		if looks == window && beside == 0 {
			return true
		}
	}
	return beside <= windows
}
