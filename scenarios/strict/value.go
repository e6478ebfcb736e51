package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
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
		seen, open := map[string]bool{}, false
		for _, n := range mapping.Values {
			name := n.Key.GetToken().Value
			key, value := Value{v.doc, n.Key, v.path}, Value{v.doc, n.Value, join(v.path, name)}
			if open && n.Value.Type() == ast.NullType && !slices.Contains(accepted, name) {
				open = !strings.Contains(name, ")")
				continue // the rest of a value that is a mistake
			}
			known := len(v.doc.mistakes)
			switch {
			case !key.checkPresent(what):
			case n.Key.Type() != ast.StringType || !slices.Contains(accepted, name):
				_, noun, _ := strings.Cut(what, " ")
				meant := closest(name, accepted)
				key.Errorf("unknown %s %s: want %s%s", noun, Quote(name), want, didYouMean(meant))
				v.doc.propose(v.renamedKey(mapping, n, accepted))
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
			open = opens(n.Value) && len(v.doc.mistakes) > known
		}
	}
}

// opens reports whether a value ends within a parenthesis: in braces, the comma
// there has ended it.
func opens(n ast.Node) bool {
	text := n.GetToken().Value
	return n.Type() == ast.StringType && strings.Contains(text, "(") && !strings.Contains(text, ")")
}

// Pairs yields the keys of a mapping, which may be numbers, each with its
// value. It reports duplicate keys. accepted describes the keys. A value that
// is not a mapping has none.
func (v Value) Pairs(accepted string) iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		mapping, ok := v.node.(*ast.MappingNode)
		if !ok {
			return
		}
		seen := map[string]bool{}
		for _, n := range mapping.Values {
			key := Value{v.doc, n.Key, v.path}
			name, ok := key.Text(accepted)
			switch value := (Value{v.doc, n.Value, join(v.path, name)}); {
			case !ok:
			case seen[name]:
				key.Errorf("duplicate key: want it once")
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
		v.doc.propose(v.doc.renamed(v.doc.positionOf(v.node), text, words))
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
	if opens(v.node) {
		accepted += "; in braces, quote a value that has a comma"
	}
	kind := reflect.TypeOf(into).Elem().Kind()
	number := kind == reflect.Int || kind == reflect.Uint64 || kind == reflect.Float64
	switch err := into.Parse(text); {
	case number && v.quoted():
		v.Errorf("%s: want %s, without quotes", Quote(text), accepted)
		v.doc.propose(v.unquoted())
	case number && !decimal.MatchString(share(kind, text)), errors.Is(err, ErrUnacceptable):
		v.Errorf("%s: want %s", Quote(text), accepted)
	case err != nil:
		v.Errorf("%v: want %s", err, accepted)
	default:
		return true
	}
	if kind == reflect.Bool {
		v.doc.propose(v.truth(text))
	}
	v.doc.propose(v.quotedToParenthesis(text))
	return false
}

// share returns a number of a type for fractions without its percent sign,
// which the type may take.
func share(kind reflect.Kind, text string) string {
	if kind == reflect.Float64 {
		return strings.TrimSuffix(text, "%")
	}
	return text
}

// Decode decodes the value into the struct that into points to, as the function
// [Decode] does with a document.
func (v Value) Decode(into any) { v.decode(reflect.ValueOf(into).Elem(), "") }

// JSON returns the value as JSON, with the keys of mappings in their order. It
// reports a mistake and returns nil if the value cannot be JSON.
func (v Value) JSON() []byte {
	if v.node == nil {
		return []byte("null")
	}
	var plain plainNodes
	if ast.Walk(&plain, v.node); plain.other != nil {
		Value{v.doc, plain.other, v.path}.checkPresent("a value")
		return nil
	}
	var value any
	var compact bytes.Buffer
	err := yaml.NodeToValue(v.node, &value, yaml.UseOrderedMap())
	if err == nil {
		var text []byte
		if text, err = yaml.MarshalWithOptions(value, yaml.JSON()); err == nil {
			err = json.Compact(&compact, text)
		}
	}
	if err != nil {
		v.Errorf("the value cannot be JSON: want strings, numbers, true, false, null, lists and mappings of them")
		return nil
	}
	return compact.Bytes()
}

// plainNodes finds a node that stands for something else.
type plainNodes struct{ other ast.Node }

// Visit implements [ast.Visitor].
func (p *plainNodes) Visit(n ast.Node) ast.Visitor {
	if why := unsupported(n); why != "" && why != missing && p.other == nil {
		p.other = n
	}
	return p
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
	if v.node != nil && v.quoted() && bracketed.MatchString(v.node.GetToken().Value) {
		v.doc.propose(v.unquoted())
	}
}

// checkPresent reports a missing value, and YAML that is not supported. It
// returns whether there is a value.
func (v Value) checkPresent(accepted string) bool {
	switch why := unsupported(v.node); {
	case why == missing:
		v.Errorf("%s: want %s", why, accepted)
		return false
	case why != "":
		v.Errorf("%s", why)
		return false
	}
	return true
}

// unsupported returns why a node has no value, or "" if it has one.
func unsupported(n ast.Node) string {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return missing
	case *ast.AnchorNode:
		return "the anchor &" + nameOf(n.Name) + " is not supported: want the value without it"
	case *ast.AliasNode:
		return "the alias *" + nameOf(n.Value) + " is not supported: want the value itself, written out"
	case *ast.TagNode:
		return "the tag " + truncate(n.GetToken().Value, 60) + " is not supported: want the value without it"
	case *ast.MergeKeyNode:
		return "the merge key << is not supported: want the keys themselves, written out"
	}
	return ""
}

// nameOf returns the name of an anchor for a message.
func nameOf(n ast.Node) string {
	if n == nil {
		return ""
	}
	return truncate(n.GetToken().Value, 60)
}

// missing is the message about a value that is not there.
const missing = "missing value"
