package docs_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// A schema is what the reference needs of the scenario language's JSON Schema.
type schema struct {
	Description string
	Properties  map[string]*schema
	Required    []string
	Items       *schema
	AnyOf       []*schema
}

// mapping returns the schema of a value where it is a mapping.
func (s *schema) mapping() *schema {
	for _, form := range s.AnyOf {
		if form.Properties != nil {
			return form
		}
	}
	return s
}

// TestReference holds the parts of pages that are made from the code: between
// <!-- made: NAME --> and <!-- end -->.
func TestReference(t *testing.T) {
	made := map[string]func(*testing.T) string{"language": language, "packages": packages}
	section := regexp.MustCompile(`(?s)(<!-- made: (\w+) -->\n).*?(<!-- end -->)`)
	found := map[string]bool{}
	for _, p := range pages(t) {
		want := section.ReplaceAllStringFunc(p.text, func(old string) string {
			m := section.FindStringSubmatch(old)
			if made[m[2]] == nil {
				t.Errorf("%s: nothing makes %s", p.file, m[2])
				return old
			}
			found[m[2]] = true
			return m[1] + "\n" + made[m[2]](t) + "\n" + m[3]
		})
		switch {
		case want == p.text:
		case *update:
			if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(p.file)), []byte(want), 0o666); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s: its reference is not what the code says: go test ./docs -update", p.file)
		}
	}
	for name := range made {
		if !found[name] {
			t.Errorf("no page has the reference %s", name)
		}
	}
}

// language is the reference of the scenario language: its keys as the Go types
// have them, with the schema's descriptions.
func language(t *testing.T) string {
	t.Helper()
	var s schema
	if err := json.Unmarshal(read(t, filepath.Join(root, "scenarios/scenario.schema.json")), &s); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("### The file\n\n")
	keys(&text, reflect.TypeFor[scenarios.Scenario](), &s, "")
	return strings.TrimLeft(text.String(), "\n")
}

// plain has Markdown show a text as it is.
var plain = strings.NewReplacer("*", `\*`, "[", `\[`)

// keys writes a list of the keys of a type, and then those of the types below
// it under headings of their own.
func keys(text *strings.Builder, of reflect.Type, s *schema, path string) {
	type child struct {
		of   reflect.Type
		s    *schema
		path string
	}
	var below []child
	for field := range of.Fields() {
		key := field.Tag.Get("yaml")
		if !field.IsExported() || key == "" {
			continue
		}
		about, at := s.Properties[key], strings.TrimPrefix(path+"."+key, ".")
		line := "- **`" + key + "`**" + strings.TrimPrefix(plain.Replace(about.Description), key)
		accepts, inner := accepted(field.Type)
		if accepts != "" {
			line += " *Takes " + accepts + ".*"
		}
		if inner != nil || about.mapping().Properties != nil {
			if field.Type.Kind() == reflect.Slice {
				about, at = about.Items, at+"[]"
			}
			below = append(below, child{inner, about.mapping(), at})
			line += " See [below](#" + strings.NewReplacer(".", "", "[]", "").Replace(at) + ")."
		}
		text.WriteString(line + "\n")
	}
	for _, c := range below {
		fmt.Fprintf(text, "\n### `%s`\n\n", c.path)
		if c.of == nil {
			properties(text, c.s)
			continue
		}
		keys(text, c.of, c.s, c.path)
	}
}

// properties writes a list of the keys of a mapping that no Go type has as its
// fields.
func properties(text *strings.Builder, s *schema) {
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		about := plain.Replace(s.Properties[key].Description)
		text.WriteString("- **`" + key + "`**" + strings.TrimPrefix(about, key) + "\n")
	}
}

