package cli

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/teapot-go/teapot/command/internal/live"
)

func TestLine(t *testing.T) {
	half := live.Reading{Name: "flags", Tasks: 100, Real: 5 * time.Second, OK: 30, Missing: 15, Wrong: 5}
	timed := half
	timed.Timed, timed.Rate, timed.P99, timed.Under = true, 12.5, 250*time.Millisecond, 7
	late, virtual := timed, timed
	late.Lateness, virtual.Virtual = 30*time.Millisecond, true
	for _, tt := range []struct {
		state live.Reading
		width int
		want  string
		place string
	}{
		{half, 120, "flags 50/100 [####################--------------------]  30 ok 15 not found 5 errors  5s left " +
			" 10/s  5s", ""},
		{timed, 120, "flags 50/100 [################-----------------]  30 ok 15 not found 5 errors  5s left " +
			" 12.5/s  p99 250ms  7 running  5s", ""},
		{late, 85, "flags 50/100  30 ok 15 not found 5 errors  5s left  12.5/s  p99 250ms  sent 30ms late", ""},
		{virtual, 41, "flags 50/100  30 ok 15 not found 5 errors", ""},
		{virtual, 62, "flags 50/100  30 ok 15 not found 5 errors  5s left  10/s  5s", ""},
		{half, 80, "flags 50/100 [########---------]  30 ok 15 not found 5 errors  5s left  10/s  5s", ""},
		{half, 40, "flags 50/100  30 ok 15 not found 5 errors"[:12], ""},
		{half, 41, "flags 50/100  30 ok 15 not found 5 errors", ""},
		{half, 7, "flags 5", ""},
		{half, 0, "", ""},
		{live.Reading{Name: "flags", Tasks: 9}, 60, "flags 0/9 [-------------------------]  0 ok  ? left  -/s  0s", ""},
		{half, 60, "run 3 of 45: flags 50/100  30 ok 15 not found 5 errors", "run 3 of 45: "},
		{half, 22, "flags 50/100", "run 3 of 45: "},
	} {
		got := barLine(tt.place, tt.state, tt.width)
		if tt.width == 40 {
			if !strings.HasPrefix(got, tt.want) || utf8.RuneCountInString(got) > 40 {
				t.Errorf("%d columns: %q", tt.width, got)
			}
			continue
		}
		if got != tt.want {
			t.Errorf("%d columns:\n got %q\nwant %q", tt.width, got, tt.want)
		}
	}
}

// TestWidth wants no line wider than there is room for, and none shorter than a
// narrower one.
func TestWidth(t *testing.T) {
	for done := range 101 {
		s := live.Reading{
			Name: "a-scenario/pool/30", Tasks: 100, Real: time.Duration(done) * 1234 * time.Millisecond,
			OK: done / 2, Missing: done / 3, Wrong: done - done/2 - done/3, Timed: done%2 == 0,
		}
		for width := range 150 {
			if n := utf8.RuneCountInString(barLine("", s, width)); n > width {
				t.Fatalf("%d done: %d columns, want %d at most", done, n, width)
			}
		}
	}
}
