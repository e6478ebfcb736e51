package strict_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/teapot-go/teapot/scenarios/strict"
)

// A party is what the files of these tests have.
type party struct {
	Name  string   `yaml:"name"`
	Host  host     `yaml:"host"`
	Teas  []string `yaml:"teas"`
	Cups  uint64   `yaml:"cups"`
	Leaf  leafKind `yaml:"leaf"`
	Pours pours    `yaml:"pours"`
}

type host struct {
	First string `yaml:"first"`
	Years uint64 `yaml:"years"`
}

type leafKind string

func (leafKind) Values() []string { return []string{"green", "black", "white"} }

// pours is a text such as between(1, 2).
type pours string

func (pours) Accepts() string { return "between(1, 2)" }

func (p *pours) Parse(text string) error {
	if *p = pours(text); !strings.HasPrefix(text, "between(") || !strings.HasSuffix(text, ")") {
		return strict.ErrUnacceptable
	}
	return nil
}

func mistakesIn(source []byte) strict.Mistakes {
	return strict.Decode("party.yaml", source, new(party)).Mistakes()
}

// TestFix mends what has one right answer, and leaves the rest.
func TestFix(t *testing.T) {
	for name, tt := range map[string]struct {
		source, want, changes string
		left                  int
	}{
		"nothing":       {"name: tea\n", "name: tea\n", "", 0},
		"key":           {"nmae: tea # five\n", "name: tea # five\n", `1:1: "nmae" is now "name"`, 0},
		"quoted key":    {"\"nmae\": tea\n", "\"name\": tea\n", `1:2: "nmae" is now "name"`, 0},
		"case of a key": {"Name: tea\n", "name: tea\n", `1:1: "Name" is now "name"`, 0},
		"a number":      {"cups1: 3\n", "cups1: 3\n", "", 1}, // there may be another that is meant
		"beginning":     {"cup: 3\n", "cups: 3\n", `1:1: "cup" is now "cups"`, 0},
		"nested key":    {"host:\n  fist: A  # é\n", "host:\n  first: A  # é\n", `2:3: "fist" is now "first"`, 0},
		"after é": {
			"host: {first: é, yaers: 3}\n", "host: {first: é, years: 3}\n",
			`1:18: "yaers" is now "years"`, 0,
		},
		"two in a line": {
			"hots: {fist: A, yaers: 3}\n", "host: {first: A, years: 3}\n",
			`1:1: "hots" is now "host"|1:8: "fist" is now "first"|1:17: "yaers" is now "years"`, 0,
		},
		"inside another": {
			"hots:\n  yaers: 3\n", "host:\n  years: 3\n",
			`1:1: "hots" is now "host"|2:3: "yaers" is now "years"`, 0,
		},
		"wrong inside": {"hots:\n  years: -3\n", "host:\n  years: -3\n", `1:1: "hots" is now "host"`, 1},
		"key and name": {
			"  \nlaef: gren # tea\ncups: 3\n", "  \nleaf: green # tea\ncups: 3\n",
			`2:1: "laef" is now "leaf"|2:7: "gren" is now "green"`, 0,
		},
		"key and longer name": {
			"leafs: gren\ncusp: \"3\"\n", "leaf: green\ncups: 3\n",
			`1:1: "leafs" is now "leaf"|1:8: "gren" is now "green"|2:1: "cusp" is now "cups"|` +
				`2:7: "\"3\"" is now "3"`, 0,
		},
		"key and far name": {"laef: red\n", "laef: red\n", "", 1},
		"another value":    {"cusp: many\n", "cusp: many\n", "", 1},
		"has it already":   {"cusp: 3\ncups: 3\n", "cusp: 3\ncups: 3\n", "", 1},
		"twice":            {"cusp: 3\ncpus: 3\n", "cups: 3\ncpus: 3\n", `1:1: "cusp" is now "cups"`, 1},
		"far key":          {"sugar: 3\n", "sugar: 3\n", "", 1},
		"name":             {"leaf: gren\n", "leaf: green\n", `1:7: "gren" is now "green"`, 0},
		"quoted name":      {"leaf: 'gren'\n", "leaf: 'green'\n", `1:8: "gren" is now "green"`, 0},
		"case of a name":   {"leaf: GREEN\n", "leaf: green\n", `1:7: "GREEN" is now "green"`, 0},
		"far name":         {"leaf: red\n", "leaf: red\n", "", 1},
		"number":           {"cups: \"3\"\n", "cups: 3\n", `1:7: "\"3\"" is now "3"`, 0},
		"no number":        {"cups: \"x\"\n", "cups: \"x\"\n", "", 1},
		"quoted list":      {"teas: \"[a, b]\"\n", "teas: [a, b]\n", `1:7: "\"[a, b]\"" is now "[a, b]"`, 0},
		"quoted mapping": {
			"host: '{first: A}'\n", "host: {first: A}\n",
			`1:7: "'{first: A}'" is now "{first: A}"`, 0,
		},
		"text in brackets": {"name: \"[a]\"\n", "name: \"[a]\"\n", "", 0},
		"comma in braces": {
			"{name: a, pours: between(1, 2)}\n", "{name: a, pours: \"between(1, 2)\"}\n",
			`1:18: "between(1, 2)" is now "\"between(1, 2)\""`, 0,
		},
		"tab": {
			"host:\n\tfirst: A\n\tyears: 3\n", "host:\n  first: A\n  years: 3\n",
			`2:1: "\t" is now "  "|3:1: "\t" is now "  "`, 0,
		},
		"tab beside four": {
			"host:\n    first: A\n\tyears: 3\n", "host:\n    first: A\n    years: 3\n",
			`3:1: "\t" is now "    "`, 0,
		},
		"greater": {"name: >= 3 # cups\n", "name: \">= 3\" # cups\n", `1:7: ">= 3" is now "\">= 3\""`, 0},
		"greater, braces": {
			"host: {first: >= 3, years: 3}\n", "host: {first: \">= 3\", years: 3}\n",
			`1:15: ">= 3" is now "\">= 3\""`, 0,
		},
		"percent": {"name: %tea\n", "name: \"%tea\"\n", `1:7: "%tea" is now "\"%tea\""`, 0},
		"at": {
			"name: @tea \"five\"\n", "name: '@tea \"five\"'\n",
			`1:7: "@tea \"five\"" is now "'@tea \"five\"'"`, 0,
		},
		"colon": {
			"name: tea: five # o'clock\n", "name: \"tea: five\" # o'clock\n",
			`1:7: "tea: five" is now "\"tea: five\""`, 0,
		},
		"colon and more": {"cups: 3 leaf: green\n", "cups: 3 leaf: green\n", "", 1},
		"no colon":       {"name: tea\ncups 3\n", "name: tea\ncups: 3\n", `2:5: "" is now ":"`, 0},
		"no blank":       {"name:tea\ncups: 3\n", "name: tea\ncups: 3\n", `1:6: "" is now " "`, 0},
		"open quote":     {"name: \"tea\ncups: 3\n", "name: \"tea\ncups: 3\n", "", 1},
		"open bracket":   {"teas: [a\ncups: 3\n", "teas: [a\ncups: 3\n", "", 1},
		"line ends": {
			"\ufeffnmae: tea\r\ncusp: 3\r\n", "\ufeffname: tea\r\ncups: 3\r\n",
			`1:1: "nmae" is now "name"|2:1: "cusp" is now "cups"`, 0,
		},
		"old line ends": {
			"nmae: tea\rcusp: 3", "name: tea\rcups: 3",
			`1:1: "nmae" is now "name"|2:1: "cusp" is now "cups"`, 0,
		},
		"after syntax": {
			"nmae: %tea\ncusp: 3\n", "name: \"%tea\"\ncups: 3\n",
			`1:1: "nmae" is now "name"|1:7: "%tea" is now "\"%tea\""|2:1: "cusp" is now "cups"`, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			fixed, changes := strict.Fix([]byte(tt.source), mistakesIn)
			var said []string
			for _, c := range changes {
				said = append(said, c.String())
			}
			if got := strings.Join(said, "|"); string(fixed) != tt.want || got != tt.changes {
				t.Errorf("got %q\n%s\nwant %q\n%s", fixed, got, tt.want, tt.changes)
			}
			if left := mistakesIn(fixed); len(left) != tt.left {
				t.Errorf("%d mistakes are left, want %d: %v", len(left), tt.left, left)
			}
		})
	}
}

