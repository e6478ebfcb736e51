//go:build unix

package command

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// TestIrregularFiles gives commands a named pipe that no program writes to, and
// wants an error, at once.
func TestIrregularFiles(t *testing.T) {
	recorded(t)
	for _, name := range []string{"p.yaml", "in/p.yaml"} {
		if err := os.MkdirAll("in", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Skip(err)
		}
	}
	if err := os.Symlink("p.yaml", "link"); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"check in":                    "in/p.yaml: not a regular file",
		"run in":                      "in/p.yaml: not a regular file",
		"serve --scenario in/p.yaml":  "p.yaml",
		"check p.yaml":                "p.yaml: neither a file nor a folder",
		"check link":                  "link: neither a file nor a folder",
		"run p.yaml":                  "p.yaml: neither a file nor a folder",
		"report p.yaml":               "p.yaml: not a regular file",
		"report link":                 "link: not a regular file",
		"report /dev/null":            "/dev/null: not a regular file",
		"compare p.yaml run.json":     "p.yaml: not a regular file",
		"compare run.json p.yaml":     "p.yaml: not a regular file",
		"trend p.yaml":                "p.yaml: not a regular file",
		"run s --baseline p.yaml":     "p.yaml: not a regular file",
		"report in/../p.yaml":         "p.yaml: not a regular file",
		"report /dev/fd/../../p.yaml": "p.yaml: no such file",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		var stdout, stderr strings.Builder
		status := calling(ctx, strings.Fields(args), strings.NewReader(""), &stdout, &stderr)
		cancel()
		if status != cli.StatusBadInput || !strings.Contains(stderr.String(), want) || stdout.Len() > 0 {
			t.Errorf("teapot %s: status %d, no %q in\n%s%s", args, status, want, stdout.String(), stderr.String())
		}
	}
}

// TestDescriptors reads what a shell passes for <(command): a pipe that is open
// already.
func TestDescriptors(t *testing.T) {
	recorded(t)
	text, err := os.ReadFile("run.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"report /dev/fd/%d --format csv", "report /dev/fd//%d --format csv", "compare /dev/fd/%d run.json",
		"compare run.json /dev/fd/%d", "run s --report= --baseline /dev/fd/%d",
	} {
		from, to, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		written := make(chan error)
		go func() {
			_, err := to.Write(text)
			to.Close()
			written <- err
		}()
		args = fmt.Sprintf(args, from.Fd())
		if _, err := os.Stat(fmt.Sprintf("/dev/fd/%d", from.Fd())); err != nil {
			t.Skip(err)
		}
		status, _, stderr := teapot(t, strings.Fields(args)...)
		from.Close()
		if err := <-written; status != cli.StatusHolds || err != nil {
			t.Errorf("teapot %s: status %d, %v, %s", args, status, err, stderr)
		}
	}
}
