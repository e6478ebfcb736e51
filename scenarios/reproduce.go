package scenarios

import (
	"flag"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
)

// teapot is the command line that runs teapot from any module.
const teapot = "go run github.com/teapot-go/teapot/cmd/teapot"

// reproduce returns the command that runs a case again, "" if none is known.
//
// The command teapot reads files and knows the built-in vocabulary. What it
// cannot run is run again by the test that runs it now.
func (r *Runner) reproduce(c Case) string {
	if r.Reproduce != nil {
		return r.Reproduce(c)
	}
	test := runningTest()
	if c.builtIn() && (test == "" || isFile(c.Scenario.file)) {
		return c.CommandLine(teapot)
	}
	return test
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// runningTest returns the command that runs the test again whose goroutine this
// is, or the tests of its package if the goroutine is of none. It returns "" in
// a program that is not a test.
func runningTest() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || flag.Lookup("test.run") == nil {
		return ""
	}
	pkg, ok := strings.CutSuffix(info.Path, ".test")
	if !ok {
		return ""
	}
	only := ""
	if name := testOnStack(); name != "" {
		only = "-run '^" + name + "$' "
	}
	return "go test -count=1 " + only + pkg
}

var testFunc = regexp.MustCompile(`\.((?:Test|Fuzz|Example)\w*)(?:\.[^/]*)?$`)

// testOnStack returns the name of the test function that this goroutine is of:
// the outermost that looks like one. The others may be its helpers.
func testOnStack() (name string) {
	var at [256]uintptr
	frames := runtime.CallersFrames(at[:runtime.Callers(0, at[:])])
	for {
		frame, more := frames.Next()
		if m := testFunc.FindStringSubmatch(frame.Function); m != nil && strings.HasSuffix(frame.File, "_test.go") {
			name = m[1]
		}
		if !more {
			return name
		}
	}
}
