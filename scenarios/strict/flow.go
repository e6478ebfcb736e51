package strict

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/token"
)

// joinColons joins what the YAML library takes apart: in a list within braces,
// as in {keys: [localhost:8080]}, it takes any colon for the end of a key. In
// YAML 1.2 a colon is text there unless a blank, a comma or a bracket follows.
// A list that is in no braces needs no change, and the library is right to take
// "a":b for a key and a value.
func joinColons(tokens token.Tokens) token.Tokens {
	var joined token.Tokens
	var open []token.Type // the brackets and braces
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			open = append(open, t.Type)
		case token.SequenceEndType, token.MappingEndType:
			open = open[:max(0, len(open)-1)]
		case token.MappingValueType:
			inList := len(open) > 0 && open[len(open)-1] == token.SequenceStartType
			if inList && i+1 < len(tokens) && follows(tokens[i+1]) {
				i++
				joined = joinText(joined, t, tokens[i])
				continue
			}
		}
		joined = append(joined, t)
	}
	link(joined)
	return joined
}

// follows reports whether a token is plain text right after the one before it.
func follows(t *token.Token) bool {
	return plain(t) && t.Origin != "" && !strings.ContainsAny(t.Origin[:1], " \t\n")
}

// joinText adds the text of a colon and of what follows it to tokens: to the
// last of them, if that is text too.
func joinText(tokens token.Tokens, colon, after *token.Token) token.Tokens {
	last := len(tokens) - 1
	before := tokens[last] // the list's bracket, or what comes after it
	switch {
	case plain(before) && before.Position.Line == colon.Position.Line:
		value := strings.TrimLeft(before.Origin, " \t\n") + ":" + after.Value
		tokens[last] = token.String(value, before.Origin+":"+after.Origin, before.Position)
	case before.Type == token.SequenceStartType, before.Type == token.CollectEntryType:
		tokens = append(tokens, token.String(":"+after.Value, ":"+after.Origin, colon.Position))
	default:
		tokens = append(tokens, colon, after)
	}
	return tokens
}

// plain reports whether a token is text without quotes, a number or a word.
func plain(t *token.Token) bool {
	return slices.Contains([]token.Type{
		token.StringType, token.BoolType, token.NullType, token.IntegerType, token.BinaryIntegerType,
		token.OctetIntegerType, token.HexIntegerType, token.FloatType, token.InfinityType, token.NanType,
	}, t.Type)
}

// link makes each token know its neighbours.
func link(tokens token.Tokens) {
	for i, t := range tokens {
		t.Prev, t.Next = nil, nil
		if i > 0 {
			t.Prev, tokens[i-1].Next = tokens[i-1], t
		}
	}
}
