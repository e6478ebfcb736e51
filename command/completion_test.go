package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// TestCompletion has every shell that is here complete command lines of the
// program.
func TestCompletion(t *testing.T) {
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "teapot"), "../cmd/teapot")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	for shell, ask := range map[string]string{
		"bash": `source <(teapot completion bash); COMP_WORDS=(teapot LINE); ` +
			`COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _teapot; printf '%s\n' "${COMPREPLY[@]}"`,
		"fish": `teapot completion fish | source; complete -C "teapot LINE"`,
		// Only a keystroke makes zsh complete: here its script is read, and
		// told what words there are.
		"zsh": `compdef() { :; }; compadd() { shift; print -l -- ${(P)1}; }; _files() { :; }; ` +
			`source <(teapot completion zsh); words=(teapot LINE); CURRENT=${#words}; _teapot`,
	} {
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("no %s in PATH", shell)
			}
			for line, want := range map[string]string{
				"ser": "serve", "run --clo": "--clock", "serve err": "ERROR",
				"run --clock virt": "virtual",
			} {
				out, err := exec.Command(shell, "-c", strings.ReplaceAll(ask, "LINE", line)).CombinedOutput()
				if got := strings.TrimSpace(string(out)); err != nil || got != want {
					t.Errorf("%q: got %q, want %q: %v", line, got, want, err)
				}
			}
		})
	}
}

// TestSuggestions wants the command that was meant.
func TestSuggestions(t *testing.T) {
	for typed, want := range map[string]string{
		"srve": "serve", "repotr": "report", "run --clok": "--clock",
		"loitr": "loiter",
	} {
		if status, _, stderr := teapot(t, strings.Fields(typed)...); status != cli.StatusBadInput ||
			!strings.Contains(stderr, `did you mean`) || !strings.Contains(stderr, want) {
			t.Errorf("teapot %s: status %d, %s", typed, status, strings.SplitN(stderr, "\n", 2)[0])
		}
	}
}
