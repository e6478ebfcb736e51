package command

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/explain"
)

// TestExplain explains every key, within 80 columns, and lists all.
func TestExplain(t *testing.T) {
	_, list, _ := teapot(t, "explain")
	rows := strings.Split(list, "\n")
	for i, k := range explain.Keys() {
		if row := strings.Fields(rows[i]); row[0] != k.Name() {
			t.Errorf("line %d: got %q, want %s", i, rows[i], k.Path)
		}
		status, stdout, stderr := teapot(t, "explain", k.Path)
		if status != cli.StatusHolds || stderr != "" || !strings.HasPrefix(stdout, k.Path+"\n\n"+k.Name()+" ") {
			t.Errorf("%s: status %d\n%s%s", k.Path, status, stdout, stderr)
		}
		for _, want := range []string{"\n  takes    ", "\n  example  "} {
			if strings.Count(stdout, want) != 1 {
				t.Errorf("%s: no %q in\n%s", k.Path, want, stdout)
			}
		}
		for line := range strings.Lines(stdout) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > width && !strings.Contains(k.Example,
				strings.TrimPrefix(strings.TrimSpace(line), "example  ")) {
				t.Errorf("%s: %d columns: %s", k.Path, n, line)
			}
		}
	}
}

func TestExplainNames(t *testing.T) {
	for _, tt := range []struct {
		key    string
		status int
		want   []string
	}{
		{"retry_after", 0, []string{
			"server.faults.retry_after\n\n", "\n\nserver.capacity.retry_after\n\n",
			"\n\nworkload.retry.retry_after\n\n",
		}},
		{"server.faults[0].kind", 0, []string{"server.faults.kind\n\n", "  default  none: it is required\n"}},
		{"workload.task", 0, []string{"  takes    download, loiter, prime, or a command such as "}},
		{"server.fault.knd", 2, []string{"unknown key \"server.fault.knd\": did you mean server.faults.kind?"}},
		{"p9", 2, []string{"or expect.p90 or expect.p95 or expect.p99?"}},
		{"pool", 2, []string{`unknown key "pool": did you mean executors.kind?`}},
		{"download", 2, []string{"did you mean workload.task?"}},
		{"truncate", 2, []string{"did you mean server.faults.kind?"}},
		{"brew", 2, []string{`teapot: unknown key "brew": want one of those that teapot explain lists`}},
	} {
		status, stdout, stderr := teapot(t, "explain", tt.key)
		rest, found := stdout+stderr, true
		for _, want := range tt.want {
			if _, rest, found = strings.Cut(rest, want); status != tt.status || !found {
				t.Errorf("%s: status %d, no %q in its place:\n%s%s", tt.key, status, want, stdout, stderr)
			}
		}
	}
	status, stdout, _ := teapot(t, "explain", "--schema")
	if status != cli.StatusHolds || stdout != scenarios.Schema() || !json.Valid([]byte(stdout)) {
		t.Errorf("--schema: status %d, %.200s", status, stdout)
	}
	if status, _, stderr := teapot(t, "explain", "--schema", "kind"); status != cli.StatusBadInput {
		t.Errorf("--schema kind: status %d, %s", status, stderr)
	}
}
