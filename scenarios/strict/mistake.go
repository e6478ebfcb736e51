package strict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// A Mistake is something wrong with a file, at a line and a column from 1.
type Mistake struct {
	File         string
	Line, Column int
	Message      string
	Source       string // the line itself
}

// Error is the place and the message, and below it the line with a mark under
// the column.
func (m Mistake) Error() string {
	text := fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.Message)
	if strings.TrimSpace(m.Source) == "" {
		return text
	}
	source, column := shorten(m.Source, m.Column)
	return fmt.Sprintf("%s\n%5d | %s\n      | %s^", text, m.Line, source, strings.Repeat(" ", column-1))
}

// shorten cuts a very long line around the column that matters, and replaces
// what would move a terminal's cursor.
func shorten(line string, column int) (string, int) {
	const most = 120
	runes := []rune(line)
	column = max(1, min(column, len(runes)+1))
	if from := column - most/2; len(runes) > most && from > 0 {
		runes, column = runes[from:], column-from
	}
	if len(runes) > most {
		runes = runes[:most]
	}
	for i, r := range runes {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			runes[i] = ' '
		}
	}
	return string(runes), column
}

// Mistakes are all the mistakes of one or more files, in order.
type Mistakes []Mistake

// Error is one mistake after another.
func (m Mistakes) Error() string {
	texts := make([]string, len(m))
	for i, one := range m {
		texts[i] = one.Error()
	}
	return strings.Join(texts, "\n")
}

// sorted orders mistakes by place.
func (m Mistakes) sorted() Mistakes {
	slices.SortStableFunc(m, func(a, b Mistake) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return m
}

// first keeps the first n, and the number of the others. It puts the columns
// right that the YAML library sees behind the end of a line.
func (m Mistakes) first(n int) Mistakes {
	if len(m) > n {
		m[n].Message = fmt.Sprintf("%d more mistakes from here", len(m)-n)
		m = m[:n+1]
	}
	for i := range m {
		m[i].Column = min(m[i].Column, utf8.RuneCountInString(m[i].Source)+1)
	}
	return m
}

// resembling is the one of several words that a mistyped one is closest to, if
// it is close.
func resembling(word string, among []string) string {
	if len(word) > 64 {
		return ""
	}
	best, least := "", 3
	for _, w := range among {
		if d := levenshtein.ComputeDistance(word, w); d < least && d < len(w) {
			best, least = w, d
		}
	}
	return best
}

func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", word)
}

// anyOf lists alternatives.
func anyOf(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// Cite is a text as a message shows it: in quotes, in one line, and not all of
// it if it is long.
func Cite(text string) string { return strconv.Quote(cut(text, 60)) }

func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// unprintable says whether a character moves the cursor or changes the colours
// of a terminal. Tabs and line ends are text.
func unprintable(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' }

// maxMessage bounds a message, in characters.
const maxMessage = 400
