package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// A decoder turns a file's syntax tree into a Scenario. It goes on after a mistake, so that one look shows them all.
type decoder struct {
	file     string
	lines    []string
	places   map[string]place
	mistakes Mistakes
}

// A place is a line and a column, from 1.
type place struct{ line, column int }

// errUnacceptable says that a scalar is not what its accepts method describes.
var errUnacceptable = errors.New("unacceptable")

// The ways in which a type can take part in the language, beside being a struct, a slice or a basic type.
type (
	union interface {
		decode(d *decoder, n ast.Node, path string)
	}
	scalar interface {
		parse(text string) error
	}
	described interface{ accepts() string }
)

// parse returns the document of a file.
func (d *decoder) parse(source []byte) ast.Node {
	file, err := parser.ParseBytes(source, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var at yaml.Error
		if !errors.As(err, &at) || at.GetToken() == nil {
			d.at(place{1, 1}, "%v", err)
			return nil
		}
		message := at.GetMessage()
		if strings.HasPrefix(message, "invalid header option") {
			message = `a bound must be in quotes: ">= 0.95"`
		}
		d.at(d.placeOf(at.GetToken()), "%s", message)
		return nil
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	switch len(bodies) {
	case 0:
		d.at(place{1, 1}, "the file holds no scenario: want keys such as %s", strings.Join(keysOf(reflect.TypeFor[Scenario]()), ", "))
		return nil
	case 1:
		return bodies[0]
	default:
		d.mistake(bodies[1], "a second document: want one scenario a file")
		return nil
	}
}

// decode decodes a whole document.
func (d *decoder) decode(body ast.Node, s *Scenario) { d.value(body, reflect.ValueOf(s).Elem(), "") }

// value decodes n into v, which stands at path.
func (d *decoder) value(n ast.Node, v reflect.Value, path string) {
	d.places[path] = d.start(n)
	switch target := v.Addr().Interface().(type) {
	case union:
		if d.present(n, path, "a value") {
			target.decode(d, n, path)
		}
		return
	case scalar, word:
		d.scalar(n, target, path)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), path)
	case reflect.Struct:
		d.fields(n, v, path)
	case reflect.Slice:
		d.items(n, v, path)
	case reflect.Uint64:
		d.basic(n, v, path, "a whole number, 0 or more")
	default:
		text, _ := d.text(n, path, "a text")
		v.SetString(text)
	}
}

func (d *decoder) fields(n ast.Node, v reflect.Value, path string) {
	accepted := keysOf(v.Type())
	mapping, ok := n.(*ast.MappingNode)
	if !ok {
		d.mistake(n, "%s: want keys and values: %s", or(path, "the file"), strings.Join(accepted, ", "))
		return
	}
	for _, field := range mapping.Values {
		key := field.Key.GetToken().Value
		i := slices.Index(accepted, key)
		inner := strings.TrimPrefix(path+"."+key, ".")
		_, twice := d.places[inner]
		switch {
		case field.Key.Type() != ast.StringType || i < 0:
			d.mistake(field.Key, "unknown key %q in %s: want %s%s", key, or(path, "the file"), strings.Join(accepted, ", "), resembling(key, accepted))
		case twice:
			d.mistake(field.Key, "%s is there twice", inner)
		default:
			d.value(field.Value, v.FieldByIndex(fieldsOf(v.Type())[i].Index), inner)
			d.places[inner] = d.start(field.Key)
		}
	}
	for _, f := range fieldsOf(v.Type()) {
		key := f.Tag.Get("yaml")
		if _, there := d.places[strings.TrimPrefix(path+"."+key, ".")]; !there && f.Tag.Get("jsonschema") == "required" {
			d.mistake(n, "%s lacks the key %q", or(path, "the file"), key)
		}
	}
}

func (d *decoder) items(n ast.Node, v reflect.Value, path string) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		d.mistake(n, "%s: want a list", path)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values)))
	for i, item := range list.Values {
		d.value(item, v.Index(i), indexed(path, i))
	}
}

// scalar decodes n into a word or a scalar.
func (d *decoder) scalar(n ast.Node, target any, path string) {
	var accepted string
	if w, ok := target.(word); ok {
		accepted = strings.Join(w.words(), " or ")
	} else {
		accepted = target.(described).accepts()
	}
	text, ok := d.text(n, path, accepted)
	if !ok {
		return
	}
	if w, ok := target.(word); ok {
		if !slices.Contains(w.words(), text) {
			d.mistake(n, "%s: %q: want %s%s", path, text, accepted, resembling(text, w.words()))
			return
		}
		reflect.ValueOf(target).Elem().SetString(text)
		return
	}
	switch err := target.(scalar).parse(text); {
	case errors.Is(err, errUnacceptable):
		d.mistake(n, "%s: %q: want %s", path, text, accepted)
	case err != nil:
		d.mistake(n, "%s: %v: want %s", path, err, accepted)
	}
}

// basic leaves a basic type to the YAML library.
func (d *decoder) basic(n ast.Node, v reflect.Value, path, accepted string) {
	if text, ok := d.text(n, path, accepted); ok {
		if err := yaml.NodeToValue(n, v.Addr().Interface(), yaml.Strict()); err != nil {
			d.mistake(n, "%s: %q: want %s", path, text, accepted)
		}
	}
}

// text returns the text of a scalar.
func (d *decoder) text(n ast.Node, path, accepted string) (string, bool) {
	if !d.present(n, path, accepted) {
		return "", false
	}
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	default:
		d.mistake(n, "%s: want %s", path, accepted)
		return "", false
	}
}

// present complains of a key without a value, and of what is in YAML but not in the language.
func (d *decoder) present(n ast.Node, path, accepted string) bool {
	switch n.(type) {
	case nil, *ast.NullNode:
		d.mistake(n, "%s has no value: want %s", path, accepted)
		return false
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		d.mistake(n, "%s: anchors, aliases and tags are not part of the language: want %s", path, accepted)
		return false
	}
	return true
}

func (d *decoder) mistake(n ast.Node, format string, args ...any) { d.at(d.start(n), format, args...) }

func (d *decoder) at(p place, format string, args ...any) {
	m := Mistake{File: d.file, Line: p.line, Column: p.column, Message: fmt.Sprintf(format, args...)}
	if p.line <= len(d.lines) {
		m.Source = d.lines[p.line-1]
	}
	d.mistakes = append(d.mistakes, m)
}

// start is where a node begins. The YAML library places a mapping at its first colon.
func (d *decoder) start(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return d.start(m.Values[0].Key)
	}
	if n == nil {
		return place{1, 1}
	}
	return d.placeOf(n.GetToken())
}

func (d *decoder) placeOf(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{max(1, min(t.Position.Line, len(d.lines))), max(1, t.Position.Column)}
}

// fieldsOf lists the fields of a struct that are part of the language.
func fieldsOf(t reflect.Type) []reflect.StructField {
	var fields []reflect.StructField
	for f := range t.Fields() {
		if f.Tag.Get("yaml") != "" {
			fields = append(fields, f)
		}
	}
	return fields
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for _, f := range fieldsOf(t) {
		keys = append(keys, f.Tag.Get("yaml"))
	}
	return keys
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
