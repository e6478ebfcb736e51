package strict

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// The ways in which a type can read itself.
type (
	// A Word is a string type that is one of a few.
	Word interface{ Words() []string }

	// A Scalar reads itself from a text. If its kind is int, uint64 or float64,
	// the text is a decimal number without quotes.
	Scalar interface {
		// Accepts says what the text can be, for messages: they read "want "
		// and this.
		Accepts() string
		// Parse is called with a pointer to the type. [ErrUnacceptable] is the
		// error if Accepts says all there is to say.
		Parse(text string) error
	}

	// A Union may be written in more than one way.
	Union interface {
		// Accepts says which, for messages.
		Accepts() string
		// Decode is called with a pointer to the type.
		Decode(v Value)
	}
)

var (
	_ Scalar = (*uint64Scalar)(nil)

	// ErrUnacceptable says that a text is not what a [Scalar] accepts.
	ErrUnacceptable = errors.New("unacceptable")
)

// MaxBytes is how long a file may be: nobody writes a longer one, and the YAML
// library takes too long for it.
const MaxBytes = 1 << 17

// Decode reads the one YAML document in source into the struct that into points
// to. file is how messages name it. What could not be read is left as it is,
// and among the document's mistakes.
func Decode(file string, source []byte, into any) *Document {
	v := reflect.ValueOf(into).Elem()
	d := &Document{
		file: file, noun: strings.ToLower(v.Type().Name()), lines: []string{""},
		keys: map[string]place{}, values: map[string]place{}, spoilt: map[string]bool{},
	}
	if len(source) > MaxBytes {
		d.at(place{1, 1}, "the file is larger than %d bytes: no %s is", MaxBytes, d.noun)
		return d
	}
	text := lineEnds.Replace(strings.TrimPrefix(string(source), "\ufeff"))
	d.lines = strings.Split(text, "\n")
	if !d.isText() {
		return d
	}
	if body := d.body(text, describe(v.Type())); body != nil {
		Value{d, body, ""}.into(v)
	}
	return d
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// into decodes a value by what the target's type is.
func (v Value) into(target reflect.Value) {
	accepted := describe(target.Type())
	if !v.present(accepted) {
		return
	}
	switch target := target.Addr().Interface().(type) {
	case Union:
		target.Decode(v)
		return
	case Word:
		if text, ok := v.Word(accepted, target.Words()...); ok {
			reflect.ValueOf(target).Elem().SetString(text)
		}
		return
	case Scalar:
		v.Scalar(target)
		return
	}
	switch target.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		v.into(target.Elem())
	case reflect.Struct:
		v.intoStruct(target)
	case reflect.Slice:
		v.intoSlice(target)
	case reflect.Uint64:
		var n uint64Scalar
		v.Scalar(&n)
		target.SetUint(uint64(n))
	case reflect.String:
		text, _ := v.Text(accepted)
		target.SetString(text)
	default:
		panic("strict: no way to read a " + target.Type().String())
	}
}

func (v Value) intoStruct(target reflect.Value) {
	mapping, ok := v.node.(*ast.MappingNode)
	if !ok {
		v.Wrong("want %s", describe(target.Type()))
		return
	}
	fields, accepted := fieldsOf(target.Type())
	for key, value := range v.entries(mapping, "a key", strings.Join(accepted, ", "), accepted) {
		value.into(target.FieldByIndex(fields[slices.Index(accepted, key)].Index))
	}
	if slices.ContainsFunc(mapping.Values, func(n *ast.MappingValueNode) bool { return lacking(n.Key) != "" }) {
		return // any key may be in what is merged or anchored
	}
	for i, key := range accepted {
		inner := join(v.path, key)
		if fields[i].Tag.Get("jsonschema") == "required" && !v.doc.Has(inner) && v.doc.Sound(inner) {
			v.Wrong("the key %s is missing", key)
			v.doc.spoil(inner)
		}
	}
}

func (v Value) intoSlice(target reflect.Value) {
	if !v.IsList() {
		v.Wrong("want %s", describe(target.Type()))
		return
	}
	items := v.Items()
	target.Set(reflect.MakeSlice(target.Type(), len(items), len(items)))
	for i, item := range items {
		item.into(target.Index(i))
	}
}

// fieldsOf lists the fields of a struct that are part of the language, and
// their keys.
func fieldsOf(t reflect.Type) (fields []reflect.StructField, keys []string) {
	for f := range t.Fields() {
		if key := f.Tag.Get("yaml"); key != "" {
			fields, keys = append(fields, f), append(keys, key)
		}
	}
	return fields, keys
}

// describe says what a value of a type can be.
func describe(t reflect.Type) string {
	switch v := reflect.New(t).Interface().(type) {
	case Word:
		return anyOf(v.Words())
	case interface{ Accepts() string }:
		return v.Accepts()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return describe(t.Elem())
	case reflect.Struct:
		_, keys := fieldsOf(t)
		return "keys and values: " + strings.Join(keys, ", ")
	case reflect.Slice:
		return "a list of " + describe(t.Elem())
	case reflect.Uint64:
		return uint64Scalar(0).Accepts()
	default:
		return "a text"
	}
}

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
