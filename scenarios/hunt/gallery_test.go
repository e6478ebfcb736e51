package hunt_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/hunt"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// hunted returns the scenario of a client, and a hunt through it.
func hunted(t *testing.T, c client) (scenarios.Case, hunt.Hunt) {
	t.Helper()
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"get": scenarios.RequestWorkload(c.open())}}
	keys := "flags: top20"
	if c.keys != "" {
		keys = "keys: " + c.keys
	}
	text := fmt.Sprintf(`name: gallery
clock: virtual
server:
  latency: uniform(1ms, 2s)
  faults: %s
  %s
workload: {task: get, %s%s}
executors: [{kind: pool, workers: 10}]
expect: {leaks: none%s}
`, c.faults, c.server, keys, after(c.workload), after(c.expect))
	s, mistakes := v.Parse("gallery.yaml", []byte(text))
	if mistakes != nil {
		t.Fatalf("%v\n%s", mistakes, text)
	}
	return s.Cases()[0], hunt.Hunt{Runner: func() *scenarios.Runner { return &scenarios.Runner{Vocabulary: v} }}
}

func after(part string) string {
	if part == "" {
		return ""
	}
	return ", " + part
}

var update = flag.Bool("update", false, "write the tables of the page")

// page is the page that has the tables.
const page = "../../docs/hunting.md"

// TestGallery wants every bug to be found within a thousand worlds, each world
// to be made as small as a person would, and the docs to have what came of it.
func TestGallery(t *testing.T) {
	var table strings.Builder
	table.WriteString("\n| the client | found in world | keys | the faults of the smallest |\n|---|---|---|---|\n")
	for _, bad := range clients {
		t.Run(bad.name, func(t *testing.T) {
			c, h := hunted(t, bad)
			found := run(t, h, c)
			if len(found.Failures) != 1 {
				t.Fatalf("%d failures in %d worlds, %d unknown: %s", len(found.Failures), found.Tried, found.Unknown,
					found.Why)
			}
			f := found.Failures[0]
			if f.Check != bad.check || !f.Repeats() || f.Text == "" {
				t.Fatalf("%s, %d of %d again: want a small world with a finding of %s\n%v", f.Kind, f.Again, f.Runs,
					bad.check, f.Recording.Violations)
			}
			tree, err := strict.ParseNode([]byte(f.Text))
			if err != nil {
				t.Fatal(err)
			}
			keys, faults := len(tree.At("workload", "keys").Items()), tree.At("server", "faults").Items()
			if keys == 0 || keys > 3 || len(faults) > 2 {
				t.Errorf("%d keys and %d faults, want 1 to 3 and at most 2:\n%s", keys, len(faults), f.Text)
			}
			for _, fault := range faults {
				if fault.At("at") == nil {
					t.Errorf("a fault that is not pinned:\n%s", f.Text)
				}
			}
			t.Logf("%d smaller worlds tried", f.Tries)
			var left []string
			for _, fault := range faults {
				left = append(left, "`"+inLine(fault)+"`")
			}
			fmt.Fprintf(&table, "| %s | %d | %d | %s |\n", bad.name, found.Tried, keys, strings.Join(left, ", "))
		})
	}
	if !t.Failed() {
		tabulate(t, "<!-- gallery -->\n", "<!-- end of gallery -->\n", table.String()+"\n")
	}
}

// inLine writes a mapping in one line.
func inLine(n *strict.Node) string {
	var parts []string
	for _, key := range n.Steps() {
		value := n.At(key).Text()
		if n.At(key).IsMapping() {
			value = inLine(n.At(key))
		}
		parts = append(parts, key+": "+value)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// tabulate wants the docs to have a table between two lines, or writes it.
func tabulate(t *testing.T, begins, ends, table string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), begins)
	old, after, marked := strings.Cut(rest, ends)
	switch {
	case !marked:
		t.Fatalf("%s has no line %s", page, ends)
	case old == table:
	case *update:
		if err := os.WriteFile(page, []byte(before+begins+table+ends+after), 0o666); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s has\n%s\nbut this came of it:\n%s\nrun go test ./scenarios/hunt -update", page, old, table)
	}
}
