package strict

import (
	"slices"
	"strings"
	"testing"
)

// TestColons wants a colon without a blank after it to be text in every kind of
// list, as in YAML 1.2.
func TestColons(t *testing.T) {
	type list struct {
		Notes []string `yaml:"notes"`
	}
	type page struct {
		In   list   `yaml:"in"`
		Name string `yaml:"name"`
	}
	for source, want := range map[string][]string{
		"localhost:8080, 09:30, user:1": {"localhost:8080", "09:30", "user:1"},
		"localhost:8080":                {"localhost:8080"},
		"a:b:c, a::b, a :b":             {"a:b:c", "a::b", "a :b"},
		"::1, :x, -1:2":                 {"::1", ":x", "-1:2"},
		"http://a.b:80/c?d:e, http://x": {"http://a.b:80/c?d:e", "http://x"},
		"a:true, null:b, 0x1:1.5, ~:~":  {"a:true", "null:b", "0x1:1.5", "~:~"},
		"a:b c, d:e#f, g:h # i\n":       {"a:b c", "d:e#f", "g:h"},
		"'a:b', \"c:d\", e:f":           {"a:b", "c:d", "e:f"},
		"\n    a:b,\n    c:d,\n  ":      {"a:b", "c:d"},
		"é:ü, 茶:1":                      {"é:ü", "茶:1"},
	} {
		for _, form := range []string{
			"in: {notes: [|]}\nname: x", "in: {notes: [|]}\nname: [y]", "in:\n  notes: [|]\nname: x",
			"{in: {notes: [|]}, name: x}",
		} {
			before, after, _ := strings.Cut(form, "|")
			var got page
			d := Decode("x", []byte(before+source+after), &got)
			if !slices.Equal(got.In.Notes, want) || !d.Valid("in.notes") {
				t.Errorf("%s%s%s: got %q, want %q\n%v", before, source, after, got.In.Notes, want, d.Mistakes())
			}
			if m := d.Mistakes(); (m != nil) != (got.Name != "x") {
				t.Errorf("%s%s%s: %v", before, source, after, m)
			}
		}
	}
}

// TestColonsOfMappings wants mappings to stay mappings, in lists too.
func TestColonsOfMappings(t *testing.T) {
	type page struct {
		Cups []struct {
			Of string `yaml:"of"`
		} `yaml:"cups"`
	}
	for _, source := range []string{
		"cups: [{of: a:b}, {of:a:b}]", "{cups: [{of: a:b}, {of:a:b}]}", "{cups: [of: a:b, \"of\":a:b]}",
		"{cups: [{'of':a:b}, of: a:b]}",
	} {
		var got page
		d := Decode("x", []byte(source), &got)
		if m := d.Mistakes(); m != nil || len(got.Cups) != 2 || got.Cups[0].Of != "a:b" || got.Cups[1].Of != "a:b" {
			t.Errorf("%s: got %v\n%v", source, got, m)
		}
	}
}

// TestColonsInMessages wants the places of mistakes after joined texts.
func TestColonsInMessages(t *testing.T) {
	type page struct {
		Notes []string `yaml:"notes"`
	}
	got := Decode("x", []byte("{notes: [a:b, [c:d], e:f, {g:h}]}"), new(page)).Mistakes()
	if len(got) != 2 || got[0].Column != 15 || got[1].Column != 27 {
		t.Errorf("got %v", got)
	}
}
