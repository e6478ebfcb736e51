package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A decoder turns a file's syntax tree into a Scenario. It goes on after a mistake, so that one look shows them all.
type decoder struct {
	file     string
	lines    []string
	runes    [][]rune         // the lines, to find columns in
	places   map[string]place // where the key of each path stands
	values   map[string]place // where its value begins
	spoilt   map[string]bool  // the paths that have a mistake at them or within: what depends on them is not judged
	mistakes Mistakes
}

// A place is a line and a column, from 1.
type place struct{ line, column int }

// errUnacceptable says that a scalar is not what its accepts method describes.
var errUnacceptable = errors.New("unacceptable")

// The ways in which a type can take part in the language, beside being a struct, a slice or a basic type.
type (
	union interface {
		described
		decode(d *decoder, n ast.Node, path string)
	}
	scalar interface {
		described
		parse(text string) error
	}
	described interface{ accepts() string }
)

// document returns what the one document of a file holds, or nil after a mistake.
func (d *decoder) document(source string) ast.Node {
	file, at, err := syntax(source)
	if err != nil {
		d.at(at, "%v", err)
		return nil
	}
	var body ast.Node
	for _, doc := range file.Docs {
		_, directive := doc.Body.(*ast.DirectiveNode)
		switch {
		case doc.Body == nil:
		case directive:
			d.mistake(doc.Body, "", "directives are not part of the language")
			return nil
		case body != nil:
			d.mistake(doc.Body, "", "a second document: want one scenario in a file")
			return nil
		default:
			body = doc.Body
		}
	}
	if body == nil {
		d.at(place{1, 1}, "the file holds no scenario: want %s", describe(reflect.TypeFor[Scenario]()))
	}
	return body
}

// value decodes n into v, which stands at path.
func (d *decoder) value(n ast.Node, v reflect.Value, path string) {
	d.values[path] = d.start(n)
	accepted := describe(v.Type())
	if !d.present(n, path, accepted) {
		return
	}
	switch target := v.Addr().Interface().(type) {
	case union:
		target.decode(d, n, path)
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
		d.scalar(n, (*seed)(v.Addr().Interface().(*uint64)), path)
	default:
		text, _ := d.text(n, path, accepted)
		v.SetString(text)
	}
}

func (d *decoder) fields(n ast.Node, v reflect.Value, path string) {
	mapping, ok := n.(*ast.MappingNode)
	if !ok {
		d.mistake(n, path, "want %s", describe(v.Type()))
		return
	}
	accepted := keysOf(v.Type())
	seen, merged := map[string]bool{}, false
	for _, field := range mapping.Values {
		key := field.Key.GetToken().Value
		i := slices.Index(accepted, key)
		switch {
		case !d.present(field.Key, path, "a key"):
			merged = true // or anchored: any key may be in it
		case field.Key.Type() != ast.StringType || i < 0:
			meant := resembling(key, accepted)
			d.mistake(field.Key, path, "unknown key %s: want %s%s", cite(key), strings.Join(accepted, ", "), didYouMean(meant))
			if meant != "" {
				d.spoil(join(path, meant))
			}
		case seen[key]:
			d.mistake(field.Key, join(path, key), "this key is there twice")
		default:
			seen[key] = true
			d.places[join(path, key)] = d.start(field.Key)
			d.value(field.Value, v.FieldByIndex(fieldsOf(v.Type())[i].Index), join(path, key))
		}
	}
	for _, f := range fieldsOf(v.Type()) {
		key := f.Tag.Get("yaml")
		if inner := join(path, key); !merged && !d.has(inner) && d.sound(inner) && f.Tag.Get("jsonschema") == "required" {
			d.mistake(n, path, "the key %s is missing", key)
			d.spoil(inner)
		}
	}
}

func (d *decoder) items(n ast.Node, v reflect.Value, path string) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		d.mistake(n, path, "want %s", describe(v.Type()))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values)))
	for i, item := range list.Values {
		d.item(item, path, i)
		d.value(item, v.Index(i), indexed(path, i))
	}
}

// item notes where an item of a list stands, and returns its path.
func (d *decoder) item(n ast.Node, path string, i int) string {
	at := indexed(path, i)
	d.places[at], d.values[at] = d.start(n), d.start(n)
	return at
}

