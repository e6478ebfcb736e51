package harness

import (
	"slices"
	"strings"

	"go.uber.org/goleak"
)

// guard notes which goroutines live now. The function that it returns describes
// those that have come since and are still there. It waits for a goroutine that
// is about to end, as long as goleak does. The goroutines of bubbles are of
// other runs, which may have been given up.
func guard() func() []string {
	// Where specs run in several processes, Ginkgo's output interceptor may
	// start a goroutine at any time.
	ginkgo := goleak.IgnoreTopFunction("github.com/onsi/ginkgo/v2/internal." +
		"(*genericOutputInterceptor).ResumeIntercepting.func1.1")
	before := goleak.IgnoreCurrent()
	return func() []string {
		err := goleak.Find(before, ginkgo)
		if err == nil {
			return nil
		}
		return describe(err.Error(), func(header string) bool { return !strings.Contains(header, "synctest bubble ") })
	}
}

// stacks describes the goroutines of this process for whose header line wanted
// returns true.
func stacks(wanted func(header string) bool) []string {
	dump, _ := dumpStacks(0)
	return describe(dump, wanted)
}

// describe turns each goroutine of a stack dump into one line without addresses
// and numbers, so that equal leaks read alike: where it stands and who started
// it. The runtime's and the standard library's own frames above the first
// foreign one are left out.
func describe(dump string, wanted func(header string) bool) []string {
	var lines []string
	for g := range goroutines(dump) {
		if wanted(g.header) {
			lines = append(lines, g.place())
		}
	}
	slices.Sort(lines)
	return lines
}
