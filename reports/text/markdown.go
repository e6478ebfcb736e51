package text

import (
	"fmt"
	"strings"
	"unicode"
)

// Markdown is s as text of one line with nothing that Markdown or HTML would
// read as more. Every character of ASCII that is punctuation may be escaped by
// a backslash (CommonMark, 2.4). An address becomes no link, and a name behind
// an @ mentions no user.
func Markdown(s string) string {
	var b strings.Builder
	dot, colon := ".", ":" // those of an address, which would become a link
	if strings.Contains(strings.ToLower(s), "www.") {
		dot = "&#46;"
	}
	if strings.Contains(s, "://") {
		colon = "&#58;"
	}
	for _, c := range Clip(Printable(strings.Join(strings.Fields(s), " ")), 500) {
		switch {
		case strings.ContainsRune("&<>", c):
			fmt.Fprintf(&b, "&#%d;", c)
		case c == '@' || c == '#':
			fmt.Fprintf(&b, "%c<!-- -->", c) // a mention, or a number of an issue
		case strings.ContainsRune("\\`*_{}[]()+!|~\"'$^", c):
			b.WriteRune('\\')
			b.WriteRune(c)
		case c == '.':
			b.WriteString(dot)
		case c == ':':
			b.WriteString(colon)
		case unicode.IsPrint(c) || c == 0x200D: // which joins emoji
			b.WriteRune(c)
		}
	}
	return b.String()
}