// scalar decodes n into a word or a scalar, and says whether it could.
func (d *decoder) scalar(n ast.Node, target any, path string) bool {
	v := reflect.ValueOf(target).Elem()
	accepted := describe(v.Type())
	text, ok := d.text(n, path, accepted)
	if !ok {
		return false
	}
	if w, ok := target.(word); ok {
		if !slices.Contains(w.words(), text) {
			d.mistake(n, path, "%s: want %s%s", cite(text), accepted, didYouMean(resembling(text, w.words())))
			return false
		}
		v.SetString(text)
		return true
	}
	number := v.Kind() == reflect.Int || v.Kind() == reflect.Uint64 || v.Kind() == reflect.Float64
	switch err := target.(scalar).parse(text); {
	case number && quoted(n):
		d.mistake(n, path, "%s: want %s, without quotes", cite(text), accepted)
	case number && !decimal.MatchString(text), errors.Is(err, errUnacceptable):
		d.mistake(n, path, "%s: want %s", cite(text), accepted)
	case err != nil:
		d.mistake(n, path, "%v: want %s", err, accepted)
	default:
		return true
	}
	return false
}

// text returns the text of a scalar.
func (d *decoder) text(n ast.Node, path, accepted string) (text string, ok bool) {
	if !d.present(n, path, accepted) {
		return "", false
	}
	switch n := n.(type) {
	case *ast.StringNode:
		text = n.Value
	case *ast.LiteralNode:
		text = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		text = n.GetToken().Value
	default:
		d.mistake(n, path, "want %s", accepted)
		return "", false
	}
	if strings.ContainsFunc(text, unprintable) {
		d.mistake(n, path, "%s holds a control character: want %s", cite(text), accepted)
		return "", false
	}
	return text, true
}

// present complains of a key without a value, and of what is in YAML but not in the language.
func (d *decoder) present(n ast.Node, path, accepted string) bool {
	switch n.(type) {
	case nil, *ast.NullNode:
		d.mistake(n, path, "no value: want %s", accepted)
		return false
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		d.mistake(n, path, "%s: want %s", notPart, accepted)
		return false
	}
	return true
}

// notPart is what stands in YAML, but not in the language.
const notPart = "anchors, aliases, merge keys and tags are not part of the language"

func (d *decoder) mistake(n ast.Node, path, format string, args ...any) {
	d.spoil(path)
	if path != "" {
		format, args = "%s: "+format, append([]any{path}, args...)
	}
	d.at(d.start(n), format, args...)
}

func (d *decoder) at(p place, format string, args ...any) {
	message := cut(fmt.Sprintf(format, args...), maxMessage)
	d.mistakes = append(d.mistakes, Mistake{d.file, p.line, p.column, message, d.lines[p.line-1]})
}

// spoil notes that there is a mistake at a path, and so in all that it is within.
func (d *decoder) spoil(path string) {
	for ; path != "" && !d.spoilt[path]; path = path[:max(0, strings.LastIndexAny(path, ".["))] {
		d.spoilt[path] = true
	}
}

// sound says whether there is no mistake at a path or within.
func (d *decoder) sound(path string) bool { return !d.spoilt[path] }

// has says whether the file has something at a path.
func (d *decoder) has(path string) bool {
	_, there := d.places[path]
	return there
}

// start is where a node begins. The YAML library places a mapping at its first colon, and the last text of a line too far to the right by
// the spaces behind it.
func (d *decoder) start(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return d.start(m.Values[0].Key)
	}
	if n == nil {
		return place{1, 1}
	}
	p, value := placeOf(n.GetToken(), len(d.lines)), []rune(n.GetToken().Value)
	line := d.runes[p.line-1]
	reads := func(from int) bool {
		return from >= 0 && from <= len(line) && len(value) <= len(line)-from && slices.Equal(line[from:from+len(value)], value)
	}
	behind := 0
	for behind < len(line) && line[len(line)-1-behind] == ' ' {
		behind++
	}
	if behind > 0 && !reads(p.column-1) && reads(p.column-1-behind) {
		p.column -= behind
	}
	return p
}

// join is the path of a key within another.
func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

// decimal is what YAML calls a number, of those that Go reads.
var decimal = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

func quoted(n ast.Node) bool {
	_, block := n.(*ast.LiteralNode)
	t := n.GetToken().Type
	return block || t == token.SingleQuoteType || t == token.DoubleQuoteType
}
