package strict

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// The interfaces of types that decode themselves.
type (
	// An Enum is a string type with a fixed list of values.
	Enum interface{ Values() []string }

	// A Scalar parses itself from the text of one value. If its kind is int,
	// uint64 or float64, the text must be a decimal number without quotes. That
	// of a float64 may have a percent sign.
	Scalar interface {
		// Accepts describes the accepted texts. Messages have the form "want "
		// plus this description.
		Accepts() string
		// Parse is called on a pointer to the type. It returns
		// [ErrUnacceptable] if the description says all that the user needs to
		// know.
		Parse(text string) error
	}

	// A Union can be written in more than one way, such as a word or a list.
	Union interface {
		// Accepts describes the accepted values, for messages.
		Accepts() string
		// Decode is called on a pointer to the type. It reports mistakes to v.
		Decode(v Value)
	}
)

var (
	_ Scalar = (*uint64Scalar)(nil)

	// ErrUnacceptable reports a text that a [Scalar] does not accept.
	ErrUnacceptable = errors.New("unacceptable")
)

// MaxBytes is the maximum size of a file. It is far beyond what people write,
// and bounds the time that the YAML library takes.
const MaxBytes = 1 << 17

// Decode decodes the YAML document in source into the struct that into points
// to. Messages name the file file. Decode leaves a field unchanged if it cannot
// decode its value, and adds a mistake to the returned Document.
//
// A required key that is among optional may be missing. It is then not valid,
// so that no mistake is reported of what depends on it.
func Decode(file string, source []byte, into any, optional ...string) *Document {
	v := reflect.ValueOf(into).Elem()
	d := &Document{
		file: file, noun: strings.ToLower(v.Type().Name()), lines: []string{""},
		keyAt: map[string]position{}, valueAt: map[string]position{}, invalid: map[string]bool{}, optional: optional,
	}
	if len(source) > MaxBytes {
		d.reportAt(position{1, 1}, "the file is too large: want at most %d bytes", MaxBytes)
		return d
	}
	text := lineEnds.Replace(strings.TrimPrefix(string(source), "\ufeff"))
	d.lines = strings.Split(text, "\n")
	if !d.checkText() {
		return d
	}
	if body := d.body(text, Describe(v.Type())); body != nil {
		Value{d, body, ""}.decode(v, "")
	}
	return d
}

// lineEnds replaces the line ends of other systems by newlines.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// decode decodes the value into target, as the type of target requires. For a
// mapping and for a list of them, such is an example that messages have.
func (v Value) decode(target reflect.Value, such string) {
	accepted := describe(target.Type(), such)
	if !v.checkPresent(accepted) {
		return
	}
	switch target := target.Addr().Interface().(type) {
	case Union:
		target.Decode(v)
		return
	case Enum:
		if text, ok := v.OneOf(accepted, target.Values()...); ok {
			reflect.ValueOf(target).Elem().SetString(text)
		}
		return
	case Scalar:
		v.Parse(target)
		return
	}
	switch target.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		v.decode(target.Elem(), such)
	case reflect.Struct:
		v.decodeStruct(target, such)
	case reflect.Slice:
		v.decodeSlice(target, such)
	case reflect.Uint64:
		var n uint64Scalar
		v.Parse(&n)
		target.SetUint(uint64(n))
	case reflect.String:
		text, _ := v.Text(accepted)
		target.SetString(text)
	default:
		panic("strict: cannot decode into a " + target.Type().String())
	}
}

func (v Value) decodeStruct(target reflect.Value, such string) {
	mapping, ok := v.node.(*ast.MappingNode)
	if !ok {
		v.Errorf("want %s", describe(target.Type(), such))
		return
	}
	fields, accepted := fieldsOf(target.Type())
	for key, value := range v.entries(mapping, "a key", strings.Join(accepted, ", "), accepted) {
		field := fields[slices.Index(accepted, key)]
		value.decode(target.FieldByIndex(field.Index), field.Tag.Get("such"))
	}
	merges := slices.ContainsFunc(mapping.Values, func(n *ast.MappingValueNode) bool {
		return unsupported(n.Key) != ""
	})
	for i, key := range accepted {
		inner := join(v.path, key)
		if merges && !v.doc.Has(inner) {
			v.doc.invalidate(inner) // a merged or anchored mapping may have the key
		}
		if fields[i].Tag.Get("jsonschema") == "required" && !v.doc.Has(inner) && v.doc.Valid(inner) {
			if !slices.Contains(v.doc.optional, inner) {
				v.Errorf("the key %s is missing", key)
			}
			v.doc.invalidate(inner)
		}
	}
}

func (v Value) decodeSlice(target reflect.Value, such string) {
	if !v.IsList() {
		v.Errorf("want %s", describe(target.Type(), such))
		return
	}
	items := v.Items()
	target.Set(reflect.MakeSlice(target.Type(), len(items), len(items)))
	for i, item := range items {
		item.decode(target.Index(i), itemOf(such))
	}
}

// fieldsOf returns the fields of a struct that have a key, and the keys.
func fieldsOf(t reflect.Type) (fields []reflect.StructField, keys []string) {
	for f := range t.Fields() {
		if key := f.Tag.Get("yaml"); key != "" {
			fields, keys = append(fields, f), append(keys, key)
		}
	}
	return fields, keys
}

// Describe returns what a value of a type is, in the words of messages: "want"
// plus this description.
func Describe(t reflect.Type) string { return describe(t, "") }

// itemOf returns the item of an example of a list of mappings, "" for another
// list.
func itemOf(such string) string {
	if strings.HasPrefix(such, "[{") {
		return such[1 : len(such)-1]
	}
	return ""
}

// describe implements Describe, with an example of a mapping or of a list.
func describe(t reflect.Type, such string) string {
	shown, comma := "", ""
	if such != "" {
		shown, comma = " such as "+such, ","
	}
	switch v := reflect.New(t).Interface().(type) {
	case Enum:
		return joinOr(v.Values())
	case interface{ Accepts() string }:
		return v.Accepts()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return describe(t.Elem(), such)
	case reflect.Struct:
		_, keys := fieldsOf(t)
		return "a mapping" + shown + comma + " with the keys " + strings.Join(keys, ", ")
	case reflect.Slice:
		return "a list" + shown + ", each item " + Describe(t.Elem())
	case reflect.Uint64:
		return uint64Scalar(0).Accepts()
	default:
		return "a string"
	}
}

// uint64Scalar decodes fields of type uint64.
type uint64Scalar uint64

func (uint64Scalar) Accepts() string { return "a whole number from 0 to 18446744073709551615" }

func (u *uint64Scalar) Parse(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	*u = uint64Scalar(n)
	if err != nil {
		return ErrUnacceptable
	}
	return nil
}
