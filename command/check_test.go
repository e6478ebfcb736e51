package command

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

const misspelled = `# five teas
name: little
clok: virtual   # é
server: {latency: uniform(1s, 2s)}
workload: {task: downlod, flags: "[BR, CN]", limt: 2}   # of them
executors:
  - {kind: pool, workers: "2"}
expect:
  efficiency: >= 0.5
`

const mended = `# five teas
name: little
clock: virtual   # é
server: {latency: "uniform(1s, 2s)"}
workload: {task: download, flags: [BR, CN], limit: 2}   # of them
executors:
  - {kind: pool, workers: 2}
expect:
  efficiency: ">= 0.5"
`

// TestFix mends files in place, and tells what it has changed.
func TestFix(t *testing.T) {
	for _, lineEnd := range []string{"\n", "\r\n"} {
		in := func(text string) string { return "\ufeff" + strings.ReplaceAll(text, "\n", lineEnd) }
		inFolder(t, map[string]string{
			"s/little.yaml": in(misspelled), "s/right.yaml": strings.Replace(scenario, "little", "right", 1),
			"s/.hidden.yaml": misspelled, "other.yaml": strings.Replace(misspelled, "little", "other", 1),
		})
		before := tree(t)
		right, _ := os.Stat("s/right.yaml")
		status, stdout, stderr := teapot(t, "check", "--fix", "s", "other.yaml")
		if status != cli.StatusHolds || stderr != "" || !strings.HasSuffix(stdout, "3 scenarios, no mistake\n") {
			t.Fatalf("status %d\n%s%s", status, stdout, stderr)
		}
		want := `fixed s/little.yaml:3:1: "clok" is now "clock"
fixed s/little.yaml:4:19: "uniform(1s, 2s)" is now "\"uniform(1s, 2s)\""
fixed s/little.yaml:5:18: "downlod" is now "download"
fixed s/little.yaml:5:34: "\"[BR, CN]\"" is now "[BR, CN]"
fixed s/little.yaml:5:46: "limt" is now "limit"
fixed s/little.yaml:7:27: "\"2\"" is now "2"
fixed s/little.yaml:9:15: ">= 0.5" is now "\">= 0.5\""
`
		if want += strings.ReplaceAll(want, "s/little", "other"); !strings.HasPrefix(stdout, want) {
			t.Errorf("got\n%swant\n%s", stdout, want)
		}
		if text, err := os.ReadFile("s/little.yaml"); err != nil || string(text) != in(mended) {
			t.Errorf("%v: got\n%s", err, text)
		}
		if text, err := os.ReadFile("s/.hidden.yaml"); err != nil || string(text) != misspelled {
			t.Errorf("%v: got\n%s", err, text)
		}
		if now, _ := os.Stat("s/right.yaml"); !os.SameFile(right, now) || !slices.Equal(before, tree(t)) {
			t.Errorf("a right file was written, or another: %q", tree(t))
		}
	}
}

// TestFixLeaves wants what has no one right answer left, as an error.
func TestFixLeaves(t *testing.T) {
	inFolder(t, map[string]string{"a.yaml": strings.Replace(misspelled, "little", "Little Tea", 1)})
	if err := os.Chmod("a.yaml", 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a.yaml", "link.yaml"); err != nil {
		t.Skip(err)
	}
	status, stdout, stderr := teapot(t, "check", "--fix", "link.yaml")
	if status != cli.StatusBadInput || strings.Count(stdout, "fixed link.yaml:") != 7 ||
		strings.Contains(stdout, "no mistake") ||
		!strings.Contains(stderr, `teapot: link.yaml:2:7: name: "Little Tea": want lower-case`) {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	text, err := os.ReadFile("a.yaml")
	if err != nil || string(text) != strings.Replace(mended, "little", "Little Tea", 1) {
		t.Errorf("%v: got\n%s", err, text)
	}
	info, err := os.Lstat("a.yaml")
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if link, err := os.Readlink("link.yaml"); err != nil || link != "a.yaml" {
		t.Errorf("the link is gone: %q, %v", link, err)
	}
	// A second time there is nothing to do.
	before, _ := os.Stat("a.yaml")
	status, stdout, _ = teapot(t, "check", "--fix", "a.yaml")
	if now, _ := os.Stat("a.yaml"); status != cli.StatusBadInput || stdout != "" || !os.SameFile(before, now) {
		t.Errorf("status %d\n%s", status, stdout)
	}
}

// TestFixRefuses has inputs that cannot be written.
func TestFixRefuses(t *testing.T) {
	inFolder(t, map[string]string{"s/a.yaml": misspelled})
	status, stdout, stderr := teapotReading(t, misspelled, "check", "--fix", "-")
	if status != cli.StatusBadInput || stdout != "" || !strings.Contains(stderr, "-:9:15: ") ||
		!strings.Contains(stderr, "--fix: the standard input cannot be written") {
		t.Errorf("-: status %d\n%s%s", status, stdout, stderr)
	}
	if status, stdout, _ := teapotReading(t, scenario, "check", "--fix", "-"); status != cli.StatusHolds {
		t.Errorf("a right one: status %d\n%s", status, stdout)
	}
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		return // every folder can be written to
	}
	if err := os.Chmod("s", 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod("s", 0o700)
	status, _, stderr = teapot(t, "check", "--fix", "s")
	if text, err := os.ReadFile(filepath.Join("s", "a.yaml")); status != cli.StatusBadInput || err != nil ||
		string(text) != misspelled || !strings.Contains(stderr, "permission denied") {
		t.Errorf("status %d, %s, %v\n%s", status, stderr, err, text)
	}
}

// TestNoCommand wants no line to be a command to a CI server where the name of
// a file is one: neither of what a command finds nor of its mistakes.
func TestNoCommand(t *testing.T) {
	for _, name := range []string{"::error title=x::y.yaml", "##[error]y.yaml"} {
		inFolder(t, map[string]string{
			name:               scenario,
			"mistakes/" + name: "name: x\n" + strings.TrimSuffix(name, ".yaml") + ": 5\nfoo: 1\nbar: 1\n",
		})
		for _, args := range [][]string{
			{"check", name},
			{"check", "."},
			{"report", name},
			{"compare", name, name},
			{"trend", name},
			{"check", "mistakes"},
			{"run", "mistakes"},
			{"hunt", "mistakes"},
		} {
			_, stdout, stderr := teapot(t, args...)
			for line := range strings.Lines(stdout + stderr) {
				begin := strings.TrimSpace(line)
				if strings.HasPrefix(begin, "::") || strings.HasPrefix(begin, "##") {
					t.Errorf("%s: a line is %q", args, line)
				}
			}
			if !strings.Contains(stdout+stderr, strings.TrimSuffix(name, ".yaml")) {
				t.Errorf("%s: the file is not told: %s%s", args, stdout, stderr)
			}
		}
	}
}
