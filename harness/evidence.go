package harness

import (
	"runtime/pprof"
	"slices"
	"strings"
)

// forever is what is added to the description of a goroutine that the garbage
// collector has found to wait for what nothing can reach any more.
const forever = ", which nothing can ever wake"

// withEvidence adds to the descriptions of leaked goroutines what the garbage
// collector knows of them, where the runtime has a profile of it. That it knows
// nothing of a goroutine proves nothing, and one that it knows of is no leak of
// the run unless the run has left it.
func withEvidence(leaks []string) []string {
	profile := pprof.Lookup("goroutineleak")
	if profile == nil || len(leaks) == 0 {
		return leaks
	}
	var dump strings.Builder
	if profile.WriteTo(&dump, 2) != nil {
		return leaks
	}
	return marked(leaks, dump.String())
}

// marked marks the leaks that a dump has as leaked.
func marked(leaks []string, dump string) []string {
	known := map[string]int{}
	for g := range goroutines(dump) {
		if strings.Contains(g.state(), "(leaked)") {
			known[g.place()]++
		}
	}
	leaks = slices.Clone(leaks)
	for i, place := range leaks {
		if known[place] > 0 {
			known[place]--
			leaks[i] += forever
		}
	}
	slices.Sort(leaks)
	return leaks
}
