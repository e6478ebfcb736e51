// Package text puts figures and names from anywhere into words that are short,
// and fit for a terminal or a page.
package text

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// None stands where there is nothing to say.
const None = "–"

// Short is d with three digits, or to the tenth of a second beyond a minute; a
// time that was never reached is a dash.
func Short(d time.Duration) string {
	if d < 0 {
		return None
	}
	unit := time.Second
	switch {
	case d < time.Minute:
		for unit = 1; d/unit >= 1000; unit *= 10 {
		}
	case d < time.Hour:
		unit = 100 * time.Millisecond
	}
	s := d.Round(unit).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}

// Plural is n with its noun, as in "1 run" and "2 runs".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Clip is s, or its first n characters and how many were left out.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	count := utf8.RuneCountInString(s)
	if count <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return fmt.Sprintf("%s… (%d more characters)", s[:i], count-utf8.RuneCountInString(s[:i]))
		}
		n--
	}
	return s
}

// Printable is s as one line, with every character escaped that would move a
// terminal's cursor or turn the direction of its text.
func Printable(s string) string { return escape(s, "") }

// Visible is s with the same characters escaped, but for line breaks and tabs.
func Visible(s string) string { return escape(s, "\n\t") }

func escape(s, kept string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) || r == '\u200d' || strings.ContainsRune(kept, r) { // U+200D joins emoji
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
	}
	return b.String()
}

// List is the first n of the words, and how many were left out.
func List(words []string, n int) string {
	shown := make([]string, min(n, len(words)))
	for i := range shown {
		shown[i] = Clip(words[i], 80)
	}
	s := strings.Join(shown, ", ")
	if more := len(words) - len(shown); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}
