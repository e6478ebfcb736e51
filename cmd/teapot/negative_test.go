package main

import (
	"strings"
	"testing"

	"github.com/teapot-go/teapot/cmd/teapot/internal/cli"
)

// TestNegative wants a message about the number, and not about a flag of that
// name.
func TestNegative(t *testing.T) {
	for args, want := range map[string]string{
		"flags -m -3": "-m -3: want a number that is not negative\n",
		"primes -1":   "-1: want a number that is not negative\n",
		"loiter 1 -2": "-2: want a number that is not negative\n",
	} {
		if status, stdout, stderr := teapot(t, strings.Fields(args)...); status != cli.StatusBadInput || stdout != "" ||
			!strings.HasPrefix(stderr, "teapot: "+want) {
			t.Errorf("teapot %s: status %d, %q, no %q in\n%s", args, status, stdout, want, stderr)
		}
	}
}
