package findings_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/findings"
)

// TestTitles has a title for each kind of finding.
func TestTitles(t *testing.T) {
	for _, tt := range []struct {
		check   string
		culprit record.Culprit
		doubt   bool
		want    string
	}{
		{"p50", record.ByFile, false, "p50: the expectation cannot be met"},
		{"errors", record.ByServer, false, "errors: the answers of the server do not meet it"},
		{"classification", record.ByClient, false, "classification: the client misread what it got"},
		{"classification", record.ByExecutor, false, "classification: the executor lost tasks"},
		{"classification", "", true, "classification"},
		{"panic", record.ByClient, false, "panic: the client panicked"},
		{"outcomes", record.ByExecutor, false, "outcomes: the executor lost tasks"},
		{"outcomes", record.ByClient, false, "outcomes: the client misread what it got"},
		{"outcomes", record.ByFile, false, "outcomes: the expectation cannot be met"},
		{"outcomes", "", false, "outcomes"},
		{"retries", record.ByClient, false, "retries: the client broke its policy of retries"},
		{"runs", record.ByExecutor, false, "runs: tasks were lost or doubled"},
		{"order", record.ByExecutor, false, "order: tasks or results are out of order"},
		{"concurrency", record.ByExecutor, false, "concurrency: too many tasks at once"},
		{"shutdown", record.ByExecutor, false, "shutdown: tasks ran on after the end"},
		{"leaks", "", false, "leaks: something was left open or running"},
		{"leaks", "", true, "leaks"},
		{"deadlock", "", false, "deadlock: the process of the run died"},
		{"efficiency", record.ByExecutor, false, "efficiency: the executor was idle or late"},
		{"speedup", record.ByClient, false, "speedup: the client took longer than planned"},
		{"schedule", "", false, "schedule"},
		{"throughput", "", false, "throughput"},
	} {
		r := ran("s", "pool", record.Violation{Check: tt.check, Culprit: tt.culprit, Inconclusive: tt.doubt})
		if got := findings.Of([]*record.Recording{r})[0].Title(); got != tt.want {
			t.Errorf("%+v: got %q", tt, got)
		}
	}
}

// TestDied tells a run whose process died, which has no samples, from one that
// could not go on.
func TestDied(t *testing.T) {
	r := ran("s", "pool", record.Violation{Check: "deadlock"})
	for _, want := range []string{"deadlock: the process of the run died", "deadlock: the run could not go on"} {
		if got := findings.Of([]*record.Recording{r})[0].Title(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		r.Samples = make([]record.Sample, 1)
	}
}

// TestGenerator makes one finding of all that a generator causes that could not
// keep up, and leaves apart what has another cause.
func TestGenerator(t *testing.T) {
	doubt := func(check string, invalid, timed bool, culprit record.Culprit) record.Violation {
		return record.Violation{
			Check: check, Got: "got of " + check, Want: "keep up", Inconclusive: true, Invalid: invalid, Timed: timed,
			Culprit: culprit,
		}
	}
	found := []record.Violation{
		doubt("lateness", true, false, record.ByMachine), doubt("owed", true, false, record.ByMachine),
		doubt("throughput", false, true, record.ByMachine),
		doubt("classification", false, false, record.ByMachine), doubt("runs", false, false, ""),
	}
	wrong := record.Violation{Check: "classification", Got: "A ok", Want: "A reset", Culprit: record.ByClient}
	open, users := ran("a", "async", append(found, wrong)...), ran("b", "async", found[0])
	for i := range 4 {
		at := time.Duration(i) * time.Second
		s := record.Sample{Due: at, Submitted: 3 * at, Started: 3 * at, Finished: 3 * at}
		open.Samples, users.Samples = append(open.Samples, s), append(users.Samples, s)
	}
	users.Users = 2
	busy := ran("d", "async", doubt("idle", true, false, record.ByMachine), found[2])
	lost := ran("c", "async", doubt("generators", true, false, record.ByMachine))
	var got strings.Builder
	for _, f := range findings.Of([]*record.Recording{open, users, lost, busy}) {
		fmt.Fprintf(&got, "%s %s: %q\n", f.Scenario, f.Title(), f.Cases[0].Got)
		if f.Title() == "the generator could not keep the rate" && f.Cases[0].Want != "keep up" {
			t.Errorf("it wants %q", f.Cases[0].Want)
		}
	}
	const want = `a classification: the client misread what it got: "A ok"
a the generator could not keep the rate: "4 tasks were due within 3s, and handed over within 9s\n` +
		`lateness: got of lateness\nowed: got of owed\nthroughput: got of throughput"
b the generator could not keep up with the users: "lateness: got of lateness"
c a load generator was lost: "got of generators"
d the processors had no time to spare: "idle: got of idle\nthroughput: got of throughput"
a classification: "got of classification"
a runs: "got of runs"
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}
