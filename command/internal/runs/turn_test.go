package runs

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/teapot-go/teapot/scenarios"
)

// TestTurns wants the cases there and back again, so that what changes with
// time falls on all alike; and a virtual one once.
func TestTurns(t *testing.T) {
	const text = "name: %s\nclock: %c\nworkload: {task: loiter, keys: [1]}\nexecutors: [{kind: sequential}, {kind: " +
		"pool, workers: 2}]\n"
	file := func(name, clock string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(strings.NewReplacer("%s", name, "%c", clock).Replace(text))}
	}
	loaded, err := scenarios.Vocabulary{}.Load(fstest.MapFS{
		"a.yaml": file("a", "real"),
		"b.yaml": file("b", "virtual"),
	}, ".", "")
	if err != nil {
		t.Fatal(err)
	}
	var todo []scenarios.Case
	for _, s := range loaded {
		todo = append(todo, s.Cases()...)
	}
	var got []string
	for _, turn := range turns(todo, 0, 3) {
		mark := ""
		if turn.last {
			mark = "."
		}
		got = append(got, turn.Name()+mark)
	}
	want := "a/sequential a/pool/2 b/sequential. b/pool/2. a/pool/2 a/sequential a/sequential. a/pool/2."
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}

func TestCommandWords(t *testing.T) {
	for in, want := range map[string]string{
		"./teapot": "./teapot", " go  run\t./cmd ": "go|run|./cmd", "'a b' c": "a b|c", `"it's" x'y'z`: "it's|xyz",
		"a ''": "a|",
		"":     "!", "   ": "!", "''": "!", "'a": "!", `"`: "!",
	} {
		list, err := commandWords(in)
		if got := strings.Join(list, "|"); (err != nil) != (want == "!") || err == nil && got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}

// FuzzCommandWords wants words that can be quoted and split again.
func FuzzCommandWords(f *testing.F) {
	for _, seed := range []string{"./teapot run", "'a b' \"c d\"", "a'b'c", "\"'\"", "'", " \t\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, command string) {
		list, err := commandWords(command)
		if err != nil {
			return
		}
		var again []string
		for _, word := range list {
			again = append(again, `"`+strings.ReplaceAll(word, `"`, `"'"'"`)+`"`)
		}
		if got, err := commandWords(strings.Join(again, " ")); err != nil || !slices.Equal(got, list) {
			t.Errorf("%q is %q, and quoted %q (%v)", command, list, got, err)
		}
	})
}
