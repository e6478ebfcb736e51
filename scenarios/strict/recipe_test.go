package strict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// A recipe has a field of every kind that can be decoded.
type (
	recipe struct {
		Name  string   `yaml:"name" jsonschema:"required"`
		Seed  uint64   `yaml:"seed"`
		Leaf  leaf     `yaml:"leaf"`
		Grams grams    `yaml:"grams"`
		Steep *steep   `yaml:"steep"`
		Cups  []cup    `yaml:"cups"`
		Notes []string `yaml:"notes"`
		Milk  milk     `yaml:"milk"`

		untold string
	}
	steep struct {
		For minutes `yaml:"for" jsonschema:"required"`
		At  float   `yaml:"at" jsonschema:"required"`
	}
	cup struct {
		Of   string `yaml:"of" jsonschema:"required"`
		Lump grams  `yaml:"lump"`
	}
	leaf    string        // green or black
	grams   int           // 1 to 50
	float   float64       // below 100
	minutes time.Duration // up to an hour
	milk    []string      // none, a list of sorts or the spoons of each
)

var (
	_ Enum   = new(leaf)
	_ Scalar = new(grams)
	_ Scalar = new(float)
	_ Scalar = new(minutes)
	_ Union  = new(milk)
)

func (leaf) Values() []string   { return []string{"green", "black"} }
func (grams) Accepts() string   { return "a whole number from 1 to 50" }
func (float) Accepts() string   { return "a number below 100" }
func (minutes) Accepts() string { return "a duration such as 3m" }
func (milk) Accepts() string    { return "none, a list such as [oat, soy], or spoons such as {oat: 2}" }

func (g *grams) Parse(text string) error {
	n, err := strconv.Atoi(text)
	if *g = grams(n); err != nil || n < 1 || n > 50 {
		return ErrUnacceptable
	}
	return nil
}

func (f *float) Parse(text string) error {
	n, err := strconv.ParseFloat(text, 64)
	if *f = float(n); err != nil || n >= 100 {
		return ErrUnacceptable
	}
	return nil
}

func (m *minutes) Parse(text string) error {
	d, err := time.ParseDuration(text)
	if *m = minutes(d); err != nil {
		return ErrUnacceptable
	}
	if d > time.Hour {
		return fmt.Errorf("%s is too long for tea", Quote(text))
	}
	return nil
}

func (m *milk) Decode(v Value) {
	switch {
	case v.IsList():
		for _, item := range v.Items() {
			if sort, ok := item.OneOf("oat or soy", "oat", "soy"); ok {
				*m = append(*m, sort)
			}
		}
	case v.IsMapping():
		for sort, spoons := range v.Fields("a sort", "oat", "soy") {
			var n grams
			spoons.Parse(&n)
			*m = append(*m, slices.Repeat([]string{sort}, max(0, min(int(n), 9)))...)
		}
	default:
		if text, ok := v.Text(m.Accepts()); ok && text != "none" {
			v.Errorf("%s: want %s", Quote(text), m.Accepts())
		}
	}
}

// small is a recipe for a test to spoil.
const small = "name: sencha\nleaf: green\n"

const full = `# all there is
name: sencha # the name
seed: 18446744073709551615
leaf: green
grams: 5
steep:
  for: 3m
  at: 8.05e1
cups:
  - of: clay
    lump: 1
  - {of: 1.50}
notes: [true, "a: b", no]
milk:
  oat: 2
  soy: 1
`

var wanted = recipe{
	Name: "sencha", Seed: 18446744073709551615, Leaf: "green", Grams: 5, Steep: &steep{minutes(3 * time.Minute), 80.5},
	Cups: []cup{{"clay", 1}, {"1.50", 0}}, Notes: []string{"true", "a: b", "no"}, Milk: milk{"oat", "oat", "soy"},
}

// checkMistakes holds mistakes to what is true of all: in order, each at a
// place inside the file, and fit for a terminal.
func checkMistakes(t *testing.T, source []byte, mistakes Mistakes) {
	t.Helper()
	lines := strings.Split(lineEnds.Replace(strings.TrimPrefix(string(source), "\ufeff")), "\n")
	if len(mistakes) > maxMistakes+1 {
		t.Errorf("%d mistakes", len(mistakes))
	}
	for i, m := range mistakes {
		if m.Line < 1 || m.Line > len(lines) || m.Column < 1 || m.Column > utf8.RuneCountInString(lines[m.Line-1])+1 {
			t.Errorf("%d:%d is not in the file: %s", m.Line, m.Column, m.Message)
		}
		if i > 0 && (m.Line < mistakes[i-1].Line || m.Line == mistakes[i-1].Line && m.Column < mistakes[i-1].Column) {
			t.Errorf("%d:%d stands behind %d:%d", m.Line, m.Column, mistakes[i-1].Line, mistakes[i-1].Column)
		}
		if text := m.Error(); m.Message == "" || strings.ContainsFunc(text, isControl) ||
			strings.Count(text, "\n") > 2 || !utf8.ValidString(text) {
			t.Errorf("not fit for a terminal: %q", text)
		}
	}
}

// checkPlaces holds every path to a place inside the file.
func checkPlaces(t *testing.T, d *Document) {
	t.Helper()
	for path := range d.keyAt {
		line, column := d.Position(path)
		if line < 1 || line > len(d.lines) || column < 1 || column > len(d.runes[line-1])+1 {
			t.Errorf("%s: %d:%d is not in the file", path, line, column)
		}
		if p, ok := d.valueAt[path]; !ok || p.line < 1 || p.line > len(d.lines) {
			t.Errorf("%s: its value is at %v", path, p)
		}
	}
}

// FuzzDecode holds Decode to what is true of every file: it says what is wrong
// at places that exist, or that all is sound.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("name: \"\\u00e9\"\ncups:\n- of: |\n   a\n   b\n  lump: 0x1\nmilk: {oat: 1, oat: 2, sy: 3, ? a : " +
		"b}\n--- !x\n&a *b"))
	f.Fuzz(func(t *testing.T, source []byte) {
		var r recipe
		d := Decode("fuzz.yaml", source, &r)
		mistakes := d.Mistakes()
		checkMistakes(t, source, mistakes)
		if diff := cmp.Diff(mistakes, d.Mistakes()); diff != "" {
			t.Errorf("said twice, not the same:\n%s", diff)
		}
		if mistakes == nil {
			checkPlaces(t, d)
			if len(d.invalid) > 0 || !d.Has("name") || r.untold != "" {
				t.Errorf("spoilt %v in %+v", d.invalid, r)
			}
		}
	})
}
