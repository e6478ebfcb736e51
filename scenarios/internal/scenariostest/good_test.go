package scenarios_test

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/explain"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// said lists what a scenario says, a line for each value that is not zero. It
// names no type of the language, so that the types may be unexported.
func said(s *scenarios.Scenario) string {
	var lines strings.Builder
	var say func(v reflect.Value, path string)
	say = func(v reflect.Value, path string) {
		switch keys := keysOf(v.Type()); {
		case v.IsZero():
		case v.Kind() == reflect.Pointer && v.Elem().IsZero():
			fmt.Fprintf(&lines, "%s: {}\n", path)
		case v.Kind() == reflect.Pointer:
			say(v.Elem(), path)
		case keys != nil:
			for i, key := range keys {
				switch {
				case formOf(key):
					say(v.Field(i), path)
				case key != "":
					say(v.Field(i), strings.TrimPrefix(path+"."+key, "."))
				}
			}
		case v.Kind() == reflect.Slice && v.Len() == 0:
			fmt.Fprintf(&lines, "%s: []\n", path)
		case v.Kind() == reflect.Slice && keysOf(v.Type().Elem()) != nil:
			for i := range v.Len() {
				say(v.Index(i), fmt.Sprintf("%s[%d]", path, i))
			}
		case v.Kind() == reflect.Int64:
			fmt.Fprintf(&lines, "%s: %v\n", path, time.Duration(v.Int()))
		case v.Kind() == reflect.String, v.CanConvert(reflect.TypeFor[[]string]()):
			fmt.Fprintf(&lines, "%s: %q\n", path, v)
		default:
			fmt.Fprintf(&lines, "%s: %v\n", path, v)
		}
	}
	say(reflect.ValueOf(s).Elem(), "")
	return lines.String()
}

