//go:build unix

package command

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// requests is what a Python needs whose requests is right: with urllib3 before
// 2 it takes a truncated body for a whole one.
const requests = `requests, urllib3; assert int(urllib3.__version__.split(".")[0]) >= 2`

// python returns a Python that has a module, or skips the test.
func python(t *testing.T, module string) string {
	t.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3"} { // Debian's has Debian's packages
		if exec.Command(name, "-c", "import "+module).Run() == nil {
			return name
		}
	}
	if os.Getenv("CI") != "" && module != requests {
		t.Fatalf("no Python that has %s", module)
	}
	t.Skipf("no Python that has %s", module)
	return ""
}

// installed returns a program's name, or skips the test.
func installed(t *testing.T, name string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no %s in PATH", name)
		}
		t.Skipf("no %s in PATH", name)
	}
	return name
}

// java returns a Java that compiles what it runs, or skips the test: a compiler
// is too much for CI to install.
func java(t *testing.T) string {
	t.Helper()
	if exec.Command("java", "--list-modules").Run() != nil || exec.Command("javac", "-version").Run() != nil {
		t.Skip("no Java that has a compiler")
	}
	return "java"
}

// foreignClients are clients in other languages, each with the command that
// runs it. A client with lines does all tasks in one process.
var foreignClients = []struct {
	name    string
	command func(t *testing.T) string
	lines   bool
	bugs    []string
}{
	{"urllib", func(t *testing.T) string { return python(t, "urllib") + ", with_urllib.py" }, true, allBugs},
	{"httpx", func(t *testing.T) string { return python(t, "httpx") + ", with_httpx.py" }, true, allBugs},
	{"requests", func(t *testing.T) string { return python(t, requests) + ", with_requests.py" }, true, allBugs},
	{"fetch", func(t *testing.T) string { return installed(t, "node") + ", with_fetch.mjs" }, true, allBugs},
	{"curl", func(t *testing.T) string { installed(t, "curl"); return "sh, with_curl.sh" }, false, allBugs},
	{"Java", func(t *testing.T) string { return java(t) + ", WithHttpClient.java" }, true, someBugs},
	{"urllib apart", func(t *testing.T) string { return python(t, "urllib") + ", with_urllib.py" }, false, someBugs},
	{"fetch apart", func(t *testing.T) string { return installed(t, "node") + ", with_fetch.mjs" }, false, someBugs},
}

// The bugs of the clients, and none; and those that are tried where each task
// takes a process of its own.
var (
	allBugs  = []string{"", "swallows", "truncated", "retries"}
	someBugs = []string{"", "truncated"}
)

const foreignScenario = `name: foreign
seed: 7
server:
  latency: uniform(1ms, 10ms)
  faults:
    - {kind: status, status: 503, keys: [BR], attempts: 1}
    - {kind: status, status: 503, keys: [US]}
    - {kind: status, status: 400, keys: [IN]}
    - {kind: truncate, keys: [CN]}
workload:
  task: {command: [%s], %s}
  flags: [BR, US, IN, CN, FR, ZZ]
  retry: {attempts: 3, on: [5xx, truncated]}
executors: [{kind: pool, workers: 2}]
`

// clientFiles are the clients of testdata, by their names.
func clientFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, pattern := range []string{"*.py", "*.mjs", "*.sh", "*.java"} {
		names, err := filepath.Glob("testdata/clients/" + pattern)
		if err != nil || names == nil {
			t.Fatal(names, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(name)] = string(text)
		}
	}
	return files
}

// TestForeignBatch runs a whole program in Python, right and wrong.
func TestForeignBatch(t *testing.T) {
	files := clientFiles(t)
	files["crawl.yaml"] = fmt.Sprintf(`name: crawl
seed: 7
server:
  latency: uniform(1ms, 10ms)
  faults:
    - {kind: status, status: 503, keys: [BR], attempts: 1}
    - {kind: status, status: 503, keys: [US]}
    - {kind: truncate, keys: [CN]}
workload:
  batch: {command: [%s, crawl.py, "{workers}"]}
  flags: [BR, US, IN, CN, FR, ZZ]
  retry: {attempts: 3, on: [5xx, truncated]}
executors: [{kind: own, workers: 2}]
expect: {order: submission}
`, python(t, "urllib"))
	inFolder(t, files)
	for bug, want := range map[string]string{
		"": "", "unordered": "out of order: got", "loses": "lost", "twice": "doubled: got", "dies": "no more tea",
		"swallows": "US ok", "truncated": "CN ok",
	} {
		t.Setenv("CLIENT_BUG", bug)
		status, stdout, stderr := teapot(t, "run", "crawl.yaml", "--report=", "-q")
		right := cli.StatusViolated
		switch bug {
		case "":
			right = cli.StatusHolds
		case "dies":
			right = cli.StatusUnknown // a program may give up
		}
		if status != right || !strings.Contains(strings.ReplaceAll(stdout, "\n    got  ", ": got"), want) {
			t.Errorf("bug %q: status %d, want %d and %q\n%s%s", bug, status, right, want, stdout, stderr)
		}
	}
}

// TestForeign runs clients in other languages, right and wrong.
func TestForeign(t *testing.T) {
	files := clientFiles(t)
	found := map[string]string{
		"swallows": "US ok", "truncated": "CN ok", "retries": "IN attempt 2 came after a status of 400",
	}
	for _, client := range foreignClients {
		t.Run(client.name, func(t *testing.T) {
			command, how := client.command(t), "output: report"
			if client.lines {
				how = "lines: true"
			} else {
				command += `, "{url}"`
			}
			files["foreign.yaml"] = fmt.Sprintf(foreignScenario, command, how)
			inFolder(t, files)
			for _, bug := range client.bugs {
				t.Setenv("CLIENT_BUG", bug)
				right := cli.StatusHolds
				if bug != "" {
					right = cli.StatusViolated
				}
				status, stdout, stderr := teapot(t, "run", "foreign.yaml", "--report=", "-q")
				if status != right || !strings.Contains(stdout, found[bug]) {
					t.Errorf("bug %q: status %d, want %d and %q\n%s%s", bug, status, right, found[bug], stdout, stderr)
				}
			}
		})
	}
}
