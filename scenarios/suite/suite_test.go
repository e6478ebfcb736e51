package suite_test

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
)

// A run is what a suite of testdata printed and left.
type run struct {
	folder string // of the suite
	temp   string // the temporary folder of its processes
	out    string
	passed bool
}

// program is Ginkgo's, which the go command keeps.
var program string

// suites are the folders of testdata whose suites Ginkgo runs. They are
// compiled at once and without debug information, as go test does it: most of a
// run would be linking.
var suites = []string{"bad", "flaky", "killed", "outside", "own", "plain"}

func TestMain(m *testing.M) { os.Exit(compiled(m.Run)) }

// compiled calls run with the suites compiled.
func compiled(run func() int) int {
	os.Unsetenv("GITHUB_ACTIONS") // where a suite prints more
	os.Unsetenv("GITLAB_CI")
	program = strings.TrimSpace(mustGo("tool", "-n", "ginkgo"))
	build := []string{"test", "-c", "-ldflags=-s -w", "-o", "testdata/"}
	for _, name := range suites {
		build = append(build, "./testdata/"+name)
	}
	mustGo(build...)
	for _, name := range suites {
		file := filepath.Join("testdata", name, "suite.test")
		if err := os.Rename(filepath.Join("testdata", name+".test"), file); err != nil {
			panic(err)
		}
		defer os.Remove(file)
	}
	return run()
}

func mustGo(args ...string) string {
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		panic(err)
	}
	return string(out)
}

// ginkgo runs a suite of testdata in its folder, as a user would.
func ginkgo(t *testing.T, folder string, args ...string) run {
	t.Helper()
	return ginkgoIn(t, t.TempDir(), folder, args...)
}

func ginkgoIn(t *testing.T, temp, folder string, args ...string) run {
	t.Helper()
	args = append(append([]string{"--no-color"}, args...), "suite.test")
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = filepath.Join("testdata", folder)
	cmd.Env = append(os.Environ(), "TMPDIR="+temp, "TMP="+temp)
	for _, name := range []string{"teapot-report.html", "teapot-report.json"} {
		t.Cleanup(func() { _ = os.Remove(filepath.Join(cmd.Dir, name)) })
	}
	out, err := cmd.CombinedOutput()
	return run{cmd.Dir, temp, string(out), err == nil}
}

// recordings returns the runs of the report that a suite has left.
func (r run) recordings(t *testing.T) []*record.Recording {
	t.Helper()
	f, err := os.Open(filepath.Join(r.folder, "teapot-report.json"))
	if err != nil {
		t.Fatalf("%v\n%s", err, r.out)
	}
	defer f.Close()
	_, recs, err := reports.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return recs
}

func (r run) names(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, rec := range r.recordings(t) {
		names = append(names, rec.Scenario+"/"+rec.Name())
	}
	return names
}

// left lists what a suite has left in its temporary folder.
func (r run) left(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(r.temp, "teapot-*"))
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

func (r run) says(t *testing.T, texts ...string) {
	t.Helper()
	for _, want := range texts {
		if !strings.Contains(r.out, want) {
			t.Errorf("no %q in\n%s", want, r.out)
		}
	}
}

const reproduce = "go test -count=1 ./scenarios/suite/testdata/own" +
	" -ginkgo.label-filter='scenario:wrong && executor:mine && workers:4'"

func TestSuite(t *testing.T) {
	all := []string{"right/sequential", "right/mine/4", "right/mine/8", "wrong/mine/4"}
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{nil, all},
		{[]string{"-p", "--randomize-all"}, all},
		{[]string{"--label-filter=executor:mine && scenario:right", "--repeat=1"}, all[1:3]},
		{[]string{"--label-filter=workers:8 && clock:virtual"}, all[2:3]},
		{[]string{"-p", "--focus-file=right.yaml"}, all[:3]},
	} {
		r := ginkgo(t, "own", tt.args...)
		if got := r.names(t); !slices.Equal(got, tt.want) {
			t.Errorf("ginkgo %v: reported %v, want %v\n%s", tt.args, got, tt.want, r.out)
		}
		if left := r.left(t); len(left) > 0 {
			t.Errorf("ginkgo %v: left %v", tt.args, left)
		}
		if wrong := slices.Contains(tt.want, "wrong/mine/4"); r.passed == wrong {
			t.Errorf("ginkgo %v: passed %v\n%s", tt.args, r.passed, r.out)
		} else if !wrong {
			continue
		}
		r.says(t, "scenarios/suite/testdata/own/wrong.yaml:11: classification: got 6 × ok: ",
			", want 6 × status 503", "wrong.yaml:12: p99: ", reproduce)
		page, err := os.ReadFile(filepath.Join(r.folder, "teapot-report.html"))
		if err != nil || !strings.Contains(string(page), "wrong.yaml") {
			t.Errorf("ginkgo %v: the page: %v", tt.args, err)
		}
	}
}

