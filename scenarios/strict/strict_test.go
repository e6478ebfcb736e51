package strict

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestForms writes one recipe in ways that mean the same.
func TestForms(t *testing.T) {
	for name, test := range map[string]struct {
		source string
		down   int // the lines that stand above
	}{
		"as it is":            {full, 0},
		"CRLF":                {strings.ReplaceAll(full, "\n", "\r\n"), 0},
		"CR":                  {strings.ReplaceAll(full, "\n", "\r"), 0},
		"byte order mark":     {"\ufeff" + full, 0},
		"header and comment":  {"# one\n--- # two\n" + full, 2},
		"spaces behind lines": {strings.ReplaceAll(full, "\n", "  \n"), 0},
		"no last line end":    {strings.TrimSuffix(full, "\n"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			var got recipe
			d := Decode("x", []byte(test.source), &got)
			if m := d.Mistakes(); m != nil {
				t.Fatal(m)
			}
			if diff := cmp.Diff(wanted, got, cmp.AllowUnexported(recipe{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkPlaces(t, d)
			for path, want := range map[string]position{
				"name": {2, 1}, "steep": {6, 1}, "steep.at": {8, 3}, "cups[0]": {10, 5}, "cups[0].lump": {11, 5},
				"cups[1]":    {12, 5},
				"cups[1].of": {12, 6}, "notes[1]": {13, 15}, "milk.soy": {16, 3},
			} {
				if line, column := d.Position(path); line != want.line+test.down || column != want.column ||
					!d.Has(path) || !d.Valid(path) {
					t.Errorf("%s: got %d:%d, want %v", path, line, column, want)
				}
			}
		})
	}
}

// TestMistakes has every kind of mistake, with what is told of each.
func TestMistakes(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"nothing", "", "1:1 the file contains no recipe: want a mapping with the keys name, seed, leaf, grams, " +
			"steep, cups, notes, milk"},
		{"two documents", small + "---\n" + small, "4:1 a second document: want one recipe per file"},
		{"directive", "%YAML 1.2\n---\n" + small, "1:1 directives are not supported"},
		{"a text", "sencha", "1:1 want a mapping with the keys name, seed, leaf, grams, steep, cups, notes, milk"},
		{"required", "leaf: green", "1:1 the key name is missing"},
		{"required within", small + "steep: {for: 1m}", "3:8 steep: the key at is missing"},
		{
			"no value", "name:\nleaf: ~",
			"1:6 name: missing value: want a string|2:7 leaf: missing value: want green or black",
		},
		{
			"key", small + "gram: 5",
			`3:1 unknown key "gram": want name, seed, leaf, grams, steep, cups, notes, milk (did you mean grams?)`,
		},
		{
			"key meant", "Name: sencha",
			`1:1 unknown key "Name": want name, seed, leaf, grams, steep, cups, notes, milk (did you mean name?)`,
		},
		{
			"key far, of few letters", small + "nope: 5",
			`3:1 unknown key "nope": want name, seed, leaf, grams, steep, cups, notes, milk`,
		},
		{
			"comma in a parenthesis", small + "steep: {for: brew(3m, 4m, 5m), at: 1, warm}",
			`3:14 steep.for: "brew(3m": want a duration such as 3m; in braces, quote a value that has a comma|` +
				`3:39 steep: unknown key "warm": want for, at`,
		},
		{
			"comma in a parenthesis of a text", `{name: tea (green, cold}`,
			`1:20 unknown key "cold": want name, seed, leaf, grams, steep, cups, notes, milk`,
		},
		{
			"key of few letters, two swapped", small + "sede: 5",
			`3:1 unknown key "sede": want name, seed, leaf, grams, steep, cups, notes, milk (did you mean seed?)`,
		},
		{"key twice", small + "name: again", "3:1 name: duplicate key: want it once"},
		{
			"key of another type", small + "1: 2",
			`3:1 unknown key "1": want name, seed, leaf, grams, steep, cups, notes, milk`,
		},
		{"merge", "<<: {name: sencha}", "1:1 the merge key << is not supported: want the keys themselves, written out"},
		{"anchor", small + "grams: &a 5", "3:8 grams: the anchor &a is not supported: want the value without it"},
		{"word close", "name: x\nleaf: gren", `2:7 leaf: "gren": want green or black (did you mean green?)`},
		{"word far", "name: x\nleaf: [green]", "2:7 leaf: want green or black"},
		{"number", small + "grams: 51", `3:8 grams: "51": want a whole number from 1 to 50`},
		{"number in quotes", small + `grams: "5"`, `3:8 grams: "5": want a whole number from 1 to 50, without quotes`},
		{
			"number as Go has it", small + "steep: {for: 1m, at: 0x1p4}",
			`3:22 steep.at: "0x1p4": want a number below 100`,
		},
		{"seed", small + "seed: -1", `3:7 seed: "-1": want a whole number from 0 to 18446744073709551615`},
		{
			"scalar's words", small + "steep: {for: 2h, at: 1}",
			`3:14 steep.for: "2h" is too long for tea: want a duration such as 3m`,
		},
		{"list", small + "notes: one", "3:8 notes: want a list, each item a string"},
		{
			"list's items", small + "notes: [one, [two], {three: 4}]",
			"3:14 notes[1]: want a string|3:21 notes[2]: want a string",
		},
		{"struct", small + "cups: [clay]", "3:8 cups[0]: want a mapping with the keys of, lump"},
		{
			"union", small + "milk: cow",
			`3:7 milk: "cow": want none, a list such as [oat, soy], or spoons such as {oat: 2}`,
		},
		{"union's items", small + "milk: [oat, so]", `3:13 milk[1]: "so": want oat or soy (did you mean soy?)`},
		{
			"union's fields", small + "milk: {oats: 1, soy: 0, soy: 1}",
			`3:8 milk: unknown sort "oats": want oat or soy (did you mean oat?)|` +
				`3:22 milk.soy: "0": want a whole number from 1 to 50|3:25 milk.soy: duplicate key: want it once`,
		},
		{
			"control character", small + `notes: ["\e[31m"]`,
			`3:9 notes[0]: "\x1b[31m" contains a control character: want a string`,
		},
		{"bracket", small + "notes: [one", "3:8 unbalanced brackets: want a comma or ] here or earlier"},
		{"quote", small + "notes: [\"one]\nseed: 1\n", "3:9 this quote is never closed"},
		{
			"quote that runs away", "name: \"sencha\nleaf: \"green\"\n",
			"1:7 this quote is closed on another line: is a quote missing?",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			mistakes := Decode("x.yaml", []byte(test.source), &recipe{}).Mistakes()
			var got []string
			for _, m := range mistakes {
				got = append(got, fmt.Sprintf("%d:%d %s", m.Line, m.Column, m.Message))
			}
			if got := strings.Join(got, "|"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			checkMistakes(t, []byte(test.source), mistakes)
		})
	}
}

// TestAfterwards complains of what the types do not say, and says nothing
// twice.
func TestAfterwards(t *testing.T) {
	const source = "name: sencha\nleaf: gren\ngrms: 5\nnotes: [a, b]\n"
	decoded := func() *Document { return Decode("x", []byte(source), &recipe{}) }
	before := decoded().Mistakes()
	for name, test := range map[string]struct {
		complain func(d *Document)
		want     string
	}{
		"wrong": {func(d *Document) { d.Errorf("notes[1]", "is %d%%", 100) }, "4:12 notes[1]: is 100%"},
		"wrong, and more": {func(d *Document) {
			d.Errorf("notes[1]", "b")
			d.Errorf("notes[1]", "c")
			d.Errorf("notes",
				"d")
		}, "4:12 notes[1]: b"},
		"wrong, spoilt": {func(d *Document) { d.Errorf("leaf", "not green") }, ""},
		"wrong, absent": {func(d *Document) { d.Errorf("milk", "not there") }, ""},
		"unknown": {
			func(d *Document) { d.RejectName("name", "sencha", []string{"assam", "senca"}, "") },
			`1:7 name: "sencha": want assam or senca (did you mean senca?)`,
		},
		"needs": {
			func(d *Document) { d.Require("name", "a sencha", "steep") },
			"1:7 name: a sencha needs the key steep",
		},
		"needs, has":      {func(d *Document) { d.Require("name", "a sencha", "notes") }, ""},
		"needs, meant":    {func(d *Document) { d.Require("name", "a sencha", "grams") }, ""},
		"refuses":         {func(d *Document) { d.Reject("notes", "no time for that") }, "4:1 notes: no time for that"},
		"refuses, spoilt": {func(d *Document) { d.Reject("leaf", "no time for that") }, "2:1 leaf: no time for that"},
		"refuses, absent": {func(d *Document) { d.Reject("milk", "no time for that") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := decoded()
			test.complain(d)
			mistakes := d.Mistakes()
			checkMistakes(t, []byte(source), mistakes)
			var added []string
			for _, m := range mistakes {
				if !slices.Contains(before, m) {
					added = append(added, fmt.Sprintf("%d:%d %s", m.Line, m.Column, m.Message))
				}
			}
			if got := strings.Join(added, "|"); got != test.want || len(mistakes) != len(before)+len(added) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	d := decoded()
	for path, sound := range map[string]bool{
		"name": true, "leaf": false, "grams": false, "notes[0]": true,
		"notes": true,
	} {
		if d.Valid(path) != sound {
			t.Errorf("%s is sound: %v", path, !sound)
		}
	}
	if d.Errorf("notes[0]", "a"); d.Valid("notes[0]") || d.Valid("notes") || !d.Valid("notes[1]") {
		t.Error("a mistake spoils what it is within, and nothing beside it")
	}
	var none *Document
	if line, column := none.Position("name"); none.Has("name") || line != 0 || column != 0 {
		t.Error("no document has a name")
	}
}

// TestAtOnce gives files to Decode that it must not take long for.
func TestAtOnce(t *testing.T) {
	for name, test := range map[string]struct{ source, want string }{
		"10 MB": {
			small + strings.Repeat("# and so on\n", 10<<20/12),
			"x.yaml:1:1: the file is too large: want at most 131072 bytes",
		},
		"lines": {small + strings.Repeat("\n", maxLines), "x.yaml:10000:1: too many lines: want at most 10000"},
		"tabs":  {small + strings.Repeat("\t", maxTabs+1), "x.yaml:1:1: more than 1000 tabs: want spaces"},
		"binary": {
			"\x7fELF\x02\x01\x01\x00\x00",
			"x.yaml:1:1: invalid character: want YAML in UTF-8 without control characters",
		},
		"latin-1": {
			"name: small\nleaf: caf\xe9\n",
			"x.yaml:2:10: invalid character: want YAML in UTF-8 without control characters",
		},
		"utf-16": {
			"\xff\xfen\x00a\x00",
			"x.yaml:1:1: invalid character: want YAML in UTF-8 without control characters",
		},
		"character": {"notes: [\ufffd]\n" + small + "seed: \ufffd", `x.yaml:4:7: seed: "` + "\ufffd" +
			`": want a whole number from 0 to 18446744073709551615`},
		"brackets": {
			"name: " + strings.Repeat("[", MaxBytes-6),
			"x.yaml:1:38: nested too deep: want at most 32 levels of lists and keys",
		},
		"spaces": {
			"name: x\nleaf: gren   \n",
			`x.yaml:2:7: leaf: "gren": want green or black (did you mean green?)`,
		},
		"long text": {"name: x\nleaf: " + strings.Repeat("greener", 9999), `x.yaml:2:7: leaf: "` +
			strings.Repeat("greener", 8) + `gree…": want green or black`},
	} {
		t.Run(name, func(t *testing.T) {
			mistakes := Decode("x.yaml", []byte(test.source), &recipe{}).Mistakes()
			if len(mistakes) != 1 {
				t.Fatalf("%d mistakes: %.500v", len(mistakes), mistakes)
			}
			if got, _, _ := strings.Cut(mistakes.Error(), "\n"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if length := len(mistakes.Error()); length > 1000 {
				t.Errorf("the message has %d bytes", length)
			}
			checkMistakes(t, []byte(test.source), mistakes)
		})
	}
}

func TestMistakesAreCounted(t *testing.T) {
	source := small + "cups: [" + strings.Repeat("clay, ", 150) + "{of: clay}]"
	d := Decode("x.yaml", []byte(source), &recipe{})
	for range 2 {
		mistakes := d.Mistakes()
		if len(mistakes) != maxMistakes+1 {
			t.Fatalf("%d mistakes", len(mistakes))
		}
		if got, want := mistakes[maxMistakes].Message, "and 50 more from here on"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		checkMistakes(t, []byte(source), mistakes)
	}
}

// TestHostile reads large files of what the YAML library takes longest for.
func TestHostile(t *testing.T) {
	for _, part := range []string{
		"cups: [|{}, |]", "{|a, |}", `name: "|` + "x \t\n" + `|"`, "name: |- |x", "|a:\n|",
		"name: |{? a: |", "name: |!a &b |",
	} {
		parts := strings.SplitN(part, "|", 3)
		room := (MaxBytes/2 - len(part)) / len(parts[1])
		if strings.Contains(parts[1], "\n") {
			room = min(room, maxLines-2)
		}
		if strings.Contains(parts[1], "\t") {
			room = min(room, maxTabs)
		}
		source := []byte(parts[0] + strings.Repeat(parts[1], room) + parts[2])
		mistakes := Decode("x.yaml", source, &recipe{}).Mistakes()
		if !strings.HasPrefix(part, `name: "`) && len(mistakes) == 0 {
			t.Errorf("%q: no mistake", part)
		}
		checkMistakes(t, source, mistakes)
	}
}

// TestUnreadableType fails loudly where a program's own types are wrong.
func TestUnreadableType(t *testing.T) {
	type wrong struct {
		On bool `yaml:"on"`
	}
	defer func() {
		if got := recover(); got != "strict: cannot decode into a bool" {
			t.Errorf("got %v", got)
		}
	}()
	Decode("x", []byte("on: true"), &wrong{})
}

// TestLongLines shows of a long line what is around the mistake, under the
// mark.
func TestLongLines(t *testing.T) {
	for _, before := range []int{0, 10, 59, 60, 61, 500} {
		source := "name: x\nnotes: [" + strings.Repeat("é, ", before) + "[], a" + strings.Repeat(", b", 200) + "]"
		text := Decode("x", []byte(source), &recipe{}).Mistakes().Error()
		lines := strings.Split(text, "\n")
		shown, mark := []rune(lines[1]), strings.IndexByte(lines[2], '^')
		if len(shown) > 130 || mark < 0 || string(shown[mark:mark+2]) != "[]" {
			t.Errorf("%d: \n%s", before, text)
		}
	}
}
