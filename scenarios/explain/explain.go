// Package explain describes the keys of scenario files: what each means, what
// it takes, what holds without it, and an example.
package explain

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// A Key is a key of the scenario language.
type Key struct {
	Path     string // such as server.faults.kind
	About    string // what the key means: sentences, of which the first begins with the key
	Accepts  string // what it takes, in the words of messages
	Default  string // what holds without the key; "" if About does not say
	Required bool   // reports whether the mapping that the key is of must have it
	Example  string // a part of a scenario that has the key
}

// Name returns the last part of the path.
func (k Key) Name() string { return k.end(1) }

// end returns the last n parts of the path.
func (k Key) end(n int) string {
	parts := Split(k.Path)
	return strings.Join(parts[max(0, len(parts)-n):], ".")
}

// Split returns the parts of a path. A dot before a digit is part of a key, as
// in p99.9.
func Split(path string) (parts []string) {
	for part := range strings.SplitSeq(path, ".") {
		if last := len(parts) - 1; last >= 0 && part != "" && part[0] >= '0' && part[0] <= '9' {
			parts[last] += "." + part
			continue
		}
		parts = append(parts, part)
	}
	return parts
}

// Keys returns all keys, in the order of the language: a key stands before the
// keys inside it.
func Keys() []Key {
	var root node
	if err := json.Unmarshal([]byte(scenarios.Schema()), &root); err != nil {
		panic("explain: the schema: " + err.Error()) // it is compiled in, and tested
	}
	return keysOf(nil, reflect.TypeFor[scenarios.Scenario](), root, "")
}

// Find returns the keys that a name stands for: the one with this path, or else
// all whose path ends with it. The name of a list may have an index, as in
// executors[0].kind. If there are none, near has the paths of the keys that
// take the name as a value, that it resembles, or whose texts have it.
func Find(name string) (found []Key, near []string) {
	name = strings.Trim(index.ReplaceAllString(strings.TrimSpace(name), ""), ".:")
	all := Keys()
	for _, k := range all {
		switch {
		case k.Path == name:
			return []Key{k}, nil
		case name != "" && strings.HasSuffix(k.Path, "."+name):
			found = append(found, k)
		}
	}
	if found != nil {
		return found, nil
	}
	if near = having(name, all, func(k Key) string { return k.Accepts }); near != nil {
		return nil, near
	}
	if near = nearest(name, all); near != nil {
		return nil, near
	}
	return nil, having(name, all, func(k Key) string { return k.About })
}

// having returns the paths of the keys whose text has a word, or nil if those
// are more than a few.
func having(word string, all []Key, text func(Key) string) (paths []string) {
	const few, shortest, longest = 3, 3, 100
	if len(word) < shortest || len(word) > longest {
		return nil
	}
	has := regexp.MustCompile(`(?i)(^|[^\w.-])` + regexp.QuoteMeta(word) + `($|[^\w-])`)
	for _, k := range all {
		if has.MatchString(text(k)) {
			paths = append(paths, k.Path)
		}
	}
	if len(paths) > few {
		return nil
	}
	return paths
}

var index = regexp.MustCompile(`\[[^\]]*\]`)

// A node is what is needed of a JSON Schema.
type node struct {
	Type             any // a string or a list of them
	Description      string
	Enum             []any
	Minimum, Maximum json.Number
	Required         []string
	Properties       ordered
	Items            *node
	AnyOf            []node
}

// ordered has the properties of a mapping, and their names in the order of the
// schema.
type ordered struct {
	names []string
	of    map[string]node
}

// UnmarshalJSON implements [json.Unmarshaler].
func (o *ordered) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &o.of); err != nil {
		return err
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	if _, err := d.Token(); err != nil { // the brace
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		o.names = append(o.names, fmt.Sprint(name))
	}
	return nil
}

