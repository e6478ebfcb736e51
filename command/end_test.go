package command

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// TestEnd wants the end of a run to say which runs failed, to name a command
// that runs these alone and fails as they did, and to lead to the first of them
// in the page.
func TestEnd(t *testing.T) {
	failing := strings.Replace(scenario, "at_least: 1.5", "at_least: 3", 1)
	for _, test := range []struct {
		name, args string
		files      map[string]string
		status     int
		end        string
	}{
		{
			"ok", "run s",
			map[string]string{"s/little.yaml": scenario},
			cli.StatusHolds,
			"3 runs, 0 violations\nreport: teapot-report.html\n",
		},
		{
			"one fails", "run s --seed 3 --only little",
			map[string]string{"s/little.yaml": failing},
			cli.StatusViolated,
			"failed: little/pool/2\nagain: teapot run s --seed 3 --only little/pool/2\n" +
				"report: teapot-report.html#little/pool/2\n",
		},
		{
			"without a page", "run s --report= --seed=3 --only=little",
			map[string]string{"s/little.yaml": failing},
			cli.StatusViolated, "failed: little/pool/2\nagain: teapot run s --report= --seed=3 --only little/pool/2\n",
		},
		{
			"all fail", "run s --report= --only little/pool",
			map[string]string{"s/little.yaml": strings.Replace(failing, "[2, 5]", "2", 1)},
			cli.StatusViolated, "failed: little/pool/2\nagain: teapot run s --report= --only little/pool\n",
		},
		{
			"quiet", "run s --seed 3 --quiet",
			map[string]string{"s/little.yaml": failing},
			cli.StatusViolated,
			"1 run, 1 violation\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			inFolder(t, test.files)
			status, stdout, _ := teapot(t, strings.Fields(test.args)...)
			stdout = strings.ReplaceAll(stdout, "go run github.com/teapot-go/teapot/command.test", "teapot")
			if status != test.status || !strings.HasSuffix(stdout, test.end) {
				t.Errorf("status %d, want the end\n%s\ngot\n%s", status, test.end, stdout)
			}
			if _, anchor, found := strings.Cut(stdout, "teapot-report.html#"); found {
				page, err := os.ReadFile("teapot-report.html")
				if err != nil || !strings.Contains(string(page), `id="`+strings.TrimSpace(anchor)+`"`) {
					t.Errorf("the page has no %s: %v", anchor, err)
				}
			}
			if again := regexp.MustCompile(`again: teapot (.*)\n`).FindStringSubmatch(stdout); again != nil {
				status, stdout, _ := teapot(t, strings.Fields(again[1])...)
				if status != test.status || !strings.Contains(stdout, "1 run, 1 violation\n") {
					t.Errorf("%s: status %d\n%s", again[1], status, stdout)
				}
			}
		})
	}
}

// TestPlace wants each run told with its place among those that are planned,
// and a single one without.
func TestPlace(t *testing.T) {
	inFolder(t, map[string]string{"s/little.yaml": scenario})
	_, _, stderr := teapot(t, "run", "s", "--report=")
	want := "run 1 of 3: little/sequential ok\nrun 2 of 3: little/pool/2 ok\nrun 3 of 3: little/pool/5 ok\n"
	if stderr != want {
		t.Errorf("got\n%s, want\n%s", stderr, want)
	}
	if _, _, stderr := teapot(t, "run", "s", "--report=", "--only", "little/pool/5"); stderr != "little/pool/5 ok\n" {
		t.Errorf("got %q", stderr)
	}
}
