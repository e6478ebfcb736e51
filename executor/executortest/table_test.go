//go:build unix

package executortest_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/executor/executortest"
)

var update = flag.Bool("update", false, "rewrite the table in the package's documentation")

// decided are the rows that no executor is held to by a check of that row, by
// decision.
var decided = map[int]struct{ name, why string }{
	10: {"promise", "only executors make futures: a promise has no task to cancel"},
	30: {"worker state", "goroutines share memory: a task captures what it needs"},
	31: {"failing initializer", "there is no initializer, see 30"},
	38: {"program exit", "Go has no hook for it: Shutdown is its caller's"},
	39: {"dropped executor", "its idle workers stay, unless Settings.Idle lets them go"},
}

// differently are the decided rows of executors that differ.
var differently = map[string]map[int]string{
	elsewhere: {
		30: "its Initializer prepares a child: see 81",
		31: "its Initializer prepares a child: see 81",
		39: "its children stay as long as the program: Shutdown is its owner's",
	},
	"cluster": {
		30: "a worker is prepared before it calls Work",
		31: "a worker is prepared before it calls Work",
		39: "its server stays as long as the program: Shutdown is its owner's",
	},
}

// why returns the reason why an executor cannot have a row, or "".
func why(row int, name string, except map[int]string) string {
	d, isDecided := decided[row]
	switch {
	case differently[name][row] != "":
		return differently[name][row]
	case isDecided:
		return d.why
	case ofProcesses(row) && name == "cluster":
		return ofWorkers[row]
	case ofProcesses(row) && name != elsewhere:
		return "it has no child processes"
	}
	return except[row]
}

// ofProcesses reports whether a row is one of those that TestProcesses holds
// process to.
func ofProcesses(row int) bool {
	return slices.ContainsFunc(executortest.Processes(nil), func(c executortest.Check) bool { return c.Row == row })
}

// letters numbers the notes: a to z, aa, ab and so on.
func letters(i int) string {
	if i < 26 {
		return string(rune('a' + i))
	}
	return letters(i/26-1) + letters(i%26)
}

// width returns that of the column of an executor, in which a note must fit.
func width(name string) int { return max(len(name), len("– (aa)")) + 1 }

// table is the law by rows and executors.
func table() string {
	const file = "\t%-3v %-22s"
	var notes []string
	cannot := func(reason string) string {
		at := slices.Index(notes, reason)
		if at < 0 {
			at = len(notes)
			notes = append(notes, reason)
		}
		return "– (" + letters(at) + ")"
	}
	rows := map[int]string{}
	for _, c := range slices.Concat(executortest.Checks(), executortest.Processes(nil)) {
		rows[c.Row] = c.Name
	}
	for row, d := range decided {
		rows[row] = d.name
	}
	var b strings.Builder
	fmt.Fprintf(&b, file, "row", "")
	for i, e := range executors { // the last one without spaces behind it
		fmt.Fprintf(&b, "%-*s", width(e.name)*min(len(executors)-1-i, 1), e.name)
	}
	fmt.Fprintln(&b)
	for _, row := range slices.Sorted(maps.Keys(rows)) { // in order, because of the notes
		var line strings.Builder
		fmt.Fprintf(&line, file, row, rows[row])
		for _, e := range executors {
			mark := "has"
			if reason := why(row, e.name, e.except); reason != "" {
				mark = cannot(reason)
			}
			fmt.Fprintf(&line, "%-*s", width(e.name), mark)
		}
		fmt.Fprintln(&b, strings.TrimRight(line.String(), " "))
	}
	fmt.Fprintln(&b)
	for i, note := range notes {
		fmt.Fprintf(&b, "\t(%s) %s\n", letters(i), note)
	}
	return b.String()
}

// TestTable keeps the table in the package's documentation true.
func TestTable(t *testing.T) {
	const name, begin, end = "executortest.go", "// # Who has what\n//\n", "package executortest\n"
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := bytes.Cut(source, []byte(begin))
	_, after, found := bytes.Cut(rest, []byte(end))
	if !ok || !found {
		t.Fatalf("%s has no place for the table", name)
	}
	var want bytes.Buffer
	want.Write(before)
	want.WriteString(begin)
	for line := range strings.Lines(table()) {
		want.WriteString("//" + line)
	}
	want.WriteString(end)
	want.Write(after)
	if bytes.Equal(source, want.Bytes()) {
		return
	}
	if !*update {
		t.Fatalf("the table in %s is not up to date: run the test with -update; it should be\n%s", name, table())
	}
	if err := os.WriteFile(name, want.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}
