package scenarios_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers/fault"
)

// TestFaultParameters writes every kind of fault with every parameter: the
// language accepts exactly those that the kind takes, and wants those that it
// requires.
func TestFaultParameters(t *testing.T) {
	examples := map[string]string{}
	for _, kind := range fault.Kinds() {
		for _, p := range kind.Parameters() {
			examples[p.Name] = p.Example
		}
	}
	for _, kind := range fault.Kinds() {
		var takes []string
		required, needs := "", false
		for _, p := range kind.Parameters() {
			takes = append(takes, p.Name)
			if p.Required {
				required += fmt.Sprintf(", %s: %s", p.Name, p.Example)
				needs = true
			}
		}
		accepts := func(rest string) bool {
			_, mistakes := scenarios.Vocabulary{}.Parse("one.yaml", fmt.Appendf(nil, `name: one
server:
  protocol: %s
  faults: [{kind: %s, rate: 0.5%s}]
workload: {task: download, flags: [BR, CN], timeout: 20s}
executors: [{kind: sequential}]
`, map[bool]string{true: "http", false: "h2c"}[kind.HTTP1()], kind, rest))
			if mistakes != nil && rest == required {
				t.Log(mistakes)
			}
			return mistakes == nil
		}
		if !accepts(required) || needs && accepts("") {
			t.Errorf("%s: want exactly the parameters that it requires: %q", kind, required)
		}
		for _, name := range fault.ParameterNames() {
			if strings.Contains(required, ", "+name+":") {
				continue
			}
			example := examples[name]
			for _, p := range kind.Parameters() {
				if p.Name == name {
					example = p.Example
				}
			}
			got := accepts(fmt.Sprintf("%s, %s: %s", required, name, example))
			if want := slices.Contains(takes, name); got != want {
				t.Errorf("%s with %s: accepted %v, want %v", kind, name, got, want)
			}
		}
	}
}
