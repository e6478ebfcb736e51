package command

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// TestRunSamples wants a run to come to the same whatever its recording keeps,
// its recordings to be equal for equal seeds, and every report to be made of
// them.
func TestRunSamples(t *testing.T) {
	inFolder(t, map[string]string{"many.yaml": `name: many
seed: 3
clock: virtual
server:
  latency: uniform(10ms, 300ms)
  body: 1B
  faults:
    - {kind: status, status: 503, rate: 0.1}
workload:
  task: download
  keys: {count: 2000}
  arrivals: {poisson: 400/s, for: 5s}
executors:
  - {kind: async}
  - {kind: pool, workers: 100}
`})
	run := func(args ...string) (status int, said string) {
		status, stdout, stderr := teapot(t, append([]string{"run", "many.yaml", "-q", "--report="}, args...)...)
		if stderr != "" {
			t.Error(stderr)
		}
		return status, stdout
	}
	all, _ := run("--json", "all.json")
	some, _ := run("--json", "some.json", "--samples", "200")
	if all != some || all != cli.StatusHolds {
		t.Errorf("status %d with all samples, and %d with some", all, some)
	}
	first, _ := os.ReadFile("some.json")
	run("--json", "some.json", "--samples", "200")
	again, _ := os.ReadFile("some.json")
	if without := cmp.Diff(withoutHost(first), withoutHost(again)); without != "" {
		t.Errorf("equal seeds differ: %s", without)
	}
	whole, kept := recordings(t, "all.json"), recordings(t, "some.json")
	for i, r := range kept {
		if r.Totals == nil || len(r.Samples) > 200 || r.Tasks() != len(whole[i].Samples) {
			t.Fatalf("%d samples of %d tasks, want at most 200 of %d", len(r.Samples), r.Tasks(), len(whole[i].Samples))
		}
		of := *whole[i]
		of.Totals, of.Samples = r.Totals, r.Samples
		near := cmp.Comparer(func(a, b map[string]time.Duration) bool { // as exact as a histogram
			return maps.EqualFunc(a, b, func(x, y time.Duration) bool { return (x - y).Abs() <= max(x, y)/1000 })
		})
		if diff := cmp.Diff(&of, r, near, cmpopts.IgnoreUnexported(record.Recording{})); diff != "" {
			t.Errorf("%s: beside samples, it differs: %s", r.Name(), diff)
		}
		for _, s := range r.Samples {
			if diff := cmp.Diff(whole[i].Samples[s.Seq], s); diff != "" {
				t.Errorf("%s: task %d: %s", r.Name(), s.Seq, diff)
			}
		}
	}
	for _, format := range []string{"text", "html", "markdown", "junit", "bench", "csv", "jsonl", "trace"} {
		if status, stdout, stderr := teapot(t, "report", "some.json", "--format", format); status != cli.StatusHolds ||
			stdout == "" || stderr != "" {
			t.Errorf("%s: status %d\n%.300s%s", format, status, stdout, stderr)
		}
	}
	if status, stdout, _ := teapot(t, "compare", "some.json", "some.json"); status != cli.StatusHolds {
		t.Errorf("compared with itself: %s", stdout)
	}
}

// TestManyRequests has more requests than a server's journal keeps unless it is
// told to, and a correct client, some of whose requests no plan foresees.
// Nothing is said against it, and nothing is in doubt.
func TestManyRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes 140,000 requests")
	}
	inFolder(t, map[string]string{"full.yaml": `name: full
clock: virtual
server:
  latency: 20ms
  body: 10B
  transport: handler
  capacity: {concurrent: 10, queue: 5, policy: too_many}
workload:
  task: download
  keys: {count: 140000}
  arrivals: {rate: 600/s, for: 240s}
executors:
  - {kind: async}
`})
	status, stdout, stderr := teapot(t, strings.Fields("run full.yaml -q --report= --json r.json --samples 1000")...)
	if status != cli.StatusHolds || stderr != "" {
		t.Fatalf("status %d\n%s%s", status, stdout, stderr)
	}
	r := recordings(t, "r.json")[0]
	none, away := r.Truth[record.ActionFaithful][record.OK], r.Truth[record.ActionTurnedAway][record.Status]
	if r.Tasks() <= servers.JournalLimit || none+away != r.Tasks() || away < 1000 {
		t.Errorf("of %d tasks, %d were answered and %d turned away, by the journal", r.Tasks(), none, away)
	}
}

// withoutHost is a recording without the line of its host.
func withoutHost(text []byte) string {
	lines := bytes.Split(text, []byte("\n"))
	return string(bytes.Join(slices.Delete(lines, 1, 2), []byte("\n")))
}

// TestLoadSamples wants teapot load to keep no more than it is told to.
func TestLoadSamples(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer service.Close()
	inFolder(t, nil)
	line := "load " + service.URL + " --rate 1000/s --for 150ms --report= --json r.json -q --samples 100"
	teapot(t, strings.Fields(line)...) // the machine may be late for it
	r := recordings(t, "r.json")[0]
	if r.Tasks() != 150 || len(r.Samples) > 100 || r.Outcomes[record.OutcomeOK] != 150 {
		t.Errorf("%d samples of %d tasks, %v", len(r.Samples), r.Tasks(), r.Outcomes)
	}
}
