package scenarios_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/lean"
	"github.com/teapot-go/teapot/scenarios/strict"
)

var update = flag.Bool("update", false, "rewrite the golden files and the schema")

// TestBad holds the complete message of every file in testdata/bad to the text
// beside it.
func TestBad(t *testing.T) {
	for _, file := range filesIn(t, "../../testdata/bad") {
		t.Run(base(file), func(t *testing.T) {
			v := drivers(lean.Open)
			v.Cluster = cluster.Open
			s, mistakes := v.Parse(filepath.Base(file), contents(t, file))
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
	texts, err := filepath.Glob("../../testdata/bad/*.txt")
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

// TestBadEverywhere reads files whose meaning would depend on the machine, if
// the default number of workers had a say in it.
func TestBadEverywhere(t *testing.T) {
	const file = "name: x\nworkload: {task: loiter, keys: [1]}\nexecutors: [{kind: sequential}, %s]\nexpect: " +
		"{speedup: {over: %s, at_least: 1}}\n"
	here := executor.DefaultWorkers()
	for _, test := range []struct{ executors, over, want string }{
		{"{kind: pool}, {kind: async}", "pool", ""},
		{"{kind: pool}", "pool/%d", `"pool/%d" is not in the list of executors: want one of sequential, pool`},
		{
			"{kind: pool}, {kind: pool, workers: %d}", "sequential",
			"executors[1]: the default number of workers depends on the machine and may equal that of executors[2]: " +
				"want workers",
		},
		{
			"{kind: pool, workers: [3, %d]}, {kind: pool}", "sequential",
			"executors[2]: the default number of workers depends on the machine and may equal that of executors[1]: " +
				"want workers",
		},
		{
			"{kind: pool}, {kind: pool}", "sequential",
			"executors[2]: pool is listed twice, first as executors[1]: want it once",
		},
		{"{kind: async}, {kind: async, limit: 3}", "async", ""},
		{"{kind: async}, {kind: async, limit: 3}", "async/3", ""},
		{
			"{kind: async, limit: 2}, {kind: async, limit: 3}", "async",
			`"async" matches 2 executors: want one of sequential, async/2, async/3`,
		},
	} {
		for _, workers := range []int{here, here + 1} {
			number := func(text string) string { return strings.ReplaceAll(text, "%d", strconv.Itoa(workers)) }
			_, mistakes := scenarios.Vocabulary{}.Parse("x", fmt.Appendf(nil, file, number(test.executors),
				number(test.over)))
			got := ""
			if len(mistakes) == 1 {
				got = mistakes[0].Message
			}
			if want := number(test.want); len(mistakes) > 1 || !strings.HasSuffix(got, want) ||
				(want == "") != (got == "") {
				t.Errorf("%s over %s: got %v, want %s", number(test.executors), number(test.over), mistakes, want)
			}
		}
	}
}

// checkMistakes holds mistakes to what is true of all: in order, and each at a
// place inside the file.
func checkMistakes(t *testing.T, source []byte, mistakes strict.Mistakes) {
	t.Helper()
	for i, m := range mistakes {
		if !inside(source, m.Line, m.Column) {
			t.Errorf("%d:%d is not in the file: %s", m.Line, m.Column, m.Message)
		}
		if i > 0 && (m.Line < mistakes[i-1].Line || m.Line == mistakes[i-1].Line && m.Column < mistakes[i-1].Column) {
			t.Errorf("%d:%d stands behind %d:%d", m.Line, m.Column, mistakes[i-1].Line, mistakes[i-1].Column)
		}
		if text := m.Error(); m.Message == "" || strings.Count(text, "\n") > 2 || !utf8.ValidString(text) {
			t.Errorf("not fit for a terminal: %q", text)
		}
	}
}

// inside reports whether a file has a line and a column; the end of a line
// counts.
func inside(source []byte, line, column int) bool {
	lines := linesOf(source)
	return line >= 1 && line <= len(lines) && column >= 1 && column <= utf8.RuneCountInString(lines[line-1])+1
}

func linesOf(source []byte) []string {
	text := strings.TrimPrefix(string(source), "\ufeff")
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
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
		t.Errorf("%s (-want +got; -update rewrites it):\n%s", file, diff)
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