// TestReferenceIsWhole wants every key of the schema in the reference, under
// the heading of the mapping that it is a key of.
func TestReferenceIsWhole(t *testing.T) {
	var s schema
	if err := json.Unmarshal(read(t, filepath.Join(root, "scenarios/scenario.schema.json")), &s); err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	at := ""
	for line := range strings.Lines(string(read(t, "scenario-language.md"))) {
		if heading, is := strings.CutPrefix(line, "### "); is {
			if at = strings.Trim(strings.TrimSpace(heading), "`"); at == "The file" {
				at = ""
			}
		}
		if item, is := strings.CutPrefix(line, "- **`"); is {
			key, _, _ := strings.Cut(item, "`")
			shown[strings.TrimPrefix(strings.ReplaceAll(at, "[]", "")+"."+key, ".")] = true
		}
	}
	n := 0
	var look func(s *schema, path string)
	look = func(s *schema, path string) {
		for key, below := range s.Properties {
			at := strings.TrimPrefix(path+"."+key, ".")
			if n++; !shown[at] {
				t.Errorf("the reference lacks %s", at)
			}
			look(below, at)
		}
		for _, form := range s.AnyOf {
			look(form, path)
		}
		if s.Items != nil {
			look(s.Items, path)
		}
	}
	look(&s, "")
	if n < 150 {
		t.Errorf("only %d keys seen", n)
	}
}

// accepted returns what a key of the type takes, or the struct whose keys stand
// below it.
func accepted(t reflect.Type) (accepts string, below reflect.Type) {
	switch v := reflect.New(t).Interface().(type) {
	case strict.Enum:
		return "`" + strings.Join(v.Values(), "`, `") + "`", nil
	case strict.Scalar:
		return plain.Replace(v.Accepts()), nil
	case strict.Union:
		if t.Kind() == reflect.Struct {
			for _, form := range []string{"Source", "Command", "Stages", "Windows"} {
				if field, ok := t.FieldByName(form); ok {
					below = field.Type.Elem()
				}
			}
		}
		return plain.Replace(v.Accepts()), below
	}
	switch t.Kind() {
	case reflect.Struct:
		return "", t
	case reflect.Pointer:
		return accepted(t.Elem())
	case reflect.Slice:
		if accepts, below = accepted(t.Elem()); below != nil {
			return "", below
		}
		return "a list, each item " + accepts, nil
	case reflect.Uint64:
		return "a whole number from 0 to 2^64-1", nil
	default:
		return "", nil
	}
}

// packages is the table of packages, each with the first sentence of its
// documentation.
func packages(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("go", "list", "-f", "{{.ImportPath}}\t{{.Doc}}", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("| package | what it is for |\n|---|---|\n")
	for line := range strings.Lines(string(out)) {
		path, doc, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), own), "\t")
		if doc == "" || strings.Contains(path, "internal/") {
			continue
		}
		doc = strings.NewReplacer("[", "", "]", "").Replace(doc)
		_, does, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(doc, "Package "), "Command "), " ")
		fmt.Fprintf(&text, "| [%s](../%s) | %s |\n", path, path, does)
	}
	return text.String()
}

// TestFaultTable wants docs/faults.md to have every kind of fault, in the order
// of the code, with the class that a correct client reports of it.
func TestFaultTable(t *testing.T) {
	row := regexp.MustCompile("(?m)^\\| ((?:`\\w+`(?:, )?)+) \\| .* \\| (.*) \\|$")
	var shown []string
	classes := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(read(t, "faults.md")), -1) {
		for kind := range strings.SplitSeq(m[1], ", ") {
			kind = strings.Trim(kind, "`")
			shown, classes[kind] = append(shown, kind), m[2]
		}
	}
	var want []string
	for _, k := range fault.Kinds() {
		want = append(want, string(k))
		fate := servers.Fate{Fault: k, Status: 503}
		if k != "status" {
			fate.Status = 200
		}
		class := string(oracle.Truth(fate, 0).PlannedClass)
		if class == "ok" {
			class = "as the response"
		}
		if got := classes[string(k)]; !strings.HasPrefix(strings.Trim(got, "`"), class) {
			t.Errorf("docs/faults.md says of %s that its class is %s, the oracle %s", k, got, class)
		}
	}
	if !reflect.DeepEqual(shown, want) {
		t.Errorf("docs/faults.md lists %v, the code %v", shown, want)
	}
}
