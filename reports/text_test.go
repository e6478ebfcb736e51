package reports

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/teapot-go/teapot/harness"
)

func TestText(t *testing.T) {
	golden(t, "testdata/ok.txt", render(t, Text(slices.Concat(suite(20), suite(100)))))
	golden(t, "testdata/trouble.txt", render(t, Text(troubled())))
	if got, want := render(t, Text(nil)), "0 runs, 0 violations\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTextColumnsAlign(t *testing.T) {
	recs := suite(20)
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
	text := render(t, Text([]*harness.Recording{hostile()}))
	if strings.ContainsAny(text, "\x1b\u202e\r\x00") {
		t.Error("control characters reach the terminal")
	}
	if !strings.Contains(text, `\x1b[31m`) || !strings.Contains(text, "👩‍💻") {
		t.Error("control characters are to be escaped, emoji to be kept")
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-1: "–", 0: "0s", 999: "999ns", 1234 * time.Microsecond: "1.23ms", 51 * time.Millisecond: "51ms",
		51340 * time.Microsecond: "51.3ms", 20617 * time.Millisecond: "20.6s", 59999 * time.Millisecond: "1m", 10 * time.Minute: "10m", 2 * time.Hour: "2h", 125 * time.Minute: "2h5m",
		84926 * time.Millisecond: "1m24.9s", 3723456 * time.Millisecond: "1h2m3s",
	} {
		if got := short(d); got != want {
			t.Errorf("short(%d): got %s, want %s", d, got, want)
		}
	}
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"abc", "abc"}, {"äöü", "äöü"}, {"äöüß", "äöü… (1 more characters)"}, {"\xff\xff\xff\xff\xff", "\xff\xff\xff… (2 more characters)"},
	} {
		if got := clip(c.in, 3); got != c.want {
			t.Errorf("clip(%q): got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestVerdict(t *testing.T) {
	two := make([]harness.Violation, 2)
	for _, c := range []struct {
		r    harness.Recording
		want string
	}{
		{harness.Recording{}, "ok"},
		{harness.Recording{Violations: two[:1]}, "1 violation"},
		{harness.Recording{Violations: two}, "2 violations"},
		{harness.Recording{Violations: two, Interrupted: true}, "interrupted"},
		{harness.Recording{Violations: two, Interrupted: true, Deadlock: "x"}, "deadlock"},
	} {
		if got := verdict(&c.r); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
