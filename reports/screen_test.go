package reports

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// No line of a table is wider than its screen, down to 60 columns, and what
// matters most is never left out.
func TestScreenWidth(t *testing.T) {
	for name, recs := range map[string][]*record.Recording{
		"suite": fixture.Suite(20), "trouble": fixture.Troubled(), "late": {fixture.Late()},
	} {
		before := 0
		for _, width := range []int{60, 70, 80, 100, 120, 0} {
			var b bytes.Buffer
			screen := Screen{Width: width}
			screen.writeTable(&b, recs)
			columns := 0
			for line := range strings.Lines(b.String()) {
				line = strings.TrimSuffix(line, "\n")
				if n := utf8.RuneCountInString(line); width > 0 && n > width && !strings.Contains(line, ": ") &&
					!strings.Contains(line, " connections") {
					t.Errorf("%s: %d columns on a screen of %d: %q", name, n, width, line)
				}
				columns = max(columns, len(strings.Fields(line)))
			}
			head, _, _ := strings.Cut(b.String(), "\n")
			for _, always := range []string{"executor", "verdict"} {
				if !strings.Contains(head, always) {
					t.Errorf("%s: no column %s on a screen of %d: %q", name, always, width, head)
				}
			}
			if n := len(strings.Fields(head)); n < before {
				t.Errorf("%s: %d columns on a screen of %d, and %d on a narrower one", name, n, width, before)
			} else {
				before = n
			}
		}
	}
}

// Colours are those of verdicts, and change nothing else.
func TestScreenColour(t *testing.T) {
	recs := fixture.Troubled()
	var plain, painted bytes.Buffer
	if err := Text(recs)(&plain); err != nil {
		t.Fatal(err)
	}
	if err := (Screen{Colour: true}).Text(recs)(&painted); err != nil {
		t.Fatal(err)
	}
	without := painted.String()
	for _, code := range []int{31, 32, 33, 0} {
		without = strings.ReplaceAll(without, fmt.Sprintf("\x1b[%dm", code), "")
	}
	if without != plain.String() {
		t.Errorf("without its colours the text is another:\n%s\n%s", without, plain.String())
	}
	for verdict, code := range map[string]int{
		"ok": 32, "2 violations": 31, "deadlock": 31, "inconclusive": 33, "invalid": 33, "interrupted": 33,
	} {
		want := fmt.Sprintf("\x1b[%dm%s  \x1b[0m", code, verdict)
		if got := (Screen{Colour: true}).paint(verdict + "  "); got != want {
			t.Errorf("%s: %q, want %q", verdict, got, want)
		}
	}
	if n := strings.Count(painted.String(), "\x1b[0m"); n != len(recs) {
		t.Errorf("%d colours for %d runs", n, len(recs))
	}
}
