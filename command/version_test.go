package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

func TestVersion(t *testing.T) {
	for _, arg := range []string{"version", "--version"} {
		status, stdout, stderr := teapot(t, arg)
		if status != cli.StatusHolds || stderr != "" || !strings.HasPrefix(stdout, "teapot ") ||
			!strings.Contains(stdout, runtime.Version()) {
			t.Errorf("teapot %s: status %d, %q, %q", arg, status, stdout, stderr)
		}
	}
}

// TestLoiterOrder wants the lines of one instant in one order.
func TestLoiterOrder(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, args := range []string{"", "1 1 1 0 0 2 1 --as-completed", "1 1 1 1 1 1 --executor async"} {
		var first string
		for i := range 20 {
			runtime.GOMAXPROCS([]int{1, 4}[i%2])
			_, stdout, stderr := teapot(t, append(strings.Fields("loiter --clock virtual"), strings.Fields(args)...)...)
			if first == "" {
				first = stdout
			}
			if stdout != first || stderr != "" {
				t.Fatalf("teapot loiter %s: run %d printed\n%s%s\nand the first\n%s", args, i, stdout, stderr, first)
			}
		}
	}
}

// TestVersionOfCheckout wants a build in a git checkout to name the commit. Go
// looks for a folder .git, which a worktree does not have.
func TestVersionOfCheckout(t *testing.T) {
	if info, err := os.Stat("../.git"); err != nil || !info.IsDir() {
		t.Skip("no git checkout")
	}
	commit, err := exec.Command("git", "rev-parse", "HEAD").Output()
	if err != nil {
		t.Skipf("git: %v", err)
	}
	program := filepath.Join(t.TempDir(), "teapot")
	build := exec.Command("go", "build", "-buildvcs=true", "-o", program, "../cmd/teapot")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(program, "version").Output()
	if want := strings.TrimSpace(string(commit)); err != nil || !strings.Contains(string(out), " "+want+" ") {
		t.Errorf("got %q (%v), want the commit %s", out, err, want)
	}
}
