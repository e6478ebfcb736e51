package command

import (
	"os"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// TestAnnotations has GitHub Actions run a scenario that fails.
func TestAnnotations(t *testing.T) {
	inFolder(t, map[string]string{"wrong.yaml": strings.Replace(scenario, "2.1s", "1.1s", 1)})
	t.Setenv("GITHUB_ACTIONS", "true")
	t.Setenv("GITHUB_STEP_SUMMARY", "summary.md")
	for _, tt := range []struct {
		args string
		want bool
	}{{"run wrong.yaml", true}, {"run wrong.yaml --ci off", false}, {"run wrong.yaml --format csv", false}} {
		status, stdout, stderr := teapot(t, strings.Fields(tt.args)...)
		_, missing := os.Stat("summary.md")
		got := strings.Contains(stdout, "\n::error file=wrong.yaml,line=15,title=little on all 3 runs%3A "+
			"p99%3A the expectation cannot be met::")
		if status != cli.StatusViolated || got != tt.want || (missing == nil) != tt.want {
			t.Errorf("%s: status %d, summary: %v\n%s%s", tt.args, status, missing, stdout, stderr)
		}
		if missing == nil {
			if err := os.Remove("summary.md"); err != nil {
				t.Fatal(err)
			}
		}
	}
}
