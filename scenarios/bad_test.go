package scenarios

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files and the schema anew")

// TestBad holds the complete message of every file in testdata/bad to the text beside it.
func TestBad(t *testing.T) {
	for _, file := range filesIn(t, "testdata/bad") {
		t.Run(base(file), func(t *testing.T) {
			s, mistakes := Vocabulary{}.Parse(filepath.Base(file), contents(t, file))
			if s != nil || len(mistakes) == 0 {
				t.Fatal("no mistake")
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", mistakes.Error()+"\n")
			checkMistakes(t, contents(t, file), mistakes)
		})
	}
}

// TestBadAlone holds every golden file to a file that it is the message of.
func TestBadAlone(t *testing.T) {
	texts, err := filepath.Glob("testdata/bad/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		contents(t, strings.TrimSuffix(text, ".txt")+".yaml")
	}
}

// small is a scenario for a test to spoil.
const small = `name: small
workload: {task: loiter, keys: [1, 2]}
executors:
  - {kind: pool, workers: 2}
`

func TestBadAtOnce(t *testing.T) {
	for name, test := range map[string]struct{ source, want string }{
		"10 MB":     {small + strings.Repeat("# and so on\n", 10<<20/12), "x.yaml:1:1: the file is larger than 131072 bytes: no scenario is"},
		"lines":     {small + strings.Repeat("\n", maxLines), "x.yaml:10000:1: the file has more than 10000 lines: no scenario has"},
		"tabs":      {small + strings.Repeat("\t", maxTabs+1), "x.yaml:1:1: the file has more than 1000 tabs: want spaces"},
		"binary":    {"\x7fELF\x02\x01\x01\x00\x00", "x.yaml:1:1: the file is not text here: want YAML in UTF-8, without control characters"},
		"latin-1":   {"name: small\nabout: caf\xe9\n", "x.yaml:2:11: the file is not text here: want YAML in UTF-8, without control characters"},
		"utf-16":    {"\xff\xfen\x00a\x00", "x.yaml:1:1: the file is not text here: want YAML in UTF-8, without control characters"},
		"character": {"about: \ufffd\n" + small + "seed: \ufffd", `x.yaml:6:7: seed: "` + "\ufffd" + `": want a whole number from 0 to 18446744073709551615`},
		"brackets":  {"name: " + strings.Repeat("[", maxFile-6), "x.yaml:1:38: more than 32 lists and keys within each other: no scenario has"},
		"spaces":    {small + "clock: vitual   \n", `x.yaml:5:8: clock: "vitual": want real or virtual (did you mean virtual?)`},
		"long text": {small + "clock: " + strings.Repeat("virtual", 9999), `x.yaml:5:8: clock: "` + strings.Repeat("virtual", 8) + `virt…": want real or virtual`},
	} {
		t.Run(name, func(t *testing.T) {
			_, mistakes := Vocabulary{}.Parse("x.yaml", []byte(test.source))
			if len(mistakes) != 1 {
				t.Fatalf("%d mistakes: %.500v", len(mistakes), mistakes)
			}
			if got, _, _ := strings.Cut(mistakes.Error(), "\n"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if length := len(mistakes.Error()); length > 1000 {
				t.Errorf("the message has %d bytes", length)
			}
		})
	}
}

func TestMistakesAreCounted(t *testing.T) {
	source := strings.Replace(small, "[1, 2]", "["+strings.Repeat("one, ", 150)+"2]", 1)
	_, mistakes := Vocabulary{}.Parse("x.yaml", []byte(source))
	if len(mistakes) != maxMistakes+1 {
		t.Fatalf("%d mistakes", len(mistakes))
	}
	if got, want := mistakes[maxMistakes].Message, "50 more mistakes from here"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	checkMistakes(t, []byte(source), mistakes)
}

// TestHostile reads large files of what the YAML library takes longest for.
func TestHostile(t *testing.T) {
	for _, part := range []string{"executors: [|{}, |]", "{|a, |}", `about: "|` + "x \t\n" + `|"`, "about: |- |x", "|a:\n|", "about: |{? a: |", "about: |!a &b |"} {
		parts := strings.SplitN(part, "|", 3)
		room := (maxFile/2 - len(part)) / len(parts[1])
		if strings.Contains(parts[1], "\n") {
			room = min(room, maxLines-2)
		}
		if strings.Contains(parts[1], "\t") {
			room = min(room, maxTabs)
		}
		source := []byte(parts[0] + strings.Repeat(parts[1], room) + parts[2])
		_, mistakes := Vocabulary{}.Parse("x.yaml", source)
		if len(mistakes) == 0 || len(mistakes) > maxMistakes+1 {
			t.Errorf("%q: %d mistakes", part, len(mistakes))
		}
		checkMistakes(t, source, mistakes)
	}
}

// checkMistakes holds mistakes to what is true of all: in order, each at a place inside the file, and fit for a terminal.
func checkMistakes(t *testing.T, source []byte, mistakes Mistakes) {
	t.Helper()
	lines := strings.Split(lineEnds.Replace(strings.TrimPrefix(string(source), "\ufeff")), "\n")
	for i, m := range mistakes {
		if m.Line < 1 || m.Line > len(lines) || m.Column < 1 || m.Column > utf8.RuneCountInString(lines[m.Line-1])+1 {
			t.Errorf("%d:%d is not in the file: %s", m.Line, m.Column, m.Message)
		}
		if i > 0 && (m.Line < mistakes[i-1].Line || m.Line == mistakes[i-1].Line && m.Column < mistakes[i-1].Column) {
			t.Errorf("%d:%d stands behind %d:%d", m.Line, m.Column, mistakes[i-1].Line, mistakes[i-1].Column)
		}
		if text := m.Error(); m.Message == "" || strings.ContainsFunc(text, unprintable) || strings.Count(text, "\n") > 2 || !utf8.ValidString(text) {
			t.Errorf("not fit for a terminal: %q", text)
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(contents(t, file)), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", file, diff)
	}
}

// filesIn lists the scenario files of a folder.
func filesIn(tb testing.TB, dir string) []string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no scenario in %s", dir)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

func contents(tb testing.TB, file string) []byte {
	tb.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return source
}

func base(file string) string { return strings.TrimSuffix(filepath.Base(file), ".yaml") }
