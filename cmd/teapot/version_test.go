package main

import (
	"runtime"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/cmd/teapot/internal/cli"
)

func TestVersion(t *testing.T) {
	for _, arg := range []string{"version", "--version"} {
		status, stdout, stderr := teapot(t, arg)
		if status != cli.StatusHolds || stderr != "" || !strings.HasPrefix(stdout, "teapot ") ||
			!strings.Contains(stdout, runtime.Version()) {
			t.Errorf("teapot %s: status %d, %q, %q", arg, status, stdout, stderr)
		}
	}
}

// TestLoiterOrder wants the lines of one instant in one order.
func TestLoiterOrder(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, args := range []string{"", "1 1 1 0 0 2 1 --as-completed", "1 1 1 1 1 1 --executor async"} {
		var first string
		for i := range 20 {
			runtime.GOMAXPROCS([]int{1, 4}[i%2])
			_, stdout, stderr := teapot(t, append(strings.Fields("loiter --clock virtual"), strings.Fields(args)...)...)
			if first == "" {
				first = stdout
			}
			if stdout != first || stderr != "" {
				t.Fatalf("teapot loiter %s: run %d printed\n%s%s\nand the first\n%s", args, i, stdout, stderr, first)
			}
		}
	}
}
