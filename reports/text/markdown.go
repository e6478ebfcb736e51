package text

import (
	"fmt"
	"strings"
	"unicode"
)

// Markdown returns s as one line of plain text, in which Markdown and HTML find
// no markup, link, mention or issue number. It escapes ASCII punctuation by a
// backslash (CommonMark, 2.4), and clips s at 500 characters.
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
