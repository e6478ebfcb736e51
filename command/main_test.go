package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
)

// teapot runs the command line in a folder of its own and returns what it
// printed.
func teapot(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = calling(t.Context(), args, strings.NewReader(""), &out, &err)
	return status, out.String(), err.String()
}

// inFolder makes a folder with files the working one.
func inFolder(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

const scenario = `name: little
about: ten flags
seed: 1
clock: virtual
server:
  latency: uniform(1s, 2s)
  faults: [{kind: status, status: 418, rate: 0.3}, {kind: reset, from: 1ns, until: 2ns}] # so that the plan alone has no figures
workload: {task: download, flags: all, limit: 10}
executors:
  - {kind: sequential}
  - {kind: pool, workers: [2, 5]}
expect:
  order: submission
  speedup: {over: sequential, at_least: 1.5}
  p99: "<= 2.1s"
`

func TestRun(t *testing.T) {
	inFolder(t, map[string]string{"s/little.yaml": scenario})
	status, stdout, stderr := teapot(t, "run", "s", "--json", "out.json")
	if status != cli.StatusHolds || !strings.Contains(stdout, "3 runs, 0 violations") ||
		!strings.Contains(stdout, "report: teapot-report.html") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if !strings.Contains(stderr, "little/pool/5 ok\n") {
		t.Errorf("no line for a run:\n%s", stderr)
	}
	page, err := os.ReadFile("teapot-report.html")
	if err != nil || !bytes.Contains(page, []byte("little")) {
		t.Errorf("the page: %v", err)
	}
	if recs := recordings(t, "out.json"); len(recs) != 3 || len(recs[2].Samples) != 10 || recs[2].Speedup < 1.5 {
		t.Errorf("%d recordings", len(recs))
	}
}

func recordings(t *testing.T, name string) []*record.Recording {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, recs, err := reports.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return recs
}

func TestOnly(t *testing.T) {
	inFolder(t, map[string]string{"little.yaml": scenario, "other.yaml": strings.Replace(scenario,
		"little", "other", 1)})
	for only, want := range map[string]int{"little": 3, "little/pool": 2, "other/pool/5": 1, "little/sequential": 1} {
		if _, stdout, _ := teapot(t, "run", ".", "--only", only); !strings.Contains(stdout, "\n"+
			cli.Plural(want, "run")+", 0 violations") {
			t.Errorf("--only %s:\n%s", only, stdout)
		}
	}
	_, stdout, _ := teapot(t, "run", ".", "--only", "little/pool", "--only", "other/sequential", "--only",
		"little/pool/2")
	if !strings.Contains(stdout, "\n3 runs, 0 violations") {
		t.Errorf("several --only:\n%s", stdout)
	}
	if status, _, stderr := teapot(t, "run", ".", "--only", "litle"); status != cli.StatusBadInput ||
		!strings.Contains(stderr, "little/pool/5") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// TestReproduce makes expectations false one at a time, and runs the command
// that the violation gives.
func TestReproduce(t *testing.T) {
	for name, edit := range map[string][2]string{
		"speedup":  {"at_least: 1.5", "at_least: 2.1"},
		"p99":      {"<= 2.1s", "<= 1.5s"},
		"outcomes": {"order: submission", "outcomes: {ok: 9, error: 1}"},
	} {
		inFolder(t, map[string]string{"a folder/little.yaml": strings.Replace(scenario, edit[0], edit[1], 1)})
		status, stdout, _ := teapot(t, "run", "a folder", "--json", "1.json")
		if status != cli.StatusViolated {
			t.Errorf("%s: status %d\n%s", name, status, stdout)
			continue
		}
		var v record.Violation
		for _, rec := range recordings(t, "1.json") {
			if len(rec.Violations) > 0 {
				v = rec.Violations[0]
			}
		}
		line := strings.Split(strings.Replace(scenario, edit[0], edit[1], 1), "\n")[v.Line-1]
		if v.Check != name || v.File != "a folder/little.yaml" || !strings.Contains(line, name) {
			t.Errorf("%s: %v, at the line %q", name, v, line)
		}
		args, ok := strings.CutPrefix(v.Reproduce, started().self()+" ")
		if !ok {
			t.Fatalf("%s: reproduce with %q", name, v.Reproduce)
		}
		if status, stdout, stderr := teapot(t, append(shellWords(args), "--json",
			"2.json")...); status != cli.StatusViolated {
			t.Fatalf("%s: %s gave status %d\n%s%s", name, v.Reproduce, status, stdout, stderr)
		}
		if got := recordings(t, "2.json")[0].Violations[0]; !reflect.DeepEqual(got, v) {
			t.Errorf("%s: reproduced %v, want %v", name, got, v)
		}
	}
}

// shellWords splits a command whose only quotes are single ones around whole
// words.
func shellWords(command string) []string {
	var words []string
	for _, w := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(command, -1) {
		words = append(words, strings.Trim(w, "'"))
	}
	return words
}

// TestEqualSeeds wants equal recordings from equal seeds, whatever the machine
// does, and others from another seed, also where the highest rate is found.
func TestEqualSeeds(t *testing.T) {
	inFolder(t, map[string]string{"little.yaml": scenario, "find.yaml": `name: knee
clock: virtual
server: {latency: "uniform(20ms, 60ms)", capacity: {concurrent: 4, queue: 8}, body: 1KB}
workload: {task: download, keys: {count: 20}, arrivals: {poisson: find, for: 1s}}
find: {rate: [10/s, 400/s], within: 20%}
executors: [{kind: async}]
expect: {latency: {p99: "<= 150ms"}}
`})
	runs := func(seed string) (host, runs string) {
		if status, stdout, stderr := teapot(t, "run", ".", "--seed", seed, "--json", "out.json",
			"--report="); status != 0 {
			t.Fatalf("status %d\n%s%s", status, stdout, stderr)
		}
		text, err := os.ReadFile("out.json")
		if err != nil {
			t.Fatal(err)
		}
		host, runs, _ = strings.Cut(string(text), `"runs"`)
		return host, runs
	}
	_, first := runs("1")
	for procs := 1; procs <= 4; procs++ {
		before := runtime.GOMAXPROCS(procs)
		_, again := runs("1")
		runtime.GOMAXPROCS(before)
		if again != first {
			t.Errorf("GOMAXPROCS=%d: another recording", procs)
		}
	}
	if _, other := runs("2"); other == first {
		t.Error("another seed gave the same recording")
	}
	if !json.Valid([]byte(`{"runs"` + first)) {
		t.Error("not JSON")
	}
}

func TestBadInput(t *testing.T) {
	inFolder(t, map[string]string{
		"good/little.yaml": scenario,
		"bad/a.yaml":       strings.Replace(scenario, "latency", "lattency", 1),
		"bad/b.yaml":       strings.Replace(scenario, "rate: 0.3", "rate: 1.5", 1),
		"twin/a.yaml":      scenario,
		"empty/readme.txt": "none",
	})
	for _, tt := range []struct {
		args string
		want []string
	}{
		{"run bad", []string{
			"bad/a.yaml:6:3:", `"lattency"`, "latency, latencies, spend", "bad/b.yaml:7:", `"1.5"`,
			"above 0 and at most 1",
		}},
		{"check bad good", []string{"bad/a.yaml:6:3:", "bad/b.yaml:7:"}},
		{"run empty", []string{"empty: no scenario", "*.yaml"}},
		{"run nowhere good", []string{"nowhere", "no such file", "want a scenario file"}},
		{"run good twin", []string{"twin/a.yaml", `"little"`, "good/little.yaml"}},
		{"run", []string{"<path>", "Usage:"}},
		{"", []string{"run", "check", "Usage:"}},
		{"walk good", []string{"walk", "want a command: teapot --help lists them"}},
		{"run good --clock wall", []string{"--clock wall: want real, virtual or auto", "Usage:"}},
		{"run good --seed x", []string{"--seed", "Usage:"}},
		{"run good --seed -1", []string{"--seed", "Usage:"}},
		{"run good --fast", []string{"--fast", "Usage:"}},
		{"run good --only none", []string{"--only none", "little/sequential"}},
		{"run good --json nowhere/x.json", []string{"nowhere/x.json"}},
		{"run good --report good", []string{"report good: is a directory"}},
		{"run good --report /nope/x.html --json /nope/x.json", []string{
			"report /nope/x.html: no such file",
			"report /nope/x.json: no such file",
		}},
		{"run good --report x --json ./x", []string{"--json ./x", "want another"}},
		{"run good --json good/little.yaml", []string{"good/little.yaml: that is a scenario of this run"}},
		{"check /dev/null", []string{"/dev/null", "want a scenario file"}},
	} {
		status, stdout, stderr := teapot(t, strings.Fields(tt.args)...)
		if status != cli.StatusBadInput {
			t.Errorf("teapot %s: status %d\n%s%s", tt.args, status, stdout, stderr)
		}
		for _, want := range tt.want {
			if !strings.Contains(stderr, want) {
				t.Errorf("teapot %s: no %q in\n%s", tt.args, want, stderr)
			}
		}
		if strings.Contains(stderr, "little/sequential ok") || strings.Contains(stderr, ".tmp") {
			t.Errorf("teapot %s: something was run, or an unknown file named\n%s", tt.args, stderr)
		}
		if _, err := os.Stat("teapot-report.html"); err == nil {
			t.Errorf("teapot %s: a report", tt.args)
		}
	}
}

func TestCheck(t *testing.T) {
	inFolder(t, map[string]string{"good/little.yaml": scenario})
	status, stdout, stderr := teapot(t, "check", "good", "good/little.yaml")
	if want := "good/little.yaml: little: 3 runs\n1 scenario, no mistake\n"; status != cli.StatusHolds ||
		stdout != want || stderr != "" {
		t.Errorf("status %d, %q %q", status, stdout, stderr)
	}
	inFolder(t, map[string]string{"much.yaml": strings.Replace(scenario, "limit: 10", "limit: 1000", 1)})
	const warning = "much.yaml:8: warning: workload.limit: 1000: there are only 194 keys\n"
	if status, _, stderr := teapot(t, "check", "much.yaml"); status != cli.StatusHolds || stderr != "teapot: "+warning {
		t.Errorf("status %d, %q", status, stderr)
	}
}

func TestHelp(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"--help", "Usage: teapot <command>"},
		{"run --help", "Usage: teapot run"},
		{"check -h", "Usage: teapot check"},
		{"help", "Usage: teapot <command>"},
		{"help run", "Usage: teapot run"},
		{"help check --fix", "Usage: teapot check"},
	} {
		if status, stdout, stderr := teapot(t, strings.Fields(tt.args)...); status != cli.StatusHolds ||
			!strings.Contains(stdout, tt.want) || stderr != "" {
			t.Errorf("%v: status %d, %.200q, %q", tt.args, status, stdout, stderr)
		}
	}
	for args, want := range map[string]string{
		"help brew": "unexpected argument brew\nteapot: want a command: teapot --help lists them\n", "run help": "help",
	} {
		if status, stdout, stderr := teapot(t, strings.Fields(args)...); status != cli.StatusBadInput || stdout != "" ||
			!strings.Contains(stderr, want) {
			t.Errorf("%v: status %d, %q, %.200q", args, status, stdout, stderr)
		}
	}
}

