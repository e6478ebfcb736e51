package cli

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/teapot-go/teapot/command/internal/live"
)

// TestBarLine has a bar of every width: it is never wider, and what is left out
// is the least telling. A worker that is ill comes before the tally.
func TestBarLine(t *testing.T) {
	r := live.Reading{
		Name: "a/async", Tasks: 100, OK: 30, Wrong: 10, Under: 5, Real: 4 * time.Second, Rate: 10, P99: time.Second,
		Timed: true, Workers: []live.Worker{{Name: "one"}, {Name: "two"}},
	}
	for width := range 200 {
		if line := barLine("run 1 of 3: ", r, width); utf8.RuneCountInString(line) > width {
			t.Errorf("%d columns: %q", width, line)
		}
	}
	const want = "run 1 of 3: a/async 40/100 [################------------------------]  30 ok 10 errors  6s left  " +
		"10/s  p99 1s  5 running  2 workers  4s"
	if line := barLine("run 1 of 3: ", r, 200); line != want {
		t.Errorf("got  %q\nwant %q", line, want)
	}
	r.Workers[1].Lost = true
	if line := barLine("", r, 60); !strings.HasSuffix(line, "2 workers, lost: two  30 ok 10 errors") {
		t.Errorf("got %q", line)
	}
}
