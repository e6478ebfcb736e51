package reports

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/teapot-go/teapot/reports/text"
)

// mostOdd is how many problems with the keys of a document are listed.
const mostOdd = 20

// keys collects what is wrong with the keys of a document. A key that is not
// known may change what the others mean, and one that is missing would be read
// as "none", so neither is passed over.
type keys struct {
	odd  []error
	more int // problems that are not in the list

	known map[reflect.Type]*members // of the structs that came up
}

// wrong adds a problem at a place of the document.
func (k *keys) wrong(at jsontext.Pointer, what string) {
	if len(k.odd) == mostOdd {
		k.more++
		return
	}
	k.odd = append(k.odd, fmt.Errorf("%s: %s", path(at), what))
}

// err is the error of all problems, nil if there are none.
func (k *keys) err() error {
	if k.more > 0 {
		k.odd = append(k.odd, fmt.Errorf("and %d more", k.more))
	}
	return errors.Join(k.odd...)
}

// path is a place in a document as problems name it: runs[0].samples[3].
func path(at jsontext.Pointer) string {
	var b strings.Builder
	for word := range at.Tokens() {
		switch {
		case strings.Trim(word, "0123456789") == "" && word != "":
			b.WriteString("[" + text.Clip(word, 20) + "]")
			continue
		case b.Len() > 0:
			b.WriteByte('.')
		}
		b.WriteString(text.Printable(text.Clip(word, 80)))
	}
	if b.Len() == 0 {
		return "the document"
	}
	return b.String()
}

// A keyed is a field of a struct that has a key.
type keyed struct {
	index    []int
	number   int // among all fields of the struct
	required bool
}

// members are the fields of a struct by their keys, and the keys in order.
type members struct {
	by    map[string]keyed
	names []string
}

// of returns the members of a struct. Those without omitempty are required, as
// the schema says.
func (k *keys) of(t reflect.Type) *members {
	if m := k.known[t]; m != nil {
		return m
	}
	m := &members{by: map[string]keyed{}}
	for _, f := range reflect.VisibleFields(t) {
		key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || key == "-" || !f.IsExported() {
			continue
		}
		m.by[key] = keyed{f.Index, len(m.names), !strings.Contains(options, "omitempty")}
		m.names = append(m.names, key)
	}
	if k.known == nil {
		k.known = map[reflect.Type]*members{}
	}
	k.known[t] = m
	return m
}

// read reads a struct with exactly the keys that it may have, and adds the
// problem of a value that is null, which none may be. All else is read as
// without it.
func (k *keys) read(in *jsontext.Decoder, to any) error {
	switch in.PeekKind() {
	case '{':
		if value := reflect.ValueOf(to).Elem(); value.Kind() == reflect.Struct {
			return k.object(in, value)
		}
	case 'n':
		if err := in.SkipValue(); err != nil {
			return err
		}
		k.wrong(in.StackPointer(), "got null, want a value")
		return nil
	}
	return errors.ErrUnsupported
}

// object reads a struct.
func (k *keys) object(in *jsontext.Decoder, to reflect.Value) error {
	t := k.of(to.Type())
	if _, err := in.ReadToken(); err != nil {
		return err
	}
	var has uint64 // the members that came
	for in.PeekKind() == '"' {
		name, err := in.ReadValue()
		if err != nil {
			return err
		}
		m, known := t.by[string(name[1:len(name)-1])] // no key of this format is written with escapes
		if !known {
			k.unknown(in, t)
			if err := in.SkipValue(); err != nil {
				return err
			}
			continue
		}
		has |= 1 << m.number
		if err := k.value(in, to.FieldByIndex(m.index)); err != nil {
			return err
		}
	}
	if _, err := in.ReadToken(); err != nil { // the brace
		return err
	}
	k.missing(in, t, has)
	return nil
}

// value reads the value of a field. Most are whole numbers, which it reads in
// place, as that takes half of the time.
func (k *keys) value(in *jsontext.Decoder, to reflect.Value) error {
	if !to.CanInt() || in.PeekKind() != '0' {
		return json.UnmarshalDecode(in, to.Addr().Interface())
	}
	digits, err := in.ReadValue()
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(string(digits), 10, to.Type().Bits())
	if err != nil {
		k.wrong(in.StackPointer(), fmt.Sprintf("got %s, want a whole number", text.Clip(string(digits), 80)))
	}
	to.SetInt(n)
	return nil
}

// unknown adds the problem of a key that was just read.
func (k *keys) unknown(in *jsontext.Decoder, t *members) {
	at := in.StackPointer()
	want := "want the keys of " + format + " alone: another release of teapot may know it"
	if i := slices.IndexFunc(t.names, func(n string) bool { return strings.EqualFold(n, at.LastToken()) }); i >= 0 {
		want = "want " + t.names[i]
	}
	k.wrong(at, "unknown key: "+want)
}

// missing adds the keys that an object which was just read lacks.
func (k *keys) missing(in *jsontext.Decoder, t *members, has uint64) {
	var lacks []string
	for _, name := range t.names {
		if m := t.by[name]; m.required && has&(1<<m.number) == 0 {
			lacks = append(lacks, name)
		}
	}
	if lacks != nil {
		k.wrong(in.StackPointer(), "keys are missing: want "+strings.Join(lacks, ", "))
	}
}

// mistyped is the error of a value of another type than its key has.
func mistyped(err *json.SemanticError) error {
	got := err.JSONKind.String()
	if err.JSONValue != nil {
		got = text.Printable(text.Clip(err.JSONValue.String(), 80))
	}
	want := "another value"
	if err.GoType != nil {
		want = kindWords[err.GoType.Kind()]
	}
	return fmt.Errorf("%s: got %s, want %s", path(err.JSONPointer), got, want)
}

// kindWords describe the values of each kind that a recording has.
var kindWords = map[reflect.Kind]string{
	reflect.Int: "a whole number", reflect.Int64: "a whole number", reflect.Uint64: "a whole number from 0",
	reflect.Float64: "a number", reflect.String: "a string", reflect.Bool: "true or false", reflect.Slice: "a list",
	reflect.Map: "an object", reflect.Struct: "an object, or a time as in 2026-11-03T14:05:09Z",
	reflect.Pointer: "an object",
}
