package strict_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/scenarios/strict"
)

func node(t *testing.T, text string) *strict.Node {
	t.Helper()
	n, err := strict.ParseNode([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return n
}

// same reports whether two nodes are of the same keys, items and texts.
func same(a, b *strict.Node) bool {
	return a.Text() == b.Text() && a.IsMapping() == b.IsMapping() && slices.Equal(a.Steps(), b.Steps()) &&
		!slices.ContainsFunc(a.Steps(), func(step string) bool { return !same(a.At(step), b.At(step)) })
}

// TestNodeText wants what is written to be read as it was.
func TestNodeText(t *testing.T) {
	files, err := filepath.Glob("../testdata/good/*.yaml")
	if more, _ := filepath.Glob("../*.yaml"); err == nil {
		files = append(files, more...)
	}
	if err != nil || len(files) < 40 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n := node(t, string(source))
		text := string(n.YAML())
		if again := node(t, text); !same(again, n) {
			t.Errorf("%s: written as\n%s\nit is read as\n%s", file, text, again.YAML())
		}
	}
}

func TestNodeScalars(t *testing.T) {
	for _, text := range []string{
		"", " ", "a b", "uniform(1ms, 2s)", "- x", "-", "null", "NULL", "~", "#x",
		"a #b", "a: b", "a:", ":a", "*", "B*", "&a", "!a", "{a",
		"a}", "[a", "a,b", "'a'", `"a"`, `a\b`, "a\nb", "\t",
		"é", "%", "@a", "`a", "<= 1%", ">= 2", "| x", "? a", "yes",
		"10", "1.50", "0x1F", "true", "2026-01-02", ".5", "+1", "1_000", "12:30:45", "a'b", "=", "<<", "---", "...",
	} {
		n := strict.NewMapping()
		n.Set(text, "text")
		n.Set([]string{text, "b"}, "list")
		n.Set(text, "deep", "deeper", "text")
		again := node(t, string(n.YAML()))
		for _, path := range [][]string{{"text"}, {"list", "0"}, {"deep", "deeper", "text"}} {
			if got := again.At(path...).Text(); got != text {
				t.Errorf("%q at %v: got %q from\n%s", text, path, got, n.YAML())
			}
		}
	}
}

func TestNodeChanges(t *testing.T) {
	n := node(t, "a: 1\nb: {c: [x, y, z], d: \"1\"}\n")
	whole := n.Clone()
	n.Set(2, "a")
	n.Set("new", "b", "e", "f")
	if !n.Remove("b", "c", "1") || n.Remove("b", "c", "7") || n.Remove("x", "y") || n.At("b", "x", "y") != nil {
		t.Error("the wrong things were removed, or found")
	}
	const want = "a: 2\nb: {c: [x, z], d: \"1\", e: {f: new}}\n"
	if got := string(n.YAML()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := string(whole.YAML()); got != "a: 1\nb: {c: [x, y, z], d: \"1\"}\n" {
		t.Errorf("a clone changed too:\n%s", got)
	}
	if got := strings.Join(n.At("b").Steps(), " "); got != "c d e" {
		t.Errorf("got %s", got)
	}
	if _, err := strict.ParseNode([]byte("a: &x 1\nb: *x\n")); err == nil {
		t.Error("no error for an alias")
	}
}