// TestReproduce pastes the command of the violation, at the module's root.
func TestReproduce(t *testing.T) {
	t.Parallel() // after all that run in the same folder
	cmd := exec.CommandContext(t.Context(), "sh", "-c", reproduce)
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.CombinedOutput()
	ran := strings.Contains(string(out), "Ran 1 of 4 Specs")
	if err == nil || !ran || !strings.Contains(string(out), "wrong.yaml:11: classification") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, name := range []string{"teapot-report.html", "teapot-report.json"} {
		_ = os.Remove(filepath.Join("testdata", "own", name))
	}
}

// A junit is what --junit-report writes of each spec.
type junit struct {
	Cases []struct {
		Name    string `xml:"name,attr"`
		Text    string `xml:",innerxml"`
		Failure *struct {
			Message     string `xml:"message,attr"`
			Description string `xml:",chardata"`
		} `xml:"failure"`
	} `xml:"testsuite>testcase"`
}

// TestJUnit wants nothing of a recording in Ginkgo's own report, and each
// failure at the line of the scenario file that expects otherwise.
func TestJUnit(t *testing.T) {
	for _, args := range [][]string{
		nil, {"-p"}, {"--flake-attempts=2"}, {"-p", "--flake-attempts=2", "--github-output"},
	} {
		file := filepath.Join(t.TempDir(), "junit.xml")
		r := ginkgo(t, "own", append(args, "--output-dir="+filepath.Dir(file), "--junit-report=junit.xml")...)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v\n%s", err, r.out)
		}
		var report junit
		if err := xml.Unmarshal(text, &report); err != nil {
			t.Fatal(err)
		}
		line, err := filepath.Abs(filepath.Join(r.folder, "wrong.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		failures := 0
		for _, c := range report.Cases {
			if c.Failure == nil {
				if len(c.Text) > 1000 {
					t.Errorf("ginkgo %v: %d bytes of a pass:\n%s", args, len(c.Text), c.Text)
				}
				continue
			}
			failures++
			got := c.Failure.Message
			if strings.Count(got, "reproduce: ") != 1 || strings.Count(got, "wrong.yaml:1") != 2 {
				t.Errorf("ginkgo %v: want two violations and one way to reproduce them:\n%s", args, got)
			}
			if at := "at: " + line + ":11 "; !strings.Contains(c.Failure.Description, at) {
				t.Errorf("ginkgo %v: no %q in\n%s", args, at, c.Failure.Description)
			}
		}
		if len(report.Cases) != 5 || failures != 1 {
			t.Errorf("ginkgo %v: %d specs and %d failures, want 5 and 1", args, len(report.Cases), failures)
		}
		if slices.Contains(args, "--github-output") {
			r.says(t, "::error file="+line+",line=11::")
		}
		if got := r.names(t); len(got) != 4 {
			t.Errorf("ginkgo %v: reported %v, want each run once", args, got)
		}
		if left := r.left(t); len(left) > 0 {
			t.Errorf("ginkgo %v: left %v", args, left)
		}
	}
}

// TestFlakeAttempts wants the last attempt in the report, and no other.
func TestFlakeAttempts(t *testing.T) {
	for _, args := range [][]string{nil, {"--flake-attempts=3"}, {"-p", "--flake-attempts=3"}} {
		r := ginkgo(t, "flaky", args...)
		recs := r.recordings(t)
		wrong := 0
		if args == nil {
			wrong = 1
		}
		if len(recs) != 1 || len(recs[0].Violations) != wrong || r.passed == (wrong == 1) {
			t.Errorf("ginkgo %v: passed %v, and reported %d runs\n%s", args, r.passed, len(recs), r.out)
		}
		if left := r.left(t); len(left) > 0 {
			t.Errorf("ginkgo %v: left %v", args, left)
		}
	}
}

// TestKilled kills a process of a suite. Ginkgo skips the report then: what has
// been kept for it stays until another suite, a day later.
func TestKilled(t *testing.T) {
	r := ginkgo(t, "killed", "-p")
	r.says(t, "a Ginkgo parallel process disappeared")
	left := r.left(t)
	if r.passed || len(left) != 1 {
		t.Fatalf("passed %v and left %v\n%s", r.passed, left, r.out)
	}
	next := ginkgoIn(t, r.temp, "own", "--focus-file=right.yaml")
	if got := next.left(t); !slices.Equal(got, left) || len(next.names(t)) != 3 {
		t.Errorf("the next suite left %v, want %v\n%s", got, left, next.out)
	}
	old := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(left[0], old, old); err != nil {
		t.Fatal(err)
	}
	next = ginkgoIn(t, r.temp, "own", "--focus-file=right.yaml")
	if got := next.left(t); len(got) > 0 || len(next.names(t)) != 3 {
		t.Errorf("the suite a day later left %v\n%s", got, next.out)
	}
}

// TestPlain has a test that runs no specs in the folder of a suite. Parallel
// processes drop what it prints, so that the suite warns of it.
func TestPlain(t *testing.T) {
	const reason, warning = "the reason", "TestPlain, FuzzPlain: every parallel process runs these plain tests"
	for _, args := range [][]string{nil, {"-p"}} {
		r := ginkgo(t, "plain", args...)
		said, warned := strings.Contains(r.out, reason), strings.Contains(r.out, warning)
		if r.passed || said == warned || warned != (args != nil) {
			t.Errorf("ginkgo %v: passed %v, said the reason %v, warned %v\n%s", args, r.passed, said, warned, r.out)
		}
	}
	if r := ginkgo(t, "own", "-p"); strings.Contains(r.out, "warning") {
		t.Errorf("a warning of no plain tests:\n%s", r.out)
	}
}

// TestBadFiles wants every mistake of every file, and nothing run, whatever a
// filter leaves out.
func TestBadFiles(t *testing.T) {
	for _, args := range [][]string{nil, {"--label-filter=scenario:one && executor:pool"}, {"-p", "--focus=nothing"}} {
		r := ginkgo(t, "bad", args...)
		if r.passed {
			t.Errorf("ginkgo %v: passed\n%s", args, r.out)
		}
		r.says(t, "scenarios/suite/testdata/bad/one.yaml:2:1:", `"wrokload"`,
			"scenarios/suite/testdata/bad/two.yaml:3:", `"-1"`, "of 1 Specs")
		if args == nil {
			r.says(t, filepath.Join(r.folder, "one.yaml")+":2 @")
		}
		if _, err := os.Stat(filepath.Join("testdata", "bad", "teapot-report.html")); err == nil {
			t.Errorf("ginkgo %v: a report of nothing", args)
		}
	}
}

// TestIsolation has code that ends its process, or spoils it for later runs,
// under the virtual clock. Each is the verdict of its own case, with the place.
func TestIsolation(t *testing.T) {
	unsure := map[string]string{
		"lock-virtual": "cannot be judged under the virtual clock, " +
			"github.com/teapot-go/teapot/scenarios/suite/testdata/outside_test.underLock (outside_test.go:",
		"worker-virtual": "cannot be judged under the virtual clock, the process died of " +
			`"receive on synctest channel from outside bubble" at ` +
			"github.com/teapot-go/teapot/scenarios/suite/testdata/outside_test.onWorker.func1 (outside_test.go:",
	}
	wrong := map[string]string{
		"panics-virtual": `the process died of "panic: spilt" at ` +
			"github.com/teapot-go/teapot/scenarios/suite/testdata/outside_test.panics.func1 (outside_test.go:",
		"exits-virtual": `the process died of "exit status 7"`,
	}
	for _, args := range [][]string{nil, {"-p"}} {
		r := ginkgo(t, "outside", args...)
		recs := r.recordings(t)
		if len(recs) != 7 {
			t.Errorf("ginkgo %v: %d recordings, want 7\n%s", args, len(recs), r.out)
		}
		for _, rec := range recs {
			want := unsure[rec.Scenario]
			told := strings.HasSuffix(rec.Limit, ": use clock: real")
			if !strings.HasPrefix(rec.Limit, want) || told != (want != "") {
				t.Errorf("ginkgo %v: %s: limit %q, want %q", args, rec.Scenario, rec.Limit, want)
			}
			want = wrong[rec.Scenario]
			if !strings.HasPrefix(rec.Deadlock, want) || (want != "") != (len(rec.Violations) > 0) {
				t.Errorf("ginkgo %v: %s: deadlock %q, violations %v, want %q", args, rec.Scenario, rec.Deadlock,
					rec.Violations, want)
			}
		}
		if left := r.left(t); len(left) > 0 {
			t.Errorf("ginkgo %v: left %v", args, left)
		}
	}
}
