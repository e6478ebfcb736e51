package reports

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

func TestText(t *testing.T) {
	golden(t, "testdata/ok.txt", render(t, Text(slices.Concat(fixture.Suite(20), fixture.Suite(100)))))
	golden(t, "testdata/trouble.txt", render(t, Text(fixture.Troubled())))
	if got, want := render(t, Text(nil)), "0 runs, 0 violations\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTextColumnsAlign(t *testing.T) {
	recs := fixture.Suite(20)
	recs[0].Executor = "größer"
	lines := strings.Split(render(t, Text(recs)), "\n")
	head := utf8.RuneCountInString(lines[0][:strings.Index(lines[0], "verdict")])
	for _, l := range lines[2:6] {
		if at := utf8.RuneCountInString(l[:strings.LastIndex(l, "ok")]); at != head {
			t.Errorf("the verdict stands in column %d, want %d: %s", at, head, l)
		}
		if n := utf8.RuneCountInString(l); n > 110 {
			t.Errorf("%d columns wide: %s", n, l)
		}
	}
}

func TestTextHostile(t *testing.T) {
	text := render(t, Text([]*record.Recording{fixture.Alien()}))
	if strings.ContainsAny(text, "\x1b\u202e\r\x00") {
		t.Error("control characters reach the terminal")
	}
	if !strings.Contains(text, `\x1b[31m`) || !strings.Contains(text, "👩‍💻") {
		t.Error("control characters are to be escaped, emoji to be kept")
	}
}
