package command

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// ownScenarios name what the program of testdata/own has.
var ownScenarios = map[string]string{
	"own/naps.yaml": `name: naps
clock: virtual
workload: {task: nap, keys: [1s, 2s, 3s]}
executors: [{kind: mine, workers: 2}, {kind: ordered, workers: 1}, {kind: pool, workers: 3}]
expect: {order: submission}
`,
	"own/fetch.yaml": `name: fetch
clock: virtual
server: {latency: 1s, faults: [{kind: status, status: 503, keys: [BR]}]}
workload: {task: fetch, flags: [BR, CN]}
executors: [{kind: sequential}]
`,
	"own/shop.yaml": `name: shop
clock: virtual
server: {latency: 1s, content: shop}
workload: {task: download, keys: [/a, /b], timeout: 3s}
executors: [{kind: sequential}]
`,
	"own/spills.yaml": `name: spills
clock: virtual
server: {latency: 1s, content: spills}
workload: {task: download, keys: [/a, /b], timeout: 3s}
executors: [{kind: sequential}]
`,
	"own/dies.yaml": `name: dies
clock: virtual
workload: {task: panics, keys: [1s, 2s]}
executors: [{kind: mine, workers: 1}, {kind: pool, workers: 2}]
`,
	"own/leaves.yaml": `name: leaves
clock: auto
workload: {task: exits, keys: [1ms]}
executors: [{kind: sequential}]
`,
	"own/compared.yaml": `name: compared
clock: virtual
workload: {task: loiter, keys: [1, 1]}
executors: [{kind: mine, workers: 1}, {kind: pool, workers: 2}]
expect: {speedup: {over: mine, at_least: 1.9}}
`,
	"own/doubles.yaml": `name: doubles
workload: {task: doubles, keys: [a, b]}
executors: [{kind: process, workers: 1}]
`,
	"hunted/gullible.yaml": `name: gullible
clock: virtual
server:
  latency: uniform(1ms, 1s)
  faults: [{kind: truncate, rate: 0.02}, {kind: status, status: 503, rate: 0.2}]
workload: {task: gullible, flags: top20}
executors: [{kind: pool, workers: 5}]
`,
	"fails.yaml": `name: fails
clock: virtual
workload: {task: fails, keys: [1s]}
executors: [{kind: mine, workers: 1}]
`,
}

// A program is a teapot with a vocabulary of its own, and its environment.
type program string

// TestOwn builds the program of testdata/own, and tries it in a folder of its
// scenarios.
func TestOwn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "my-tool")
	build := exec.Command("go", "build", "-o", file, "github.com/teapot-go/teapot/command/testdata/own")
	build.Dir = sourceFolder
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, test := range map[string]func(*testing.T, program){
		"run": testOwnRun, "comparison": testOwnComparison, "name": testOwnName, "hunt": testOwnHunt,
	} {
		t.Run(name, func(t *testing.T) {
			inFolder(t, ownScenarios)
			if err := os.Link(file, "my-tool"); err != nil {
				t.Fatal(err)
			}
			here, err := filepath.Abs("my-tool")
			if err != nil {
				t.Fatal(err)
			}
			test(t, program(here))
		})
	}
}

// sourceFolder is where the tests begin, before they change the folder.
var sourceFolder, _ = os.Getwd()

