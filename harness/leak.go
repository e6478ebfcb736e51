package harness

import (
	"slices"
	"strings"
	"time"

	"go.uber.org/goleak"
)

// guard notes which goroutines live now. The function that it returns describes
// those that have come since and are still there. It waits for a goroutine that
// is about to end, as long as goleak does. Those that earlier runs have left
// are not this run's, those that carry connections are the matter of
// [run.findElsewhere], and those of servers from before the run are not the
// client's.
func (r *run) guard() func() []string {
	t := r.trial
	// Where specs run in several processes, Ginkgo's output interceptor may
	// start a goroutine at any time.
	ginkgo := goleak.IgnoreTopFunction("github.com/onsi/ginkgo/v2/internal." +
		"(*genericOutputInterceptor).ResumeIntercepting.func1.1")
	known := []goleak.Option{goleak.IgnoreCurrent(), ginkgo}
	for _, function := range slices.Concat(reads, writes) {
		known = append(known, goleak.IgnoreAnyFunction(function))
	}
	return func() []string {
		for began := time.Now(); ; {
			err := goleak.Find(known...)
			if err == nil {
				return nil
			}
			serve := ofServers(r.before)
			left := describe(err.Error(), func(g goroutine) bool {
				return !isLeftover(g) && !t.ignores(g) && !serve[g.id()]
			})
			if len(left) == 0 || time.Since(began) >= t.Grace {
				return left
			}
		}
	}
}

// ignores reports whether a pattern of the trial matches a function of a
// goroutine, or the one that started it.
func (t *Trial) ignores(g goroutine) bool {
	return t.ignored(g.starter.function) ||
		slices.ContainsFunc(g.frames, func(f frame) bool { return t.ignored(f.function) })
}

// ignored reports whether a pattern of the trial matches a name.
func (t *Trial) ignored(name string) bool {
	return slices.ContainsFunc(t.Ignore, func(pattern string) bool { return matches(pattern, name) })
}

// matches reports whether a pattern matches the whole of a name.
func matches(pattern, name string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	name, begins := strings.CutPrefix(name, first)
	if !begins || !wild {
		return begins && name == ""
	}
	for n := range len(name) + 1 {
		if matches(rest, name[n:]) {
			return true
		}
	}
	return false
}

// stacks describes the goroutines of this process for which wanted returns
// true.
func stacks(wanted func(goroutine) bool) []string {
	dump, _ := dumpStacks(0)
	return describe(dump, wanted)
}

// describe turns each goroutine of a stack dump into one line without addresses
// and numbers, so that equal leaks read alike: where it stands and who started
// it. The runtime's and the standard library's own frames above the first
// foreign one are left out.
func describe(dump string, wanted func(goroutine) bool) []string {
	var lines []string
	for g := range goroutines(dump) {
		if wanted(g) {
			lines = append(lines, g.place())
		}
	}
	slices.Sort(lines)
	return lines
}