// keysOf appends the keys of a struct, and those inside them.
func keysOf(all []Key, t reflect.Type, s node, path string) []Key {
	for f := range t.Fields() {
		name := f.Tag.Get("yaml")
		property, ok := s.Properties.of[name]
		if !ok {
			continue
		}
		at := strings.TrimPrefix(path+"."+name, ".")
		all = append(all, newKey(at, property, s, strict.Describe(f.Type)))
		inner, inside := f.Type, property
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice && property.Items != nil {
			if inner.Kind() == reflect.Slice {
				inside = *property.Items
			}
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && inside.Properties.of != nil {
			all = keysOf(all, inner, inside, at)
			continue
		}
		all = parts(all, property, at)
	}
	return all
}

// parts appends the keys inside a value that may be written in several ways.
func parts(all []Key, s node, path string) []Key {
	for _, way := range append([]node{s}, s.AnyOf...) {
		if way.Items != nil {
			all = parts(all, *way.Items, path)
		}
		for _, name := range way.Properties.names {
			property := way.Properties.of[name]
			at := path + "." + name
			if !slices.ContainsFunc(all, func(k Key) bool { return k.Path == at }) {
				all = append(all, newKey(at, property, way, property.accepts()))
			}
			all = parts(all, property, at)
		}
	}
	return all
}

func newKey(path string, s, of node, accepts string) Key {
	k := Key{Path: path, About: s.Description, Accepts: accepts, Example: Example(path)}
	k.Required = slices.Contains(of.Required, k.Name())
	k.Default = defaultIn(k.About)
	return k
}

// accepts returns what a value of the schema is.
func (s node) accepts() string {
	var ways []string
	for _, way := range append([]node{s}, s.AnyOf...) {
		switch {
		case len(way.Enum) > 0:
			for _, word := range way.Enum {
				ways = append(ways, fmt.Sprint(word))
			}
		case way.Type == "array" && way.Items != nil:
			ways = append(ways, "a list, each item "+way.Items.accepts())
		case way.Type == "object":
			ways = append(ways, "a mapping with the keys "+strings.Join(way.Properties.names, ", "))
		case way.Type == "integer" && way.Maximum != "":
			ways = append(ways, fmt.Sprintf("a whole number from %s to %s", way.Minimum, way.Maximum))
		case way.Type == "boolean":
			ways = append(ways, "true", "false")
		case way.Type != nil:
			ways = append(ways, "a string")
		}
	}
	return strings.Join(slices.Compact(ways), ", or ")
}

// The two forms in which descriptions name a default: "The default is 1s." and
// "real (the default: …)", of which there may be several.
var (
	defaultSentence = regexp.MustCompile(`The default (?:is )?(.+?)(?:\.(?: |$)|$)`)
	defaultWord     = regexp.MustCompile(`(\S+) \(the default( [^:)]+)?[:)]`)
)

// defaultIn returns the default that a description names, or "".
func defaultIn(about string) string {
	var words []string
	for _, m := range defaultWord.FindAllStringSubmatch(about, -1) {
		words = append(words, m[1]+m[2])
	}
	if len(words) > 0 {
		return strings.Join(words, ", ")
	}
	for _, m := range defaultSentence.FindAllStringSubmatch(about, -1) {
		words = append(words, m[1])
	}
	return strings.Join(words, "; ")
}

// nearest returns the paths of the keys that a name resembles: by the whole
// path, or by the end of it.
func nearest(name string, all []Key) (near []string) {
	const most, longest = 2, 100 // letters that differ, and letters
	if len(name) > longest {
		return nil
	}
	least := most + 1
	for _, k := range all {
		end := k.end(len(Split(name)))
		part := levenshtein.ComputeDistance(name, end)
		d := min(levenshtein.ComputeDistance(name, k.Path), part)
		switch {
		case d == part && 2*d > len(end): // most of it is another word
		case d < least:
			near, least = []string{k.Path}, d
		case d == least && d <= most:
			near = append(near, k.Path)
		}
	}
	return near
}
