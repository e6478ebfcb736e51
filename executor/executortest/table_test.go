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

// decided are the rows that no executor here is held to, by decision.
var decided = map[int]struct{ name, why string }{
	10: {"promise", "only executors make futures: one completed by hand would have no task to cancel"},
	30: {"worker state", "goroutines share memory: what a worker would keep is captured by the task, or kept in a sync.Pool"},
	31: {"failing initializer", "there is no initializer, see 30"},
	38: {"program exit", "Go has no hook for it: Shutdown is its caller's"},
	39: {"dropped executor", "its idle workers stay, unless Settings.Idle lets them go: a leak check finds it"},
}

// table is the law by rows and executors.
func table() string {
	const file = "\t%-3v %-22s"
	var notes []string
	cannot := func(why string) string {
		at := slices.Index(notes, why)
		if at < 0 {
			at = len(notes)
			notes = append(notes, why)
		}
		return "– (" + string(rune('a'+at)) + ")"
	}
	lines := map[int]string{}
	line := func(row int, name string, why func(except map[int]string) string) {
		var s strings.Builder
		fmt.Fprintf(&s, file, row, name)
		for _, e := range executors {
			mark := "has"
			if reason := why(e.except); reason != "" {
				mark = cannot(reason)
			}
			fmt.Fprintf(&s, "%-12s", mark)
		}
		lines[row] = strings.TrimRight(s.String(), " ")
	}
	rows := map[int]string{}
	for _, c := range executortest.Checks() {
		rows[c.Row] = c.Name
	}
	for row, d := range decided {
		rows[row] = d.name
	}
	for _, row := range slices.Sorted(maps.Keys(rows)) { // in order, because of the notes
		line(row, rows[row], func(except map[int]string) string {
			if d, ok := decided[row]; ok {
				return d.why
			}
			return except[row]
		})
	}
	var b strings.Builder
	fmt.Fprintf(&b, file, "row", "")
	for i, e := range executors {
		fmt.Fprintf(&b, "%-*s", 12*min(len(executors)-1-i, 1), e.name) // the last one without spaces behind it
	}
	fmt.Fprintln(&b)
	for _, row := range slices.Sorted(maps.Keys(lines)) {
		fmt.Fprintln(&b, lines[row])
	}
	fmt.Fprintln(&b)
	for i, why := range notes {
		fmt.Fprintf(&b, "\t(%c) %s\n", 'a'+i, why)
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
