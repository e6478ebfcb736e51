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

// A Value is a part of a document, for a [Union] to read: a text, a list or a
// mapping.
type Value struct {
	doc  *Document
	node ast.Node
	path string
}

// IsMapping says whether the value is a mapping of keys to values.
func (v Value) IsMapping() bool {
	_, ok := v.node.(*ast.MappingNode)
	return ok
}

// IsList says whether the value is a list.
func (v Value) IsList() bool {
	_, ok := v.node.(*ast.SequenceNode)
	return ok
}

// Fields goes through a mapping's keys that are accepted, each with its value,
// and complains of other keys and of those that are there twice. what says what
// a key is, with its article: "an outcome". What is no mapping has no fields.
func (v Value) Fields(what string, accepted ...string) iter.Seq2[string, Value] {
	mapping, ok := v.node.(*ast.MappingNode)
	if !ok {
		mapping = &ast.MappingNode{}
	}
	return v.entries(mapping, what, anyOf(accepted), accepted)
}

// entries goes through the keys of a mapping that are accepted, as want tells
// them, and complains of the others.
func (v Value) entries(mapping *ast.MappingNode, what, want string, accepted []string) iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		seen := map[string]bool{}
		for _, n := range mapping.Values {
			name := n.Key.GetToken().Value
			key, value := Value{v.doc, n.Key, v.path}, Value{v.doc, n.Value, join(v.path, name)}
			switch {
			case !key.present(what):
			case n.Key.Type() != ast.StringType || !slices.Contains(accepted, name):
				_, noun, _ := strings.Cut(what, " ")
				meant := resembling(name, accepted)
				key.Wrong("unknown %s %s: want %s%s", noun, Cite(name), want, didYouMean(meant))
				if meant != "" {
					v.doc.spoil(join(v.path, meant))
				}
			case seen[name]:
				Value{v.doc, n.Key, value.path}.Wrong("this key is there twice")
			default:
				seen[name] = true
				v.doc.keys[value.path], v.doc.values[value.path] = v.doc.start(n.Key), v.doc.start(n.Value)
				if !yield(name, value) {
					return
				}
			}
		}
	}
}

// Items are the items of a list. What is no list has none.
func (v Value) Items() []Value {
	list, ok := v.node.(*ast.SequenceNode)
	if !ok {
		return nil
	}
	items := make([]Value, len(list.Values))
	for i, n := range list.Values {
		items[i] = Value{v.doc, n, v.path + "[" + strconv.Itoa(i) + "]"}
		v.doc.keys[items[i].path], v.doc.values[items[i].path] = v.doc.start(n), v.doc.start(n)
	}
	return items
}

// Text returns the text of a value that is neither a list nor a mapping. ok is
// false after a mistake, whose message says what is accepted.
func (v Value) Text(accepted string) (text string, ok bool) {
	if !v.present(accepted) {
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
		v.Wrong("want %s", accepted)
		return "", false
	}
	if strings.ContainsFunc(text, unprintable) {
		v.Wrong("%s holds a control character: want %s", Cite(text), accepted)
		return "", false
	}
	return text, true
}

// Word returns the text of a value that is one of a few words; the message says
// what is accepted, and which word is close.
func (v Value) Word(accepted string, words ...string) (text string, ok bool) {
	text, ok = v.Text(accepted)
	if ok && !slices.Contains(words, text) {
		v.Wrong("%s: want %s%s", Cite(text), accepted, didYouMean(resembling(text, words)))
		return "", false
	}
	return text, ok
}

// Scalar has a scalar read itself from the value, and says whether it could.
func (v Value) Scalar(into Scalar) bool {
	accepted := into.Accepts()
	text, ok := v.Text(accepted)
	if !ok {
		return false
	}
	kind := reflect.TypeOf(into).Elem().Kind()
	number := kind == reflect.Int || kind == reflect.Uint64 || kind == reflect.Float64
	switch err := into.Parse(text); {
	case number && v.quoted():
		v.Wrong("%s: want %s, without quotes", Cite(text), accepted)
	case number && !decimal.MatchString(text), errors.Is(err, ErrUnacceptable):
		v.Wrong("%s: want %s", Cite(text), accepted)
	case err != nil:
		v.Wrong("%v: want %s", err, accepted)
	default:
		return true
	}
	return false
}

// decimal is what YAML calls a number, of those that Go reads.
var decimal = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

func (v Value) quoted() bool {
	_, block := v.node.(*ast.LiteralNode)
	t := v.node.GetToken().Type
	return block || t == token.SingleQuoteType || t == token.DoubleQuoteType
}

// Wrong complains of a value.
func (v Value) Wrong(format string, args ...any) {
	v.doc.mistake(v.doc.start(v.node), v.path, format, args...)
}

// present complains of a key without a value, and of what is in YAML but not in
// the language.
func (v Value) present(accepted string) bool {
	why := lacking(v.node)
	if why != "" {
		v.Wrong("%s: want %s", why, accepted)
	}
	return why == ""
}

// lacking says why a node stands for nothing, if it does.
func lacking(n ast.Node) string {
	switch n.(type) {
	case nil, *ast.NullNode:
		return "no value"
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		return notPart
	}
	return ""
}

// notPart is what stands in YAML, but not in the language.
const notPart = "anchors, aliases, merge keys and tags are not part of the language"
