package command

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// TestInvalidRun has a bound for the lateness that no machine meets. The exit
// status says that nothing can be known, and every report marks the times.
func TestInvalidRun(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "late.yaml")
	const scenario = `name: late
workload: {task: loiter, keys: [0], arrivals: {rate: 1000/s, for: 20ms}}
executors: [{kind: async}]
expect: {lateness: "<= 1ns", efficiency: ">= 1"}
`
	if err := os.WriteFile(file, []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	recording := filepath.Join(dir, "late.json")
	status, stdout, stderr := teapot(t, "run", file, "--report=", "--json", recording)
	if status != cli.StatusUnknown {
		t.Errorf("got status %d: %s%s", status, stdout, stderr)
	}
	for _, want := range []string{
		"invalid", "the generator could not keep the rate", "the generator was late",
		"at most 1ns is allowed", "1 run, 0 violations, 1 invalid", "latency, from due",
		"ms?", "?: the generator was the bottleneck", "          efficiency: ",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	for format, want := range map[string]string{
		"junit": `type="invalid"`, "markdown": "**invalid**", "html": "This run is invalid", "bench": "is invalid",
		"csv": ",invalid,", "jsonl": `"invalid":true`, "trace": "(invalid)", "json": `"invalid": true`,
		"text": "could not keep the rate: invalid",
	} {
		status, stdout, stderr := teapot(t, "report", recording, "--format", format)
		if status != cli.StatusHolds || !strings.Contains(stdout, want) {
			t.Errorf("%s: status %d, no %q: %s", format, status, want, stderr)
		}
		if format == "junit" {
			var suites struct {
				Errors int `xml:"errors,attr"`
				Fails  int `xml:"failures,attr"`
			}
			if err := xml.Unmarshal([]byte(stdout), &suites); err != nil || suites.Errors != 1 || suites.Fails != 0 {
				t.Errorf("got %+v, %v, want one error", suites, err)
			}
		}
	}
	_, stdout, stderr = teapot(t, "compare", recording, recording)
	if !strings.Contains(stdout, "inconclusive") || !strings.Contains(stdout, "invalid") {
		t.Errorf("compared:\n%s%s", stdout, stderr)
	}
}
