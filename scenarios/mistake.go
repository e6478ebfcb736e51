package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
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

// first keeps the first n, and the number of the others. It puts the columns right that the YAML library sees behind the end of a line.
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

// resembling is the one of several words that a mistyped one is closest to, if it is close.
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

// cite is a text as a message shows it: in one line, and not all of it if it is long.
func cite(text string) string { return strconv.Quote(cut(text, 60)) }

func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// unprintable says whether a character moves the cursor or changes the colours of a terminal. Tabs and line ends are text.
func unprintable(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' }

// maxMessage bounds a message, in characters.
const maxMessage = 400

// Limits of what is given to the YAML library, which takes time in proportion to the square of each, and stack for the depth.
const (
	maxDepth = 32
	maxLines = 10_000
	maxTabs  = 1_000
)

// syntax gives source to the YAML library. The error is in words that ask for no knowledge of the library.
func syntax(source string) (file *ast.File, at place, err error) {
	lines := strings.Count(source, "\n") + 1
	switch {
	case lines > maxLines:
		return nil, place{maxLines, 1}, fmt.Errorf("the file has more than %d lines: no scenario has", maxLines)
	case strings.Count(source, "\t") > maxTabs:
		return nil, place{1, 1}, fmt.Errorf("the file has more than %d tabs: want spaces", maxTabs)
	}
	defer func() {
		if recover() != nil { // the library's, on a file that it should refuse
			file, at, err = nil, place{1, 1}, errUnreadable
		}
	}()
	tokens := lexer.Tokenize(source)
	if t := tooDeep(tokens); t != nil {
		return nil, placeOf(t, lines), fmt.Errorf("more than %d lists and keys within each other: no scenario has", maxDepth)
	}
	file, err = parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	var wrong yaml.Error
	switch {
	case err == nil:
		return file, at, nil
	case !errors.As(err, &wrong):
		return nil, place{1, 1}, errUnreadable
	}
	at = placeOf(wrong.GetToken(), lines)
	if t := runaway(tokens, at.line); t != nil {
		return nil, placeOf(t, lines), errors.New("the quote that opens here is closed in another line: is there one missing?")
	}
	return nil, at, inWords(wrong.GetMessage())
}

// tooDeep is the first token within more collections than a scenario can have.
func tooDeep(tokens token.Tokens) *token.Token {
	brackets := 0
	var columns []int // where the open collections without brackets begin
	for _, t := range tokens {
		column := t.Position.Column
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			brackets++
		case token.MappingEndType, token.SequenceEndType:
			brackets = max(0, brackets-1)
		case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType:
			if t.Type == token.MappingValueType && t.Prev != nil {
				column = t.Prev.Position.Column
			}
			for len(columns) > 0 && columns[len(columns)-1] >= column {
				columns = columns[:len(columns)-1]
			}
			if brackets == 0 || t.Type != token.MappingValueType {
				columns = append(columns, column)
			}
		}
		if brackets+len(columns) > maxDepth {
			return t
		}
	}
	return nil
}

// runaway is the last text in quotes before a line that goes on over several lines: what follows a missing quote is seldom what the YAML
// library complains of.
func runaway(tokens token.Tokens, line int) *token.Token {
	var last *token.Token
	for _, t := range tokens {
		text := t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
		if text && t.Position.Line < line && strings.Contains(strings.TrimSpace(t.Origin), "\n") {
			last = t
		}
	}
	return last
}

// placeOf is a token's place, in a file of so many lines: the YAML library sees some behind the last.
func placeOf(t *token.Token, lines int) place {
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{max(1, min(t.Position.Line, lines)), max(1, t.Position.Column)}
}

var errUnreadable = errors.New("this is not YAML that can be read: look at the indentation, the colons, the quotes and the brackets, here and just above")

// plainWords says for the messages of the YAML library what a user should do. The first that occurs in a message counts.
var plainWords = []struct{ library, words string }{
	{"invalid header option", `a text that begins with > or | must be in quotes, such as ">= 0.95"`},
	{"tab", "a tab: want spaces for indentation"},
	{"'\t'", "a tab: want spaces for indentation"},
	{"end character of", "the quote that opens here is never closed"},
	{"escape character", `an unknown escape in double quotes: want \\ for a backslash, or single quotes`},
	{"reserved character", "a text that begins with this character must be in quotes"},
	{"directive", "a text that begins with % must be in quotes"},
	{"'}'", "braces are opened and not closed in order: want a comma or } here or before"},
	{"']'", "brackets are opened and not closed in order: want a comma or ] here or before"},
	{"mapping value is not allowed", "a colon within a value: a text with a colon and a space must be in quotes"},
	{"unexpected key name", "want key: value, with a colon and a space between them"},
	{"non-map value", "want key: value, with a colon and a space between them"},
	{"value is not allowed", "this does not belong to the lines above: look at the indentation"},
	{"anchor", notPart},
	{"alias", notPart},
	{"merge key", notPart},
	{"tag", notPart},
}

func inWords(message string) error {
	for _, w := range plainWords {
		if strings.Contains(message, w.library) {
			return errors.New(w.words)
		}
	}
	return errUnreadable
}
