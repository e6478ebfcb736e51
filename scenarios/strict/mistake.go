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

// A Mistake is a mistake in a file, at a line and a column from 1.
type Mistake struct {
	File         string
	Line, Column int
	Message      string
	Source       string // the text of the line

	edit   edit   // what may be right instead; the zero edit is none
	syntax syntax // how to mend what was not read; nothing behind it was read either
}

// Equal reports whether two mistakes are the same.
func (m Mistake) Equal(other Mistake) bool { return m == other }

// Error returns the position and the message, and below them the line with a
// mark under the column.
func (m Mistake) Error() string {
	text := fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.Message)
	if strings.TrimSpace(m.Source) == "" {
		return text
	}
	source, column := excerpt(m.Source, m.Column)
	return fmt.Sprintf("%s\n%5d | %s\n      | %s^", text, m.Line, source, strings.Repeat(" ", column-1))
}

// excerpt returns the part of a very long line around a column, and the column
// in that part. It replaces characters that would move a terminal's cursor.
func excerpt(line string, column int) (string, int) {
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

// Mistakes are the mistakes in one or more files, in order.
type Mistakes []Mistake

// Error returns the texts of all mistakes, one after the other.
func (m Mistakes) Error() string {
	texts := make([]string, len(m))
	for i, one := range m {
		texts[i] = one.Error()
	}
	return strings.Join(texts, "\n")
}

// sorted sorts mistakes by position and returns them.
func (m Mistakes) sorted() Mistakes {
	slices.SortStableFunc(m, func(a, b Mistake) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return m
}

// limit returns the first n mistakes, and one more that counts the rest. It
// moves columns that the YAML library places beyond the end of a line.
func (m Mistakes) limit(n int) Mistakes {
	if len(m) > n {
		m[n].Message = fmt.Sprintf("and %d more from here on", len(m)-n)
		m = m[:n+1]
	}
	for i := range m {
		m[i].Column = min(m[i].Column, utf8.RuneCountInString(m[i].Source)+1)
	}
	return m
}

// closest returns the word that a misspelled word resembles most, or "" if it
// resembles none.
func closest(word string, among []string) string {
	if len(word) > 64 {
		return ""
	}
	best, least := "", 3
	for _, w := range among {
		d := levenshtein.ComputeDistance(word, w)
		if swapped(word, w) {
			d = 1
		}
		alike := d < 2 || len(word) > 4 || strings.HasPrefix(w, word) // half of a short word is another word
		if d < least && d < len(w) && alike {
			best, least = w, d
		}
	}
	return best
}

// onlyClose returns the only word that a misspelled word is surely meant to be:
// it resembles no other as much, and more than half of it is right, or it is
// the beginning. It returns "" if there is none.
func onlyClose(word string, among []string) (meant string) {
	if len(word) > 64 {
		return ""
	}
	plain := func(s string) string { return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(s)) }
	least := len(word)
	for _, w := range among {
		d := levenshtein.ComputeDistance(plain(word), plain(w))
		if swapped(word, w) {
			d = 1
		}
		switch {
		case d < least:
			meant, least = w, d
		case d == least:
			meant = ""
		}
	}
	if least > 2 || 2*least >= len(word) && !strings.HasPrefix(meant, word) || digits(word) != digits(meant) {
		return ""
	}
	return meant
}

// digits returns the digits of a word: one who writes another number means it.
func digits(word string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, word)
}

// swapped reports whether two words differ by two letters that have changed
// places.
func swapped(a, b string) bool {
	for i := range min(len(a), len(b)) - 1 {
		if a[i] != b[i] {
			return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
		}
	}
	return false
}

// didYouMean returns a hint for the end of a message, or "" for no word.
func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", word)
}

// joinOr joins alternatives: "a, b or c".
func joinOr(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// Quote returns a text for a message: in quotes, on one line, and cut after 60
// characters.
func Quote(text string) string { return strconv.Quote(truncate(text, 60)) }

// truncate returns the first most characters of a text.
func truncate(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// abridge returns a message that is not too long. What makes it too long stands
// in the middle or at the end: what is wrong comes right before or right after
// the text that it is about, and what is wanted at the end.
func abridge(message string) string {
	const head, tail = 200, 400
	if runes := []rune(message); len(runes) > head+tail {
		return string(runes[:head]) + " … " + string(runes[len(runes)-tail:])
	}
	return message
}

// isControl reports whether a character can move the cursor or change the
// colours of a terminal. Tabs and line ends count as text.
func isControl(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' }