func (p program) run(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(string(p), args...)
	cmd.Args[0] = "./" + filepath.Base(string(p))
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// testOwnRun runs a program whose vocabulary has tasks, an executor and a map.
// A task that ends the process is the verdict of its case, and of no other.
func testOwnRun(t *testing.T, own program) {
	if status, stdout, stderr := own.run(t, "check", "own"); status != cli.StatusHolds ||
		!strings.Contains(stdout, "8 scenarios, no mistake") {
		t.Fatalf("check: status %d\n%s%s", status, stdout, stderr)
	}
	if status, _, stderr := teapot(t, "check", "own/naps.yaml"); status != cli.StatusBadInput ||
		!strings.Contains(stderr, "nap") {
		t.Errorf("teapot itself knows the task: status %d, %s", status, stderr)
	}
	status, stdout, stderr := own.run(t, "run", "own", "--json", "own.json")
	if status != cli.StatusViolated {
		t.Fatalf("run: status %d\n%s%s", status, stdout, stderr)
	}
	verdicts := map[string]string{}
	for _, rec := range recordings(t, "own.json") {
		for _, v := range rec.Violations {
			verdicts[rec.Case()] += v.Got
		}
		if len(rec.Violations) == 0 {
			verdicts[rec.Case()] = "ok"
		}
	}
	for name, want := range map[string]string{
		"naps/mine/2": "ok", "naps/ordered/1": "ok", "naps/pool/3": "ok", "fetch/sequential": "ok",
		"doubles/process/1": "ok", "compared/mine/1": "ok", "compared/pool/2": "ok",
		"shop/sequential":   "ok",
		"spills/sequential": `the process died of "panic: spilt"`,
		"dies/mine/1":       `the process died of "panic: spilt" at main.panics`,
		"dies/pool/2":       `the process died of "panic: spilt" at main.panics`,
		"leaves/sequential": "exit status 7",
	} {
		if !strings.Contains(verdicts[name], want) {
			t.Errorf("%s: got %q, want %q", name, verdicts[name], want)
		}
		delete(verdicts, name)
	}
	if len(verdicts) > 0 {
		t.Errorf("further cases: %v", verdicts)
	}
	again := regexp.MustCompile(`(?m)^    \./my-tool (run own/dies\.yaml --only dies/mine/1 .*)$`).
		FindStringSubmatch(stdout)
	if again == nil {
		t.Fatalf("no command runs dies/mine/1 again:\n%s", stdout)
	}
	if status, stdout, _ := own.run(t, strings.Fields(again[1])...); status != cli.StatusViolated ||
		!strings.Contains(stdout, "spilt") {
		t.Errorf("%s: status %d\n%s", again[0], status, stdout)
	}
}

// testOwnComparison repeats runs, and has builds of one program take turns.
func testOwnComparison(t *testing.T, own program) {
	if status, stdout, stderr := own.run(t, "run", "own/doubles.yaml", "--repeat", "3", "--json", "old.json",
		"--report="); status != cli.StatusHolds || len(recordings(t, "old.json")) != 3 {
		t.Fatalf("--repeat: status %d\n%s%s", status, stdout, stderr)
	}
	status, stdout, stderr := own.run(t, "run", "own/naps.yaml", "--against", "./my-tool", "--report=",
		"--json", "new.json", "--against-json", "old.json")
	if status != cli.StatusHolds || !strings.Contains(stdout, "3 cases: 3 same") {
		t.Errorf("--against: status %d\n%s%s", status, stdout, stderr)
	}
	if status, stdout, stderr := own.run(t, "compare", "old.json", "new.json"); status != cli.StatusHolds {
		t.Errorf("compare: status %d\n%s%s", status, stdout, stderr)
	}
	status, stdout, _ = own.run(t, "run", "fails.yaml", "--against", "./my-tool", "--report=")
	if status != cli.StatusViolated || !strings.Contains(stdout, "    ./my-tool run fails.yaml --only fails/mine/1 ") {
		t.Errorf("--against: status %d\n%s", status, stdout)
	}
}

// testOwnName wants a program to call itself by its own name.
func testOwnName(t *testing.T, own program) {
	for _, tt := range []struct{ args, want string }{
		{"--help", "Usage: my-tool <command>"},
		{"run --help", "Usage: my-tool run "},
		{"report --help", "\n    my-tool report run.json --out report.html "},
		{"compare --help", "\n    my-tool run scenarios --repeat 20 "},
		{"completion bash", "complete -o bashdefault -o default -F _my-tool my-tool"},
		{"version", "my-tool "},
		{"explain workload.task", "  takes    doubles, download, exits, fails, fetch, gullible, loiter, nap,\n"},
		{"explain executors.kind", "  takes    async, cluster, mine, ordered, own, pool, process, sequential\n"},
		{"--version", "my-tool "},
		{"report none.json", "a file that my-tool run has written"},
		{"rn", `my-tool: unexpected argument rn, did you mean "run"?`},
		{"check none.yaml", "my-tool: none.yaml: "},
	} {
		_, stdout, stderr := own.run(t, strings.Fields(tt.args)...)
		if !strings.Contains(stdout+stderr, tt.want) {
			t.Errorf("my-tool %s: no %q in\n%s%s", tt.args, tt.want, stdout, stderr)
		}
		if called := regexp.MustCompile(`(?m)^.*\bteapot[: ].*$`).FindString(stdout + stderr); called != "" {
			t.Errorf("my-tool %s: it is called teapot: %s", tt.args, called)
		}
	}
}

// TestGoRun has the command of a violation call a program as go run does.
func TestGoRun(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "fails.yaml")
	if err := os.WriteFile(file, []byte(ownScenarios["fails.yaml"]), 0o600); err != nil {
		t.Fatal(err)
	}
	for started, want := range map[string]string{
		"./testdata/own":         "go run github.com/teapot-go/teapot/command/testdata/own run ",
		"./testdata/own/main.go": "go run ./testdata/own run ",
	} {
		said, err := exec.Command("go", "run", started, "run", file, "--report=").Output()
		if err == nil || !strings.Contains(string(said), "\n    "+want) {
			t.Errorf("go run %s: %v, no %q in\n%s", started, err, want, said)
		}
	}
}

