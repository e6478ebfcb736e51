package strict

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of what is given to the YAML library, which takes time in proportion
// to the square of each, and stack for the depth.
const (
	maxDepth = 32
	maxLines = 10_000
	maxTabs  = 1_000
)

// syntax gives source to the YAML library. The error is in words that ask for
// no knowledge of the library; noun is what the file holds.
func syntax(source, noun string) (file *ast.File, at place, err error) {
	lines := strings.Count(source, "\n") + 1
	switch {
	case lines > maxLines:
		return nil, place{maxLines, 1}, fmt.Errorf("the file has more than %d lines: no %s has", maxLines, noun)
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
		return nil, placeOf(t, lines), fmt.Errorf("more than %d lists and keys within each other: no %s has", maxDepth, noun)
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

// tooDeep is the first token within more collections than a file may have.
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

// runaway is the last text in quotes before a line that goes on over several
// lines: what follows a missing quote is seldom what the YAML library complains
// of.
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

// placeOf is a token's place, in a file of so many lines: the YAML library sees
// some behind the last.
func placeOf(t *token.Token, lines int) place {
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{max(1, min(t.Position.Line, lines)), max(1, t.Position.Column)}
}

var errUnreadable = errors.New("this is not YAML that can be read: look at the indentation, the colons, the quotes and the brackets, here and just above")

// plainWords says for the messages of the YAML library what a user should do.
// The first that occurs in a message counts.
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