// FuzzFix wants the changes to be all that has changed, and a file without
// mistakes to stay as it is.
func FuzzFix(f *testing.F) {
	for _, seed := range []string{
		"nmae: tea\r\nhots: {fist: A}\n", "teas: \"[a]\"\n", "host:\n\tyears: 3", "name: >= 3", "cups 3",
		"\ufeffname:tea", "{pours: between(1, 2)}", "leaf: grén", "name: a: b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		before := mistakesIn([]byte(source))
		fixed, changes := strict.Fix([]byte(source), mistakesIn)
		if len(changes) == 0 && string(fixed) != source || len(before) == 0 && len(changes) > 0 {
			t.Fatalf("%q became %q by %v", source, fixed, changes)
		}
		again, more := strict.Fix(fixed, mistakesIn)
		if len(more) > 0 || !bytes.Equal(again, fixed) {
			t.Errorf("%q became %q, and then %q by %v", source, fixed, again, more)
		}
		grown := 0
		for _, c := range changes {
			grown += len(c.New) - len(c.Old)
		}
		if len(fixed)-len(source) != grown {
			t.Errorf("%q became %q by %v", source, fixed, changes)
		}
		if utf8.ValidString(source) && !utf8.Valid(fixed) {
			t.Errorf("%q became %q", source, fixed)
		}
	})
}
