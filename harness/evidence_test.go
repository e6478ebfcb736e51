package harness

import (
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
)

// TestMarked has a dump as the profile of leaked goroutines writes it.
func TestMarked(t *testing.T) {
	const dump = `goroutine 1 [running]:
main.main()
	/src/main.go:18 +0xb1

goroutine 19 [chan receive (leaked)]:
main.main.func1()
	/src/main.go:12 +0x25
created by main.main in goroutine 1
	/src/main.go:12 +0x1e

goroutine 20 [select (no cases) (leaked), synctest bubble 1]:
main.leak()
	/src/main.go:10 +0xf
created by main.main in goroutine 1
	/src/main.go:13 +0x2a

goroutine 21 [sleep]:
main.nap()
	/src/main.go:30 +0xf
created by main.main in goroutine 1
	/src/main.go:13 +0x2a
`
	const receive = "main.main.func1 (main.go:12), started by main.main (main.go:12)"
	const stuck = "main.leak (main.go:10), started by main.main (main.go:13)"
	const nap = "main.nap (main.go:30), started by main.main (main.go:13)"
	got := marked([]string{stuck, stuck, nap}, dump)
	if want := []string{stuck, stuck + forever, nap}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := marked([]string{nap}, dump); !slices.Equal(got, []string{nap}) {
		t.Errorf("a leak that the profile does not have: %q", got)
	}
	if got := marked([]string{receive}, ""); !slices.Equal(got, []string{receive}) {
		t.Errorf("an empty profile: %q", got)
	}
}

// TestEvidence asks the runtime itself, if it has the profile.
func TestEvidence(t *testing.T) {
	if pprof.Lookup("goroutineleak") == nil {
		t.Skip("the runtime has no profile of leaked goroutines")
	}
	left := newRun(t.Context(), new(Trial)).guard()
	go func() { <-make(chan int) }()
	found := withEvidence(left())
	if len(found) != 1 || !strings.HasSuffix(found[0], forever) {
		t.Errorf("got %q", found)
	}
}
