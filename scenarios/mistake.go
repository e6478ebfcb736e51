package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// A Mistake is something wrong with a scenario file, at a line and a column from 1.
type Mistake struct {
	File         string
	Line, Column int
	Message      string
	Source       string // the line itself
}

// Error is the place and the message, and below it the line with a mark under the column.
func (m Mistake) Error() string {
	text := fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.Message)
	if strings.TrimSpace(m.Source) == "" {
		return text
	}
	source, column := shorten(m.Source, m.Column)
	return fmt.Sprintf("%s\n%5d | %s\n      | %s^", text, m.Line, source, strings.Repeat(" ", column-1))
}

// shorten cuts a very long line around the column that matters, and replaces what would move a terminal's cursor.
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
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
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

// resembling suggests the one of several words that a mistyped one is closest to, if it is close.
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
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", best)
}