// TestGood holds what every file of testdata/good says to the text beside it.
func TestGood(t *testing.T) {
	files := filesIn(t, "../../testdata/good")
	for _, file := range files {
		t.Run(base(file), func(t *testing.T) {
			source := contents(t, file)
			s, mistakes := registered.Parse(file, source)
			if mistakes != nil {
				t.Fatal(mistakes)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", said(s))
			checkScenario(t, s, source)
			checkPlaces(t, s, source)
		})
	}
}

func TestBuiltInFiles(t *testing.T) {
	for _, file := range filesIn(t, "../..") {
		t.Run(base(file), func(t *testing.T) {
			source := contents(t, file)
			s, mistakes := scenarios.Vocabulary{}.Parse(file, source)
			if mistakes != nil {
				t.Fatal(mistakes)
			}
			if want := base(file); s.Name != want || s.About == "" {
				t.Errorf("named %q, about %q: want the file's name, and a sentence", s.Name, s.About)
			}
			if first, _, _ := strings.Cut(string(source),
				"\n"); first != "# yaml-language-server: $schema=scenario.schema.json" {
				t.Errorf("the first line does not name the schema: %s", first)
			}
			checkScenario(t, s, source)
			checkPlaces(t, s, source)
		})
	}
}

// checkPlaces holds every key's place to where the key stands.
func checkPlaces(t *testing.T, s *scenarios.Scenario, source []byte) {
	t.Helper()
	lines, seen, d := linesOf(source), 0, document(source)
	for _, path := range paths(d, s) {
		key := lastOf(path)
		if strings.HasSuffix(key, "]") {
			continue // an item of a list
		}
		seen++
		line, column := d.Position(path)
		rest := string([]rune(lines[line-1])[column-1:])
		if !strings.HasPrefix(strings.TrimPrefix(rest, `"`), key) {
			t.Errorf("%s: not at %d:%d, where %q stands", path, line, column, rest)
		}
	}
	if seen < 5 {
		t.Errorf("only %d keys seen", seen)
	}
}

// lastOf returns the key at the end of a path.
func lastOf(path string) string {
	parts := explain.Split(path)
	return parts[len(parts)-1]
}

// document is where everything stands in a scenario's file.
func document(source []byte) *strict.Document {
	return strict.Decode("x", source, new(scenarios.Scenario))
}

// paths lists what a scenario's file has.
func paths(d *strict.Document, s *scenarios.Scenario) []string {
	var all []string
	var within func(v reflect.Value, path string)
	note := func(v reflect.Value, path string) {
		if d.Has(path) {
			all = append(all, path)
			within(v, path)
		}
	}
	within = func(v reflect.Value, path string) {
		switch v.Kind() {
		case reflect.Pointer:
			within(v.Elem(), path)
		case reflect.Struct:
			for i, key := range keysOf(v.Type()) {
				switch {
				case formOf(key) && !v.Field(i).IsZero():
					within(v.Field(i), path)
				case key != "" && !formOf(key):
					note(v.Field(i), strings.TrimPrefix(path+"."+key, "."))
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				note(v.Index(i), fmt.Sprintf("%s[%d]", path, i))
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				note(v.MapIndex(key), path+"."+key.String())
			}
		}
	}
	within(reflect.ValueOf(s).Elem(), "")
	return all
}

// keysOf lists the keys of a struct's fields, "" for one that is not part of
// the language, and nothing for a type that has no keys.
func keysOf(t reflect.Type) []string {
	if t.Kind() != reflect.Struct {
		return nil
	}
	var keys []string
	some := false
	for f := range t.Fields() {
		keys = append(keys, f.Tag.Get("yaml"))
		some = some || f.Tag.Get("yaml") != ""
	}
	if !some {
		return nil
	}
	return keys
}

// formOf reports whether a field has one form of the value of its struct, and
// no key of its own.
func formOf(key string) bool { return strings.HasPrefix(key, "(") }

// TestPlaces finds lines that violations name.
func TestPlaces(t *testing.T) {
	d := document(contents(t, filepath.Join("..", "..", "testdata", "good", "every-key.yaml")))
	for path, want := range map[string][2]int{
		"name": {3, 1}, "seed": {5, 1}, "server.faults[1]": {16, 7}, "server.faults[1].status": {17, 7},
		"executors[0]": {31, 5},
		"executors[2]": {36, 5}, "executors[2].limit": {37, 5}, "expect": {40, 1}, "expect.outcomes": {41, 3},
		"expect.outcomes.error": {44, 5}, "expect.order": {45, 3},
		"expect.speedup": {47, 3}, "expect.speedup.at_least": {49, 5}, "expect.p99": {55, 3}, "expect.max": {57, 3},
		"expect.leaks": {58, 3},
	} {
		if line, column := d.Position(path); line != want[0] || column != want[1] {
			t.Errorf("%s: got %d:%d, want %v", path, line, column, want)
		}
	}
}

// TestForms writes one scenario in other ways that mean the same.
func TestForms(t *testing.T) {
	const file = "../../testdata/good/every-key"
	source, want := string(contents(t, file+".yaml")), string(contents(t, file+".txt"))
	for name, test := range map[string]struct {
		source string
		down   int // the lines that stand above
	}{
		"CRLF":                {strings.ReplaceAll(source, "\n", "\r\n"), 0},
		"CR":                  {strings.ReplaceAll(source, "\n", "\r"), 0},
		"byte order mark":     {"\ufeff" + source, 0},
		"mark and CRLF":       {"\ufeff" + strings.ReplaceAll(source, "\n", "\r\n"), 0},
		"no last line end":    {strings.TrimSuffix(source, "\n"), 0},
		"header":              {"---\n" + source, 1},
		"header and comment":  {"# one\n--- # two\n" + source, 2},
		"end":                 {source + "...\n", 0},
		"blank lines":         {"\n  \n" + source + "\n\n", 2},
		"spaces behind lines": {strings.ReplaceAll(source, "\n", "  \n"), 0},
		"comment at the end":  {source + "# the end", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, mistakes := scenarios.Vocabulary{}.Parse("x", []byte(test.source))
			if mistakes != nil {
				t.Fatal(mistakes)
			}
			if diff := cmp.Diff(want, said(s)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if line, column := document([]byte(test.source)).Position("expect.p99"); line != 55+test.down ||
				column != 3 {
				t.Errorf("expect.p99 stands at %d:%d, want line %d", line, column, 55+test.down)
			}
		})
	}
}

// TestEveryKeyIsTested finds keys of the language that no good file has.
func TestEveryKeyIsTested(t *testing.T) {
	used := map[string]bool{}
	for _, file := range filesIn(t, "../../testdata/good") {
		source := contents(t, file)
		s, mistakes := registered.Parse(file, source)
		if mistakes != nil {
			t.Fatal(mistakes)
		}
		for _, path := range paths(document(source), s) {
			used[lastOf(path)] = true
		}
	}
	var unused func(of reflect.Type)
	unused = func(of reflect.Type) {
		for i, key := range keysOf(of) {
			if key != "" && !used[key] && !formOf(key) {
				t.Errorf("no good file has the key %s of %v", key, of)
			}
			within := of.Field(i).Type
			for within.Kind() == reflect.Pointer || within.Kind() == reflect.Slice {
				within = within.Elem()
			}
			unused(within)
		}
	}
	unused(reflect.TypeFor[scenarios.Scenario]())
}
