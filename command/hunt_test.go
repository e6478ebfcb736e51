package command

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/scenarios/hunt"
)

// readHunts reads what teapot hunt --json wrote.
func readHunts(t *testing.T, file string) []hunt.Result {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Hunts []hunt.Result }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return all.Hunts
}

// TestHunt hunts for mistakes of the client that is built in.
func TestHunt(t *testing.T) {
	inFolder(t, map[string]string{"little.yaml": scenario, "prime.yaml": "name: prime\nworkload: {task: prime, " +
		"keys: [7]}\nexecutors: [{kind: sequential}]\n", "never.yaml": "name: never\nclock: virtual\n" +
		"server: {faults: [{kind: reset, rate: 1e-9}]}\nworkload: {task: download, flags: [BR]}\n" +
		"executors: [{kind: async}]\n", "calm.yaml": "name: calm\nclock: virtual\n" +
		"server: {}\nworkload: {task: download, flags: [BR]}\nexecutors: [{kind: async}]\n"})
	for _, tt := range []struct {
		args   string
		status int
		want   []string // of what is printed
	}{
		{
			"little.yaml --only little/pool/2 --seeds 3", cli.StatusHolds,
			[]string{
				"little/pool/2: 3 worlds in ", "/s: none fails\n", "  met status in ", "no request met fault 2 reset",
			},
		},
		{"little.yaml --only little/pool/2 --for 50ms --jobs 1", cli.StatusHolds, []string{"none fails"}},
		{"never.yaml --seeds 3", cli.StatusUnknown, []string{"no request met fault 1 reset: the hunt says nothing"}},
		{"calm.yaml --seeds 3", cli.StatusHolds, []string{"no request met a fault: the scenario has none"}},
		{"prime.yaml", cli.StatusBadInput, []string{"prime/sequential: a hunt needs the virtual clock"}},
		{"nothing.yaml", cli.StatusBadInput, []string{"want a scenario file"}},
		{"little.yaml --json little.yaml", cli.StatusBadInput, []string{"little.yaml: that file is read or"}},
		{"little.yaml --json x.csv --out x.csv", cli.StatusBadInput, []string{"--out x.csv: that file is read"}},
	} {
		status, stdout, stderr := teapot(t, append([]string{"hunt"}, strings.Fields(tt.args)...)...)
		for _, want := range tt.want {
			if status != tt.status || !strings.Contains(stdout+stderr, want) {
				t.Errorf("teapot hunt %s: status %d, want %d and %q:\n%s%s", tt.args, status, tt.status, want, stdout,
					stderr)
			}
		}
	}
	status, stdout, stderr := teapot(t, strings.Fields("hunt little.yaml --seeds 1 -q")...)
	if status != cli.StatusHolds || stdout+stderr != "" {
		t.Errorf("quiet: status %d, %s%s", status, stdout, stderr)
	}
	if _, err := os.Stat("testdata"); err == nil {
		t.Error("a hunt that finds nothing made a corpus")
	}
}

// TestHuntInterrupted wants what was found until an interrupt.
func TestHuntInterrupted(t *testing.T) {
	inFolder(t, map[string]string{"little.yaml": scenario})
	ctx, stop := context.WithCancel(t.Context())
	stdout := writerFunc(func(p []byte) (int, error) { return len(p), nil })
	stop()
	var said strings.Builder
	status := calling(ctx, []string{"hunt", "little.yaml", "--json", "x.json"}, strings.NewReader(""), stdout, &said)
	if status != cli.StatusInterrupted || !strings.Contains(said.String(), "interrupted") {
		t.Errorf("status %d, %s", status, said.String())
	}
}

// testOwnHunt hunts for a mistake of a program's own client, whose worlds run
// in processes of their own.
func testOwnHunt(t *testing.T, own program) {
	const file = "hunted/testdata/hunt/gullible/gullible-truncate-ok-not-truncated.yaml"
	status, stdout, stderr := own.run(t, "hunt", "hunted/gullible.yaml", "--json", "x.json", "--out", "x.xml")
	if status != cli.StatusViolated || !strings.Contains(stdout, "a correct client: ") ||
		!strings.Contains(stdout, " worlds: "+file+"\n") || !strings.Contains(stdout, "run "+file+" --only ") {
		t.Fatalf("status %d\n%s%s", status, stdout, stderr)
	}
	found := readHunts(t, "x.json")
	if len(found) != 1 || len(found[0].Failures) != 1 || found[0].Failures[0].File != file {
		t.Errorf("got %+v", found)
	}
	text, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil || strings.Count(string(text), "at: {key: ") != 1 || strings.Contains(string(text), "rate") {
		t.Errorf("%v\n%s", err, text)
	}
	if junit, err := os.ReadFile("x.xml"); err != nil || !strings.Contains(string(junit), "gullible-truncate-ok") ||
		!strings.Contains(string(junit), "<failure") {
		t.Errorf("%v\n%s", err, junit)
	}
	if status, stdout, stderr := own.run(t, "run", file, "--report="); status != cli.StatusViolated {
		t.Errorf("the smallest world: status %d\n%s%s", status, stdout, stderr)
	}
	status, stdout, stderr = own.run(t, "hunt", "hunted/gullible.yaml")
	if status != cli.StatusViolated || !strings.Contains(stdout, "still fails: "+file) ||
		!strings.Contains(stdout, ": 0 worlds in ") {
		t.Errorf("a second hunt: status %d\n%s%s", status, stdout, stderr)
	}
	status, stdout, stderr = own.run(t, "hunt", "hunted/gullible.yaml", "--corpus=", "--seeds", "12", "--keep-going")
	if status != cli.StatusViolated || !strings.Contains(stdout, ": 12 worlds in ") ||
		!strings.Contains(stdout, "{kind: truncate, at: {key: ") {
		t.Errorf("without a corpus: status %d\n%s%s", status, stdout, stderr)
	}
}
