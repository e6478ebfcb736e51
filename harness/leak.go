package harness

import (
	"path"
	"runtime"
	"slices"
	"strings"

	"go.uber.org/goleak"
)

// guard notes which goroutines live now. The function that it returns describes
// those that have come since and are still there. It waits for a goroutine that
// is about to end, as long as goleak does.
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
		return describe(err.Error(), func(string) bool { return true })
	}
}

// stacks describes the goroutines of this process for whose header line wanted
// returns true.
func stacks(wanted func(header string) bool) []string {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) || len(buf) >= 64<<20 {
			return describe(string(buf[:n]), wanted)
		}
		buf = make([]byte, 2*len(buf))
	}
}

// describe turns each goroutine of a stack dump into one line without addresses
// and numbers, so that equal leaks read alike: where it stands and who started
// it. The runtime's and the standard library's own frames above the first
// foreign one are left out.
func describe(dump string, wanted func(header string) bool) []string {
	var lines []string
	rows := strings.Split(dump, "\n")
	for len(rows) > 0 {
		end := 1
		for end < len(rows) && !isHeader(rows[end]) {
			end++
		}
		if isHeader(rows[0]) && wanted(rows[0]) {
			lines = append(lines, place(rows[1:end]))
		}
		rows = rows[end:]
	}
	slices.Sort(lines)
	return lines
}

// isHeader knows the line that stands above a goroutine's frames in a dump of
// the runtime's, and in goleak's list of them.
func isHeader(row string) bool {
	return strings.HasPrefix(row, "goroutine ") || strings.HasPrefix(row, "[Goroutine ") ||
		strings.HasPrefix(row, " Goroutine ")
}

// place reads the frames of one goroutine: pairs of a function's row and its
// file's row, the last pair "created by".
func place(rows []string) string {
	var top, first, starter string
	for i := 0; i+1 < len(rows); i += 2 {
		function, where := rows[i], strings.TrimSpace(rows[i+1])
		where, _, _ = strings.Cut(where, " +0x")
		if creator, ok := strings.CutPrefix(function, "created by "); ok {
			creator, _, _ = strings.Cut(creator, " in goroutine ")
			starter = creator + " (" + path.Base(where) + ")"
			break
		}
		if open := strings.LastIndexByte(function, '('); open > 0 {
			function = function[:open]
		}
		frame := function + " (" + path.Base(where) + ")"
		if first == "" {
			first = frame
		}
		if top == "" && foreign(function) {
			top = frame
		}
	}
	if top == "" {
		top = first
	}
	if starter == "" {
		return top
	}
	return top + ", started by " + starter
}

// foreign reports whether a function is outside the standard library, whose
// import paths have no dot in their first element.
func foreign(function string) bool {
	first, _, deeper := strings.Cut(function, "/")
	return strings.HasPrefix(function, "main.") || deeper && strings.Contains(first, ".")
}
