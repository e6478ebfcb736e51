package harness

import (
	"slices"
	"strings"
	"sync"
)

// A run that is given up leaves its goroutines behind, and they may go on: when
// what they wait for comes after all, they open files and start processes as
// the client would. A later run must not be blamed for that.
//
// leftover has the ids of the goroutines that runs under the real clock have
// left. Those of the virtual clock are known by their bubbles.
var leftover struct {
	mu  sync.Mutex
	ids map[string]bool
}

// leave notes the goroutines of a run under the real clock that has not come
// to its own end.
func (r *run) leave() {
	dump, _ := dumpStacks(0)
	leftover.mu.Lock()
	defer leftover.mu.Unlock()
	if leftover.ids == nil {
		leftover.ids = map[string]bool{}
	}
	for g := range goroutines(dump) {
		if id := g.id(); !r.before[id] {
			leftover.ids[id] = true
		}
	}
}

// isLeftover reports whether a goroutine is what an earlier run has left, or
// was started by such a one.
func isLeftover(g goroutine) bool {
	if strings.Contains(g.header, "synctest bubble ") {
		return true // no bubble is under way in a run under the real clock
	}
	leftover.mu.Lock()
	defer leftover.mu.Unlock()
	id := g.id()
	if leftover.ids[g.parent] {
		leftover.ids[id] = true
	}
	return leftover.ids[id]
}

// leftovers returns where each goroutine stands that earlier runs have left.
func leftovers() map[string]string {
	left := map[string]string{}
	dump, _ := dumpStacks(0)
	for g := range goroutines(dump) {
		if isLeftover(g) {
			left[g.id()] = g.state() + " " + g.place()
		}
	}
	return left
}

// watchLeftovers looks at what earlier runs have left. The function that it
// returns reports whether any of that may have gone on since: it stands
// elsewhere now, or does not wait for another goroutine.
func watchLeftovers() func() bool {
	before := leftovers()
	return func() bool {
		now := leftovers()
		if len(now) != len(before) {
			return true
		}
		for id, place := range now {
			if before[id] != place || wakesByItself(place) {
				return true
			}
		}
		return false
	}
}

// wakesByItself reports whether a goroutine in this state may go on without
// another one. A durable sleep goes on with the clock of its bubble, which
// stands still while another goroutine of the bubble does.
func wakesByItself(state string) bool {
	return !strings.Contains(state, "(durable)") &&
		!slices.ContainsFunc([]string{"sync.", "chan ", "select", "semacquire"}, func(waits string) bool {
			return strings.HasPrefix(state, waits)
		})
}
