package text

import (
	"testing"
	"time"
)

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-1: "–", 0: "0s", 999: "999ns", 1234 * time.Microsecond: "1.23ms", 51 * time.Millisecond: "51ms",
		51340 * time.Microsecond: "51.3ms", 20617 * time.Millisecond: "20.6s", 59999 * time.Millisecond: "1m",
		10 * time.Minute: "10m", 2 * time.Hour: "2h", 125 * time.Minute: "2h5m",
		84926 * time.Millisecond: "1m24.9s", 3723456 * time.Millisecond: "1h2m3s",
	} {
		if got := Short(d); got != want {
			t.Errorf("short(%d): got %s, want %s", d, got, want)
		}
	}
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"abc", "abc"},
		{"äöü", "äöü"},
		{"äöüß", "äöü… (1 more character)"},
		{"\xff\xff\xff\xff\xff", "\xff\xff\xff… (2 more characters)"},
	} {
		if got := Clip(c.in, 3); got != c.want {
			t.Errorf("clip(%q): got %q, want %q", c.in, got, c.want)
		}
	}
}
