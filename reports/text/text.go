// Package text formats figures, and names from any source, as short text that
// is safe for a terminal, a page or Markdown.
package text

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/teapot-go/teapot/harness/rounded"
)

// None stands for a value that there is not.
const None = "–"

// Short returns d as package rounded writes it. A negative d, which stands for
// a time that was never reached, gives [None].
func Short(d time.Duration) string {
	if d < 0 {
		return None
	}
	return rounded.Duration(d)
}

// Plural returns n and the noun, with an s unless n is 1: "1 run", "2 runs".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Clip returns s if it has at most n characters. Otherwise it returns the first
// n, and how many it left out.
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
			return s[:i] + "… (" + Plural(count-utf8.RuneCountInString(s[:i]), "more character") + ")"
		}
		n--
	}
	return s
}

// Printable returns s on one line. It escapes every character that would move a
// terminal's cursor or turn the direction of text, as Go does in a literal.
func Printable(s string) string { return escape(s, "") }

// Visible is Printable, but keeps line breaks and tabs.
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

// Inert returns the text with a backslash before what a CI server would take
// for a command: GitHub Actions obeys a line that begins, after spaces, with
// ::error, and Azure Pipelines and TeamCity one that begins with ##.
func Inert(s string) string {
	if !strings.Contains(s, "::") && !strings.Contains(s, "##") {
		return s
	}
	var b strings.Builder
	for line := range strings.Lines(s) {
		if begin := strings.TrimLeft(line, " \t"); strings.HasPrefix(begin, "::") || strings.HasPrefix(begin, "##") {
			line = line[:len(line)-len(begin)] + `\` + begin
		}
		b.WriteString(line)
	}
	return b.String()
}

// List joins the first n words with commas, and adds how many it left out. It
// clips each word at 80 characters.
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
