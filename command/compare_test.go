package command

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
)

// called is the environment variable under which the test's binary is teapot
// itself, so that it can be the other build.
const called = "TEAPOT_CALLED"

// halved names the recording for [halve].
const halved = "TEAPOT_HALVED"

// quick is a scenario for the real clock that is over soon.
var quick = strings.NewReplacer("clock: virtual", "clock: real", "uniform(1s, 2s)", "uniform(1ms, 2ms)",
	"workers: [2, 5]", "workers: 2",
	`  p99: "<= 2.1s"`, "", "  speedup: {over: sequential, at_least: 1.5}", "").Replace(scenario)

// edit rewrites a recording.
func edit(t *testing.T, from, to string, change func(*record.Recording)) {
	t.Helper()
	host, recs, err := new(cli.Console).ReadRecordings(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recs {
		change(r)
	}
	if err := reports.WriteFile(to, reports.JSON(host, recs)); err != nil {
		t.Fatal(err)
	}
}

// endAt has a run end at another time: tasks that ended last, or later than
// that, end then.
func endAt(r *record.Recording, at time.Duration) {
	r.Samples = slices.Clone(r.Samples)
	for i := range r.Samples {
		if s := &r.Samples[i]; s.Finished == r.Makespan || s.Finished > at {
			s.Started, s.Finished, s.Delivered = min(s.Started, at), at, at
		}
	}
	r.Summarize()
}

// halve is what a process of this test does that a build of [otherBuild] has
// started to make its recording another one: the run takes half of its time.
func halve(file string) error {
	host, recs, err := new(cli.Console).ReadRecordings(file)
	if err != nil {
		return err
	}
	for _, r := range recs {
		endAt(r, r.Makespan/2)
	}
	return reports.WriteFile(file, reports.JSON(host, recs))
}

func TestCompare(t *testing.T) {
	inFolder(t, map[string]string{"little.yaml": scenario, "other.yaml": strings.Replace(scenario, "little", "other",
		1), "garbage.json": "{"})
	for _, args := range []string{
		"run little.yaml --json old.json", "run little.yaml --json again.json",
		"run . --json more.json", "run little.yaml --seed 2 --json seed.json",
	} {
		if status, stdout, stderr := teapot(t,
			append(strings.Fields(args), "--report=")...); status != cli.StatusHolds {
			t.Fatalf("%s: status %d\n%s%s", args, status, stdout, stderr)
		}
	}
	edit(t, "old.json", "slower.json", func(r *record.Recording) {
		if r.Workers == 5 {
			endAt(r, r.Makespan+1)
		}
	})
	edit(t, "old.json", "lost.json", func(r *record.Recording) {
		i := slices.IndexFunc(r.Samples, func(s record.Sample) bool { return s.Class == record.OK })
		r.Samples[i].Class = record.Failed
		r.Summarize()
	})
	for _, tt := range []struct {
		args   string
		status int
		want   []string
	}{
		{"old.json again.json", cli.StatusHolds, []string{"= little/pool/5: same", "3 cases: 3 same"}},
		{"old.json slower.json", cli.StatusViolated, []string{
			"✗ little/pool/5: worse", "= little/pool/2: same", "✗ slower: 1 of 3 runs, makespan +",
			"makespan / ideal  ✗ worse", "equal: ok, not_found", "the oracle's ideal",
		}},
		{"slower.json old.json", cli.StatusHolds, []string{"✓ better"}},
		{"old.json lost.json", cli.StatusViolated, []string{
			"ok      ✗ worse    6    5  -1", "error   ✗ worse    4    5  +1", "✗ worse: 3 of 3 runs, errors +3 in all",
		}},
		{"old.json more.json", cli.StatusHolds, []string{"+ other/pool/2: new", "3 same, 3 new"}},
		{"more.json old.json", cli.StatusViolated, []string{"∅ other/pool/2: no data: only in the old"}},
		{"old.json seed.json", cli.StatusViolated, []string{"no data: seeds 1 and 2"}},
		{"old.json slower.json --format markdown", cli.StatusViolated, []string{"| little/pool/5 | ✗ worse |"}},
		{"old.json nowhere.json", cli.StatusBadInput, []string{"nowhere.json", "want a file that teapot run"}},
		{"garbage.json little.yaml", cli.StatusBadInput, []string{
			"garbage.json: not a recording",
			"little.yaml: not a recording",
		}},
		{"- -", cli.StatusBadInput, []string{"want a file for one"}},
		{"old.json", cli.StatusBadInput, []string{"<new>"}},
		{"old.json again.json --format pdf", cli.StatusBadInput, []string{"--format", "markdown"}},
		{"old.json again.json --tolerance 0", cli.StatusBadInput, []string{"--tolerance", "above 0%"}},
		{"old.json again.json --out nowhere/x", cli.StatusBadInput, []string{"nowhere/x"}},
	} {
		status, stdout, stderr := teapot(t, append([]string{"compare"}, strings.Fields(tt.args)...)...)
		if status != tt.status {
			t.Errorf("compare %s: status %d, want %d\n%s%s", tt.args, status, tt.status, stdout, stderr)
		}
		for _, want := range tt.want {
			if !strings.Contains(stdout+stderr, want) {
				t.Errorf("compare %s: no %q in\n%s%s", tt.args, want, stdout, stderr)
			}
		}
	}
	if status, stdout, _ := teapot(t, "compare", "old.json", "slower.json", "--format", "json", "--out",
		"verdict.json"); status != cli.StatusViolated || stdout != "" {
		t.Errorf("status %d, %q", status, stdout)
	}
	text, err := os.ReadFile("verdict.json")
	var said struct {
		Format string
		Failed bool
		Cases  []struct{ Verdict string }
	}
	if err := json.Unmarshal(text, &said); err != nil || said.Format != "teapot.comparison/1" || !said.Failed ||
		len(said.Cases) != 3 || said.Cases[2].Verdict != "worse" {
		t.Errorf("%v: %.300s", err, text)
	}
	if err != nil {
		t.Error(err)
	}
}

// TestRepeat wants every round recorded, in the scenario's order, and a virtual
// run once.
func TestRepeat(t *testing.T) {
	inFolder(t, map[string]string{"quick.yaml": strings.Replace(quick, "little", "quick", 1), "virtual.yaml": scenario})
	status, stdout, stderr := teapot(t, "run", ".", "--repeat", "3", "--json", "out.json")
	if status != cli.StatusHolds || !strings.Contains(stdout, "\n5 runs, 0 violations") ||
		!strings.Contains(stdout, "shown of 9 runs") || strings.Count(stderr, "quick/pool/2 ok") != 1 {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	var got []string
	for _, r := range recordings(t, "out.json") {
		got = append(got, fmt.Sprintf("%s %d", r.Case(), r.Round))
	}
	want := []string{
		"quick/sequential 0", "quick/sequential 1", "quick/sequential 2", "quick/pool/2 0",
		"quick/pool/2 1", "quick/pool/2 2", "little/sequential 0", "little/pool/2 0", "little/pool/5 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	for _, r := range recordings(t, "out.json") {
		if (r.Cost != nil) != (r.Clock == record.Real) || r.Cost != nil &&
			(r.Cost.Allocs == 0 || r.Cost.AllocBytes == 0) {
			t.Errorf("%s: cost %+v under the %s clock", r.Case(), r.Cost, r.Clock)
		}
	}
}

func TestBaseline(t *testing.T) {
	inFolder(t, map[string]string{"s/little.yaml": scenario, "s/quick.yaml": strings.Replace(quick,
		"little", "quick", 1)})
	if status, stdout, stderr := teapot(t, "run", "s", "--repeat", "15", "--json", "base.json",
		"--report="); status != cli.StatusHolds {
		t.Fatalf("status %d\n%s%s", status, stdout, stderr)
	}
	edit(t, "base.json", "faster.json", func(r *record.Recording) { endAt(r, r.Makespan-time.Millisecond) })
	edit(t, "base.json", "once.json", func(r *record.Recording) {
		r.Scenario = strings.Replace(r.Scenario, "quick", fmt.Sprintf("round-%d", r.Round), 1)
	})
	for _, tt := range []struct {
		args   string
		status int
		want   string
	}{
		{"run s --only little --baseline base.json", cli.StatusHolds, "3 cases: 3 same"},
		{"run s --only little --baseline faster.json", cli.StatusViolated, "✗ worse"},
		{"run s --only little --baseline faster.json -q", cli.StatusViolated, "✗ worse"},
		{
			"run s --only quick --repeat 2 --baseline base.json", cli.StatusViolated,
			"15 old and 2 new runs: a verdict needs 15",
		},
		// nothing was compared
		{"run s --only quick --repeat 1 --baseline once.json", cli.StatusViolated, "2 cases: 2 new"},
		{"run s --baseline nowhere.json", cli.StatusBadInput, "want a file that teapot run"},
		{"run s --baseline base.json --against x", cli.StatusBadInput, "want one of them"},
		{
			"run s --baseline base.json --json ./base.json", cli.StatusBadInput,
			"--json ./base.json: that is the baseline",
		},
		{"run s --only little --baseline faster.json --format csv", cli.StatusViolated, "✗ worse"},
		{"run s --repeat=-1", cli.StatusBadInput, "want 1 or more"},
		{"run s --repeat 0 --baseline base.json --against x", cli.StatusBadInput, "want 1 or more"},
		{"run s --against-json x", cli.StatusBadInput, "want --against too"},
		{
			"run s --against x --against-json x --json x", cli.StatusBadInput,
			"--against-json x: that is the file of the recordings",
		},
		{"run s --against '", cli.StatusBadInput, "without its end"},
	} {
		status, stdout, stderr := teapot(t, append(strings.Fields(tt.args), "--report=")...)
		if status != tt.status || !strings.Contains(stdout+stderr, tt.want) {
			t.Errorf("%s: status %d, want %d and %q\n%s%s", tt.args, status, tt.status, tt.want, stdout, stderr)
		}
	}
	// The real clock's verdict is the machine's to give; that there is one is
	// not.
	_, stdout, stderr := teapot(t, "run", "s", "--only", "quick/sequential", "--repeat", "15", "--baseline",
		"base.json", "--report=")
	verdict := regexp.MustCompile(`(?m)^ +(same: .*)?makespan / ideal +(\S (better|worse|inconclusive)|[^ ]+ %)`)
	if !verdict.MatchString(stdout) {
		t.Errorf("no verdict on times:\n%s%s", stdout, stderr)
	}
}

// otherBuild writes a program that is teapot, and then does something else.
func otherBuild(t *testing.T, name, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the other builds of this test are shell scripts")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(called, "1")
	t.Setenv("GORACE", "atexit_sleep_ms=0") // where the race detector is on each process would wait a second at its end
	script = "#!/bin/sh\nteapot() { '" + self + "' \"$@\"; }\n" + script + "\n"
	if err := os.WriteFile(name, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestAgainst(t *testing.T) {
	inFolder(t, map[string]string{
		"little.yaml": scenario, "quick.yaml": strings.Replace(quick, "little", "quick", 1),
		"wrong.yaml": strings.NewReplacer("2.1s", "1.1s", "little", "wrong").Replace(scenario),
	})
	if err := os.Mkdir("a build", 0o755); err != nil {
		t.Fatal(err)
	}
	otherBuild(t, "a build/same", `teapot "$@"`)
	otherBuild(t, "faster", `teapot "$@"; for f; do case $f in */recording.json) `+halved+`="$f" teapot;; esac; done`)
	otherBuild(t, "failing", `echo no such luck >&2; exit 3`)
	otherBuild(t, "silent", `exit 0`)
	otherBuild(t, "garbage", `for f; do case $f in */recording.json) echo garbage >"$f";; esac; done`)
	otherBuild(t, "another", `teapot "$@" --only little/pool/2`)
	for _, tt := range []struct {
		against string
		status  int
		want    string
	}{
		{"'./a build/same'", cli.StatusHolds, "3 cases: 3 same"},
		{"./faster", cli.StatusViolated, "makespan / ideal  ✗ worse"},
		{"./failing", cli.StatusBadInput, "no such luck"},
		{"./silent", cli.StatusBadInput, "did not write a recording"},
		{"./garbage", cli.StatusBadInput, "not a recording"},
		{"./another", cli.StatusBadInput, "recorded something else"},
		{"./nowhere", cli.StatusBadInput, "want a command that runs teapot"},
		{" ", cli.StatusBadInput, "want a command"},
	} {
		status, stdout, stderr := teapot(t, "run", "little.yaml", "--against", tt.against, "--report=", "--json",
			"new.json", "--against-json", "old.json")
		if status != tt.status || !strings.Contains(stdout+stderr, tt.want) {
			t.Errorf("--against %s: status %d, want %d and %q\n%s%s", tt.against, status, tt.status, tt.want,
				stdout, stderr)
		}
	}
	// What both builds do wrong is a violation still.
	if status, stdout, _ := teapot(t, "run", "wrong.yaml", "--against",
		"'./a build/same'"); status != cli.StatusViolated || !strings.Contains(stdout, "3 cases: 3 same") {
		t.Errorf("status %d\n%s", status, stdout)
	}
}

// TestAgainstInTurns wants the pairs of a comparison known for what they are
// when its two files are compared later.
func TestAgainstInTurns(t *testing.T) {
	inFolder(t, map[string]string{"quick.yaml": quick})
	otherBuild(t, "same", `teapot "$@"`)
	teapot(t, "run", "quick.yaml", "--only", "little/pool", "--against", "./same", "--repeat", "15", "--json",
		"new.json", "--against-json", "old.json")
	hostOld, old, err := new(cli.Console).ReadRecordings("old.json")
	if err != nil {
		t.Fatal(err)
	}
	hostNew, new, err := new(cli.Console).ReadRecordings("new.json")
	if err != nil || hostOld.Turns == "" || hostOld.Turns != hostNew.Turns || len(old) != len(new) || len(old) < 15 {
		t.Fatalf("%v: %d old and %d new, %q and %q", err, len(old), len(new), hostOld.Turns, hostNew.Turns)
	}
	if _, stdout, stderr := teapot(t, "compare", "old.json", "new.json"); strings.Contains(stdout, "no data") ||
		strings.Contains(stdout, "apart") || !strings.Contains(stdout, "makespan / ideal") {
		t.Errorf("%s%s", stdout, stderr)
	}
}

// TestAgainstInterrupted wants no verdict of half a comparison, and nothing
// left behind.
func TestAgainstInterrupted(t *testing.T) {
	inFolder(t, map[string]string{"quick.yaml": quick})
	t.Setenv("TMPDIR", t.TempDir())
	otherBuild(t, "stuck", `trap 'exit 130' INT; echo stuck >stuck.txt; while :; do sleep 0.05; done`)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			if _, err := os.Stat("stuck.txt"); err == nil {
				cancel()
			}
			<-tick.C
		}
	}()
	var stdout, stderr strings.Builder
	status := calling(ctx, []string{"run", "quick.yaml", "--against", "./stuck", "--report="}, strings.NewReader(""),
		&stdout, &stderr)
	if status != cli.StatusInterrupted || strings.Contains(stdout.String(), "worse") {
		t.Errorf("status %d\n%s%s", status, stdout.String(), stderr.String())
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestComparisonPage writes the page of a comparison, by teapot compare and by
// the run itself.
func TestComparisonPage(t *testing.T) {
	inFolder(t, map[string]string{"little.yaml": scenario})
	for _, args := range []string{
		"--json old.json",
		"--seed 1 --json new.json --baseline old.json --comparison run.html",
		"--baseline old.json --comparison run.md",
	} {
		if status, stdout, stderr := teapot(t, append([]string{"run", "little.yaml", "--report="},
			strings.Fields(args)...)...); status != cli.StatusHolds {
			t.Fatalf("%s: status %d\n%s%s", args, status, stdout, stderr)
		}
	}
	edit(t, "old.json", "slower.json", func(r *record.Recording) { endAt(r, r.Makespan+1) })
	for args, want := range map[string]int{
		"old.json new.json --out same.html":              cli.StatusHolds,
		"old.json slower.json --format html --out worse": cli.StatusViolated,
	} {
		if status, stdout, stderr := teapot(t,
			append([]string{"compare"}, strings.Fields(args)...)...); status != want || stdout+stderr != "" {
			t.Errorf("teapot compare %s: status %d, %s%s", args, status, stdout, stderr)
		}
	}
	for file, want := range map[string]string{
		"same.html": "same", "worse": "worse", "run.html": "this run",
		"run.md": "little",
	} {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), want) || strings.HasPrefix(string(text),
			"<!") != (file != "run.md") {
			t.Errorf("%s: %v, %.200s", file, err, text)
		}
	}
	for args, want := range map[string]string{
		"run little.yaml --comparison x.html": "--comparison: nothing is compared",
		"run little.yaml --baseline old.json --comparison x.csv": "--comparison x.csv: want a name that ends " +
			"with .html",
		"run little.yaml --baseline old.json --comparison no/x.md":  "no/x.md: no such file",
		"run little.yaml --baseline old.json --comparison old.json": "--comparison old.json: that is the baseline",
		"compare old.json new.json --format csv":                    "--format",
	} {
		if status, _, stderr := teapot(t, strings.Fields(args)...); status != cli.StatusBadInput ||
			!strings.Contains(stderr, want) {
			t.Errorf("teapot %s: status %d, no %q in\n%s", args, status, want, stderr)
		}
	}
}

// TestBlame wants the reports of a run that became worse to say so, and its
// recording to stay what it is.
func TestBlame(t *testing.T) {
	inFolder(t, map[string]string{"little.yaml": scenario})
	if status, _, stderr := teapot(t, "run", "little.yaml", "--json", "now.json",
		"--report="); status != cli.StatusHolds {
		t.Fatal(stderr)
	}
	edit(t, "now.json", "old.json", func(r *record.Recording) { endAt(r, r.Makespan-1) })
	status, _, stderr := teapot(t,
		strings.Fields("run little.yaml --baseline old.json --report r.html "+
			"--json again.json --out j.xml --out m.md")...)
	if status != cli.StatusViolated {
		t.Errorf("status %d: %s", status, stderr)
	}
	for file, want := range map[string]string{
		"r.html": "no worse than old.json", "j.xml": `failures="3"`,
		"m.md": "❌",
	} {
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: no %q: %v", file, want, err)
		}
	}
	for _, r := range recordings(t, "again.json") {
		if len(r.Violations) > 0 {
			t.Errorf("%s: the recording itself was changed: %v", r.Case(), r.Violations)
		}
	}
}

// TestMissed wants an executor that is not there any more missed, and the input
// of a comparison left alone.
func TestMissed(t *testing.T) {
	inFolder(t, map[string]string{"little.yaml": scenario})
	if status, _, stderr := teapot(t, "run", "little.yaml", "--json", "old.json",
		"--report="); status != cli.StatusHolds {
		t.Fatal(stderr)
	}
	if err := os.WriteFile("little.yaml", []byte(strings.Replace(scenario, "[2, 5]", "[2]", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, stdout, _ := teapot(t, "run", "little.yaml", "--baseline", "old.json",
		"--report="); status != cli.StatusViolated ||
		!strings.Contains(stdout, "∅ little/pool/5: no data: only in the old recordings") {
		t.Errorf("status %d\n%s", status, stdout)
	}
	if status, stdout, stderr := teapot(t, "run", "little.yaml", "--baseline", "old.json", "--only", "little/pool/2",
		"--report="); status != cli.StatusHolds {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	before, _ := os.ReadFile("old.json")
	status, _, stderr := teapot(t, "compare", "old.json", "old.json", "--out", "./old.json")
	if after, _ := os.ReadFile("old.json"); status != cli.StatusBadInput ||
		!strings.Contains(stderr, "read or written already") || string(after) != string(before) {
		t.Errorf("status %d, %s", status, stderr)
	}
}
