package scenarios

import (
	"slices"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
)

// TestRepeatedWarnings tells of what a generator spoilt once, and of each other
// check.
func TestRepeatedWarnings(t *testing.T) {
	late := record.Violation{Check: "lateness", Got: "late", Invalid: true, Inconclusive: true}
	follows := record.Violation{
		Check: "throughput", Got: "2/s", Inconclusive: true, Timed: true, Culprit: record.ByMachine,
	}
	near := record.Violation{Check: "classification", Got: "near", Inconclusive: true, Culprit: record.ByMachine}
	slow := record.Violation{Check: "efficiency", Got: "0.8", Want: ">= 0.9", Timed: true}
	var r repeated
	for _, found := range [][]record.Violation{{late, follows}, {follows, late}, {slow}, {near, late, slow}} {
		r.add(found)
	}
	want := []string{
		"generator: run again after 3 runs, of which the last could not be judged: late",
		"efficiency: run again after 2 runs, of which the last got 0.8, want >= 0.9",
		"classification: run again after a run that could not be judged: near",
	}
	if got := r.warnings(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