func TestStart(t *testing.T) {
	const (
		folder = "/home/me/work"
		exe    = "/tmp/go-build12/b001/exe/main"
		cached = "/var/cache/go/0a/0a" + "c7f1a9d1a7f4a2b4e3c6d5f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b" + "-d/mytool"
	)
	devel, version := debug.Module{Version: "(devel)"}, debug.Module{Version: "v1.2.3"}
	replaced := debug.Module{Version: "v1.2.3", Replace: &debug.Module{}}
	files := func(source string) start { return start{exe, filesOnly, debug.Module{}, source, folder} }
	for _, tt := range []struct {
		start
		name, self string
	}{
		{start{arg0: "mytool"}, "mytool", "mytool"},
		{start{arg0: "./bin/mytool"}, "mytool", "./bin/mytool"},
		{start{arg0: "./my tools/it's"}, "it's", `'./my tools/it'\''s'`},
		{start{arg0: "mytool.exe"}, "mytool", "mytool.exe"},
		{start{arg0: "go run example.com/x/cmd/mytool"}, "mytool", "go run example.com/x/cmd/mytool"},
		{
			start{arg0: "/tmp/go-build12/b001/exe/mytool", path: "example.com/x/cmd/mytool", module: devel},
			"mytool", "go run example.com/x/cmd/mytool",
		},
		{start{arg0: cached, path: "example.com/x/cmd/mytool"}, "mytool", "go run example.com/x/cmd/mytool"},
		{
			start{arg0: cached, path: "example.com/x/mytool", module: version},
			"mytool", "go run example.com/x/mytool@v1.2.3",
		},
		{
			start{arg0: cached, path: "example.com/x/mytool", module: replaced},
			"mytool", "go run example.com/x/mytool",
		},
		{files(folder + "/cmd/mytool/main.go"), "mytool", "go run ./cmd/mytool"},
		{files(folder + "/main.go"), "work", "go run ."},
		{files("/home/me/other one/main.go"), "other one", "go run '../other one'"},
		{files("command-line-arguments/main.go"), "command-line-arguments", exe},
		{files(""), "main", exe},
		{start{arg0: exe}, "main", exe},
	} {
		if runtime.GOOS == "windows" {
			t.Skip("the paths are those of other systems")
		}
		if name, self := tt.start.name(), tt.start.self(); name != tt.name || self != tt.self {
			t.Errorf("%+v: got %q, %q, want %q, %q", tt.start, name, self, tt.name, tt.self)
		}
	}
}

// TestRename looks at every help text of a program with another name.
func TestRename(t *testing.T) {
	to := &cli.Console{Name: "my-tool"}
	parser := newParser(t.Context(), to)
	for _, node := range parser.Model.Leaves(true) {
		texts := []string{node.Help, node.Detail}
		for _, f := range node.Flags {
			texts = append(texts, f.Help)
		}
		for _, p := range node.Positional {
			texts = append(texts, p.Help)
		}
		for _, text := range texts {
			if called := regexp.MustCompile(`(?m)^.*\bteapot\b[^-].*$`).FindString(text); called != "" {
				t.Errorf("%s: it is called teapot: %s", node.Name, called)
			}
		}
	}
}
