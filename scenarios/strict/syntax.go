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

// The limits of a file. The time that the YAML library takes grows with the
// square of each, and its stack with the depth.
const (
	maxDepth = 32
	maxLines = 10_000
	maxTabs  = 1_000
)

// parseYAML parses source with the YAML library. Errors are in words that
// require no knowledge of that library.
func parseYAML(source string) (file *ast.File, at position, err error) {
	lines := strings.Count(source, "\n") + 1
	switch {
	case lines > maxLines:
		return nil, position{maxLines, 1}, fmt.Errorf("too many lines: want at most %d", maxLines)
	case strings.Count(source, "\t") > maxTabs:
		return nil, position{1, 1}, fmt.Errorf("more than %d tabs: want spaces", maxTabs)
	}
	defer func() {
		if recover() != nil { // the library panics on some invalid files
			file, at, err = nil, position{1, 1}, errUnreadable
		}
	}()
	tokens := joinColons(lexer.Tokenize(source))
	if t := tooDeep(tokens); t != nil {
		return nil, tokenPosition(t, lines), fmt.Errorf("nested too deep: want at most %d levels of lists and keys",
			maxDepth)
	}
	file, err = parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	var wrong yaml.Error
	switch {
	case err == nil:
		return file, at, nil
	case !errors.As(err, &wrong):
		return nil, position{1, 1}, errUnreadable
	}
	at = tokenPosition(wrong.GetToken(), lines)
	if t := unclosedQuote(tokens, at.line); t != nil {
		return nil, tokenPosition(t, lines), errors.New("this quote is closed on another line: is a quote missing?")
	}
	return nil, at, explain(wrong.GetMessage())
}

// tooDeep returns the first token that is nested deeper than maxDepth, or nil.
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

// unclosedQuote returns the last quoted text that begins before a line and
// spans several lines, or nil. After a missing quote, the YAML library
// complains about something else further down.
func unclosedQuote(tokens token.Tokens, line int) *token.Token {
	var last *token.Token
	for _, t := range tokens {
		text := t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
		if text && t.Position.Line < line && strings.Contains(strings.TrimSpace(t.Origin), "\n") {
			last = t
		}
	}
	return last
}

// tokenPosition returns the position of a token. lines is the number of lines
// of the file: the YAML library places some tokens after the last one.
func tokenPosition(t *token.Token, lines int) position {
	if t == nil || t.Position == nil {
		return position{1, 1}
	}
	return position{max(1, min(t.Position.Line, lines)), max(1, t.Position.Column)}
}

var errUnreadable = errors.New("invalid YAML: check the indentation, the colons, the quotes and the brackets, here " +
	"and just above")

// An explanation is the message for users in place of one of the YAML library.
type explanation struct {
	library, message string
	mend             syntax
}

// Error implements error.
func (e *explanation) Error() string { return e.message }

// explanations are tried in order: the first whose text of the library occurs
// in a message applies.
var explanations = []*explanation{
	{"invalid header option", `text that begins with > or | needs quotes, such as ">= 0.95"`, quoteMarked},
	{"tab", "tab in the indentation: want spaces", expandTabs},
	{"'\t'", "tab in the indentation: want spaces", expandTabs},
	{"end character of", "this quote is never closed", unmendable},
	{"escape character", `unknown escape in double quotes: want \\ for a backslash, or single quotes`, unmendable},
	{"reserved character", "text that begins with this character needs quotes", quoteMarked},
	{"directive", "text that begins with % needs quotes", quoteMarked},
	{"'}'", "unbalanced braces: want a comma or } here or earlier", unmendable},
	{"']'", "unbalanced brackets: want a comma or ] here or earlier", unmendable},
	{
		"mapping value is not allowed",
		"a colon inside a value, or the next line is indented too far: text with a colon and a space needs quotes",
		quoteText,
	},
	{"unexpected key name", keyAndValue, separate},
	{"non-map value", keyAndValue, separate},
	{"value is not allowed", "unexpected value: check the indentation", unmendable},
	{"anchor", notSupported, unmendable},
	{"alias", notSupported, unmendable},
	{"merge key", notSupported, unmendable},
	{"tag", notSupported, unmendable},
}

const keyAndValue = "want key: value, with a colon and a space between them"

// explain returns an error for a message of the YAML library.
func explain(message string) error {
	for _, e := range explanations {
		if strings.Contains(message, e.library) {
			return e
		}
	}
	return errUnreadable
}

// notSupported is the message about what YAML has and the language has not.
const notSupported = "anchors, aliases, merge keys and tags are not supported: want the values, written out"
