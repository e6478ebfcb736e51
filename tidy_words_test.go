package teapot_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// foreign are words and phrases of translated English, each with what an
// engineer says instead. A phrase may be broken over two lines.
var foreign = []struct {
	pattern *regexp.Regexp
	begins  []string // a quick look for one of these comes first
	instead string
}{
	{phrase(`(whoever|whomever|somebody|nobody)\b`), []string{"who", "body"}, "the client, the caller, the server"},
	{phrase(`himself\b`), []string{"himself"}, "itself"},
	{phrase(`anew\b`), []string{"anew"}, "again"},
	{phrase(`meanwhile\b`), []string{"meanwhile"}, "at the same time"},
	{phrase(`so manieth\b`), []string{"manieth"}, "Nth"},
	{phrase(`says whether\b`), []string{"whether"}, "reports whether"},
	{phrase(`(what|that|which) is none\b`), []string{"none"}, "there is no …, is not a …"},
	{phrase(`as far as\b`), []string{"far"}, "up to, if"},
	{phrase(`besides[.,;:!?)"]`), []string{"besides"}, "also, as well"},
}

func phrase(words string) *regexp.Regexp {
	return regexp.MustCompile(`\b` + strings.ReplaceAll(words, " ", `[\s/#*]+`))
}

// TestWords reads what people read.
func TestWords(t *testing.T) {
	wrong := map[string][]string{}
	for name, text := range texts(t, ".go", ".md", ".yaml", ".yml", ".tmpl", ".js") {
		if name != "tidy_words_test.go" {
			wrong[folder(name)] = append(wrong[folder(name)], words(name, text)...)
		}
	}
	complain(t, wrong)
}

// words returns the words of a text that do not belong there.
func words(name string, text []byte) (wrong []string) {
	lower := bytes.ToLower(bytes.ReplaceAll(text, []byte("NoBody"), []byte("no body"))) // net/http's name
	find := func(pattern *regexp.Regexp, format string, args ...any) {
		for _, at := range pattern.FindAllIndex(lower, -1) {
			line := 1 + bytes.Count(lower[:at[0]], []byte("\n"))
			found := strings.Join(strings.FieldsFunc(string(lower[at[0]:at[1]]), blank), " ")
			wrong = append(wrong, fmt.Sprintf("%s:%d: %q: ", name, line, found)+fmt.Sprintf(format, args...))
		}
	}
	for _, f := range foreign {
		begins := func(text string) bool { return bytes.Contains(lower, []byte(text)) }
		if slices.ContainsFunc(f.begins, begins) {
			find(f.pattern, "say %s", f.instead)
		}
	}
	slices.Sort(wrong)
	return wrong
}

// counted is a number before a noun that a message has in the plural whatever
// the number is. A limit is not 1, and of bytes there are many.
var counted = regexp.MustCompile(`"[^"\n]*?((?:\w+ )?%d (?:more )?` +
	`(?:tasks|requests|users|runs|workers|errors|problems|mistakes|characters|groups|arrivals|lines|rates|samples)\b)`)

// plurals returns the messages of a text of Go that read wrong with 1.
func plurals(name string, text []byte) (wrong []string) {
	for _, at := range counted.FindAllSubmatchIndex(text, -1) {
		found := string(text[at[2]:at[3]])
		before, _, _ := strings.Cut(found, " ")
		if slices.Contains([]string{"of", "most", "least", "than", "to", "All"}, before) {
			continue
		}
		rest, _, _ := bytes.Cut(text[at[2]:], []byte("\n"))
		if bytes.Contains(rest, []byte("// never 1")) {
			continue
		}
		line := 1 + bytes.Count(text[:at[2]], []byte("\n"))
		wrong = append(wrong, fmt.Sprintf("%s:%d: %q: use Plural, or have the number follow", name, line, found))
	}
	return wrong
}

// TestPlurals reads the messages of all but tests.
func TestPlurals(t *testing.T) {
	wrong := map[string][]string{}
	for name, text := range texts(t, ".go") {
		if !strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(name, ".ci") &&
			!strings.Contains(name, "executortest") {
			wrong[folder(name)] = append(wrong[folder(name)], plurals(name, text)...)
		}
	}
	complain(t, wrong)
	for text, want := range map[string]string{
		`Notef("%d requests in the trace", n)`:        "use Plural",
		`Errorf("want fewer than %d users", n)`:       "",
		`Sprintf("and %d more problems", n)`:          "use Plural",
		`Sprintf("%d of %d tasks", n, all)`:           "",
		"Sprintf(\"%d tasks at once\", n) // never 1": "",
		`Sprintf("%s in the trace", Plural(n, ""))`:   "",
	} {
		held(t, text, plurals("a.go", []byte(text)), want)
	}
}

func blank(r rune) bool { return strings.ContainsRune(" \t\n/#*", r) }

// texts returns the files of the project that have one of these extensions, by
// name. Hidden folders are left out, but for that of CI.
func texts(t *testing.T, extensions ...string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir() && slices.Contains(extensions, path.Ext(name)):
			all[name], err = os.ReadFile(name)
			return err
		case !d.IsDir() || name == "." || name == ".ci":
			return nil
		case strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules":
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("only %d files seen: the rules hold nothing", len(all))
	}
	return all
}

// folder is the package of a file; what is in a testdata folder belongs to the
// package above.
func folder(name string) string {
	above, _, _ := strings.Cut(path.Dir(name), "/testdata")
	return above
}

// TestPlantedWords plants each word and phrase, and some that are allowed.
func TestPlantedWords(t *testing.T) {
	for text, want := range map[string]string{
		"Whoever calls it":            "say the client",
		"whomever\n":                  "say the client",
		"// for somebody":             "say the client",
		"t.Error(\"nobody\")":         "say the client",
		"waits himself":               "say itself",
		"# is written anew":           "say again",
		"meanwhile, it waits":         "say at the same time",
		"every so manieth key":        "say Nth",
		"// f says whether":           "say reports whether",
		"// f says\n\t// whether":     "say reports whether",
		"# what is\n# none":           "say there is no",
		"as far as it can":            "say up to",
		"and NATS besides.":           "say also",
		"besides\n":                   "",
		"besides the first, all":      "",
		"there are none, and none is": "",
		"a far cry, as wide as":       "",
		"nobodys_test renewed canewa": "",
		"if there is none":            "",
		"http.NoBody, a body":         "",
	} {
		held(t, text, words("a.go", []byte(text)), want)
	}
}