// TestQuiet prints nothing where nothing is wrong.
func TestQuiet(t *testing.T) {
	inFolder(t, map[string]string{"little.yaml": scenario, "wrong/wrong.yaml": strings.Replace(scenario,
		"2.1s", "1.1s", 1)})
	if status, stdout, stderr := teapot(t, "run", "little.yaml", "-q"); status != cli.StatusHolds || stdout != "" ||
		stderr != "" {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	if status, stdout, stderr := teapot(t, "run", "wrong", "-q"); status != cli.StatusViolated ||
		!strings.Contains(stdout, "p99") || stderr != "" {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}

// TestInterrupt wants the exit status of an interrupt, and a report of what was
// measured until then.
func TestInterrupt(t *testing.T) {
	inFolder(t, map[string]string{"little.yaml": strings.NewReplacer(
		"clock: virtual", "clock: real", "uniform(1s, 2s)", "uniform(1ms, 2ms)", "workers: [2, 5]", "workers: 2",
		`  p99: "<= 2.1s"`, "",
	).Replace(scenario) + "\n", "slow.yaml": strings.NewReplacer(
		"little", "slow", "clock: virtual", "clock: real", "uniform(1s, 2s)", "1h", `  p99: "<= 2.1s"`, "",
	).Replace(scenario)})
	ctx, cancel := context.WithCancel(t.Context())
	var stdout, stderr bytes.Buffer
	var third atomic.Bool
	watch := writerFunc(func(p []byte) (int, error) {
		if bytes.Contains(p, []byte("little/pool/2")) {
			third.Store(true)
		}
		return stderr.Write(p)
	})
	asked := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) {
		if third.Load() {
			cancel() // the third run waits an hour for its first flag
		}
	}})
	status := calling(asked, []string{"run", ".", "--json", "out.json"}, strings.NewReader(""), &stdout, watch)
	if status != cli.StatusInterrupted || !strings.Contains(stderr.String(), "interrupted in run 3 of 5") {
		t.Errorf("status %d\n%s", status, stderr.String())
	}
	if _, again, _ := strings.Cut(stdout.String(), "\nagain: "); !strings.HasSuffix(strings.SplitN(again, "\n", 2)[0],
		" run . --json out.json") {
		t.Errorf("no command runs again what was not begun:\n%s", stdout.String())
	}
	recs := recordings(t, "out.json")
	if len(recs) != 3 || recs[0].Interrupted || recs[0].Outcomes[record.OutcomeOK] == 0 || !recs[2].Interrupted ||
		len(recs[2].Violations) != 0 {
		t.Errorf("%d recordings", len(recs))
	}
	if _, err := os.Stat("teapot-report.html"); err != nil {
		t.Error(err)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestClosedPipe stands for a reader that has seen enough: the verdict and the
// reports are as without it.
func TestClosedPipe(t *testing.T) {
	inFolder(t, map[string]string{"little.yaml": scenario})
	closed := writerFunc(func([]byte) (int, error) {
		return 0, &os.PathError{
			Op: "write", Path: "stdout",
			Err: syscall.EPIPE,
		}
	})
	if status := calling(t.Context(), []string{"run", "."}, strings.NewReader(""), closed,
		closed); status != cli.StatusHolds {
		t.Errorf("status %d", status)
	}
	if _, err := os.Stat("teapot-report.html"); err != nil {
		t.Error(err)
	}
	full := writerFunc(func([]byte) (int, error) { return 0, errors.New("disk full") })
	var stderr bytes.Buffer
	if status := calling(t.Context(), []string{"run", "."}, strings.NewReader(""), full,
		&stderr); status != cli.StatusBadInput || !strings.Contains(stderr.String(), "disk full") {
		t.Errorf("status %d, %s", status, stderr.String())
	}
}

// TestMessages has the words of mistakes that a library words otherwise.
func TestMessages(t *testing.T) {
	inFolder(t, nil)
	for line, want := range map[string]string{
		"run --clock fast":  "teapot: --clock fast: want real, virtual or auto",
		"run nofile.yaml":   "teapot: nofile.yaml: no such file or directory: want a scenario file, ",
		"check nofile.yaml": "teapot: nofile.yaml: no such file or directory: want a scenario file, ",
		"compare a b":       "teapot: a: no such file or directory: want a file that teapot run has written",
	} {
		if status, _, stderr := teapot(t, strings.Fields(line)...); status != cli.StatusBadInput ||
			!strings.HasPrefix(stderr, want) {
			t.Errorf("teapot %s: status %d, %s, want %s", line, status, stderr, want)
		}
	}
}
