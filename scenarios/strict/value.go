package strict

import (
	"errors"
	"iter"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A Value is a value in a document. A [Union] decodes itself from it.
type Value struct {
	doc  *Document
	node ast.Node
	path string
}

// IsMapping reports whether the value is a mapping.
func (v Value) IsMapping() bool {
	_, ok := v.node.(*ast.MappingNode)
	return ok
}

// IsList reports whether the value is a list.
func (v Value) IsList() bool {
	_, ok := v.node.(*ast.SequenceNode)
	return ok
}

// Fields yields the accepted keys of a mapping, each with its value. It reports
// unknown and duplicate keys. what describes a key, with its article, such as
// "an outcome". A value that is not a mapping has no fields.
func (v Value) Fields(what string, accepted ...string) iter.Seq2[string, Value] {
	mapping, ok := v.node.(*ast.MappingNode)
	if !ok {
		mapping = &ast.MappingNode{}
	}
	return v.entries(mapping, what, joinOr(accepted), accepted)
}

// entries implements Fields. want describes the accepted keys in messages.
func (v Value) entries(mapping *ast.MappingNode, what, want string, accepted []string) iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		seen := map[string]bool{}
		for _, n := range mapping.Values {
			name := n.Key.GetToken().Value
			key, value := Value{v.doc, n.Key, v.path}, Value{v.doc, n.Value, join(v.path, name)}
			switch {
			case !key.checkPresent(what):
			case n.Key.Type() != ast.StringType || !slices.Contains(accepted, name):
				_, noun, _ := strings.Cut(what, " ")
				meant := closest(name, accepted)
				key.Errorf("unknown %s %s: want %s%s", noun, Quote(name), want, didYouMean(meant))
				if meant != "" {
					v.doc.invalidate(join(v.path, meant))
				}
			case seen[name]:
				Value{v.doc, n.Key, value.path}.Errorf("duplicate key: want it once")
			default:
				seen[name] = true
				v.doc.keyAt[value.path], v.doc.valueAt[value.path] = v.doc.positionOf(n.Key), v.doc.positionOf(n.Value)
				if !yield(name, value) {
					return
				}
			}
		}
	}
}

// Items returns the items of a list. A value that is not a list has none.
func (v Value) Items() []Value {
	list, ok := v.node.(*ast.SequenceNode)
	if !ok {
		return nil
	}
	items := make([]Value, len(list.Values))
	for i, n := range list.Values {
		items[i] = Value{v.doc, n, v.path + "[" + strconv.Itoa(i) + "]"}
		v.doc.keyAt[items[i].path], v.doc.valueAt[items[i].path] = v.doc.positionOf(n), v.doc.positionOf(n)
	}
	return items
}

// Text returns the text of a value that is neither a list nor a mapping.
// Otherwise it reports a mistake and returns false. accepted describes the
// accepted values in the message.
func (v Value) Text(accepted string) (text string, ok bool) {
	if !v.checkPresent(accepted) {
		return "", false
	}
	switch n := v.node.(type) {
	case *ast.StringNode:
		text = n.Value
	case *ast.LiteralNode:
		text = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		text = n.GetToken().Value
	default:
		v.Errorf("want %s", accepted)
		return "", false
	}
	if strings.ContainsFunc(text, isControl) {
		v.Errorf("%s contains a control character: want %s", Quote(text), accepted)
		return "", false
	}
	return text, true
}

// OneOf returns the text of a value that is one of words. Otherwise it reports
// a mistake and returns false. The message has accepted and the closest word.
func (v Value) OneOf(accepted string, words ...string) (text string, ok bool) {
	text, ok = v.Text(accepted)
	if ok && !slices.Contains(words, text) {
		v.Errorf("%s: want %s%s", Quote(text), accepted, didYouMean(closest(text, words)))
		return "", false
	}
	return text, ok
}

// Parse parses the value into a scalar and returns true. If it cannot, it
// reports a mistake and returns false.
func (v Value) Parse(into Scalar) bool {
	accepted := into.Accepts()
	text, ok := v.Text(accepted)
	if !ok {
		return false
	}
	if strings.Contains(text, "(") && !strings.Contains(text, ")") {
		accepted += "; in braces, quote a value that has a comma"
	}
	kind := reflect.TypeOf(into).Elem().Kind()
	number := kind == reflect.Int || kind == reflect.Uint64 || kind == reflect.Float64
	switch err := into.Parse(text); {
	case number && v.quoted():
		v.Errorf("%s: want %s, without quotes", Quote(text), accepted)
	case number && !decimal.MatchString(text), errors.Is(err, ErrUnacceptable):
		v.Errorf("%s: want %s", Quote(text), accepted)
	case err != nil:
		v.Errorf("%v: want %s", err, accepted)
	default:
		return true
	}
	return false
}

// decimal matches the numbers that YAML and Go have in common.
var decimal = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

// quoted reports whether the file has the value in quotes or as a block.
func (v Value) quoted() bool {
	_, block := v.node.(*ast.LiteralNode)
	t := v.node.GetToken().Type
	return block || t == token.SingleQuoteType || t == token.DoubleQuoteType
}

// Errorf reports a mistake at the value.
func (v Value) Errorf(format string, args ...any) {
	v.doc.report(v.doc.positionOf(v.node), v.path, format, args...)
}

// checkPresent reports a missing value, and YAML that is not supported. It
// returns whether there is a value.
func (v Value) checkPresent(accepted string) bool {
	why := unsupported(v.node)
	if why != "" {
		v.Errorf("%s: want %s", why, accepted)
	}
	return why == ""
}

// unsupported returns why a node has no value, or "" if it has one.
func unsupported(n ast.Node) string {
	switch n.(type) {
	case nil, *ast.NullNode:
		return "missing value"
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		return notSupported
	}
	return ""
}

// notSupported is the message about YAML that Decode does not support.
const notSupported = "anchors, aliases, merge keys and tags are not supported"
