package scenarios_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// examples matches what may be an example in a description: a text in quotes, a
// list, a mapping, a function, or a word.
var examples = regexp.MustCompile(`"[^"]+"|\[[^]]+\]|\{[^}]*\}|[a-z_]+\([^)]*\)|[^ ,]+`)

// mistakes are those of a value of a key whose type is of, and whose example is
// such.
func mistakes(of reflect.Type, such, value string) strict.Mistakes {
	tag := reflect.StructTag(fmt.Sprintf(`yaml:"field" such:%q`, such))
	holder := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "Field", Type: of, Tag: tag}}))
	return strict.Decode("x.yaml", []byte("field: "+value+"\n"), holder.Interface()).Mistakes()
}

// TestAccepts wants the message about a wrong value of each scalar of the
// language to have one that is right.
func TestAccepts(t *testing.T) {
	n := 0
	var walk func(of reflect.Type, path string)
	walk = func(of reflect.Type, path string) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if _, itself := reflect.New(of).Interface().(interface{ Accepts() string }); itself {
			n++
			description := strict.Describe(of)
			if !slices.ContainsFunc(examples.FindAllString(description, -1), func(text string) bool {
				return mistakes(of, "", text) == nil
			}) {
				t.Errorf("%s: want %s: none of it is accepted", path, description)
			}
		}
		if of.Kind() != reflect.Struct {
			return
		}
		for field := range of.Fields() {
			if key := field.Tag.Get("yaml"); key != "" {
				walk(field.Type, path+"."+key)
			}
		}
	}
	walk(reflect.TypeFor[scenarios.Scenario](), "")
	if n < 50 {
		t.Errorf("%d scalars: want all of the language", n)
	}
}

// compounds calls f for every field of the language, in t and in what its
// fields hold, that is a mapping or a list, with its path and its example.
func compounds(t reflect.Type, path string, f func(path string, t reflect.Type, such string)) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return
	}
	for field := range t.Fields() {
		key, of := field.Tag.Get("yaml"), field.Type
		if key == "" {
			continue
		}
		for of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if strings.HasPrefix(key, "(") {
			compounds(of, path, f) // one way to write what path is
			continue
		}
		at := strings.TrimPrefix(path+"."+key, ".")
		if _, itself := reflect.New(of).Interface().(interface{ Accepts() string }); !itself &&
			(of.Kind() == reflect.Struct || of.Kind() == reflect.Slice) {
			f(at, of, field.Tag.Get("such"))
		}
		compounds(of, at, f)
	}
}

// TestSuch wants the message about a wrong value of each mapping and each list
// of the language to have an example, and the example to be right.
func TestSuch(t *testing.T) {
	n := 0
	compounds(reflect.TypeFor[scenarios.Scenario](), "", func(path string, of reflect.Type, such string) {
		n++
		if such == "" {
			t.Errorf("%s: no tag such", path)
			return
		}
		if wrong := mistakes(of, such, such); wrong != nil {
			t.Errorf("%s: the example %s: %v", path, such, wrong)
		}
		for _, value := range []string{"100/s", "10", ""} {
			wrong := mistakes(of, such, value)
			if len(wrong) != 1 || !strings.Contains(wrong[0].Message, "such as "+such) {
				t.Errorf("%s: %q gives %v: want %s", path, value, wrong, such)
			}
		}
	})
	if n < 30 {
		t.Errorf("%d mappings and lists: want all of the language", n)
	}
}
