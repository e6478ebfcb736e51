package summary

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

func TestTypical(t *testing.T) {
	run := func(executor string, round, makespan int, violations int) *record.Recording {
		return &record.Recording{
			Scenario:   "s",
			Executor:   executor,
			Round:      round,
			Makespan:   time.Duration(makespan),
			Violations: make([]record.Violation, violations),
		}
	}
	for _, tt := range []struct {
		recs []*record.Recording
		want string
	}{
		{nil, ""},
		{[]*record.Recording{run("a", 0, 5, 0), run("b", 0, 4, 0)}, "a5 b4"},
		{[]*record.Recording{run("a", 0, 5, 0), run("a", 1, 9, 0), run("a", 2, 7, 0), run("b", 0, 4, 0)}, "a7 b4"},
		{[]*record.Recording{run("a", 0, 5, 1), run("a", 1, 9, 0), run("a", 2, 7, 0)}, "a5 a7"},
		{[]*record.Recording{run("a", 0, 5, 0), run("a", 0, 6, 0)}, "a5 a6"}, // of two files
	} {
		var got []string
		for _, r := range Typical(tt.recs) {
			got = append(got, fmt.Sprintf("%s%d", r.Executor, r.Makespan))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("got %v, want %s", got, tt.want)
		}
	}
}

// TestMedian takes the median of the runs that came to their end, or of all if
// none has.
func TestMedian(t *testing.T) {
	run := func(makespan int, interrupted bool) *record.Recording {
		return &record.Recording{Makespan: time.Duration(makespan), Interrupted: interrupted}
	}
	for _, tt := range []struct {
		runs []*record.Recording
		want time.Duration
	}{
		{[]*record.Recording{run(3, false), run(1, false), run(2, false)}, 2},
		{[]*record.Recording{run(5, false), run(1, true), run(7, false)}, 5},
		{[]*record.Recording{run(5, true), run(1, true), run(7, true)}, 5},
		{[]*record.Recording{run(5, true)}, 5},
	} {
		if got := Median(tt.runs).Makespan; got != tt.want {
			t.Errorf("got %d, want %d", got, tt.want)
		}
	}
}
