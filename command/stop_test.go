package command

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/reports"
)

// TestPanic wants a panic of a command to end the program, and not to pass for
// success.
func TestPanic(t *testing.T) {
	defer func() {
		if got := recover(); got != "tea" {
			t.Errorf("recovered %v, want the panic of the command", got)
		}
	}()
	broken := writerFunc(func([]byte) (int, error) { panic("tea") })
	status := calling(t.Context(), []string{"completion", "bash"}, strings.NewReader(""), broken, io.Discard)
	t.Errorf("status %d of a command that panicked", status)
}

// TestStop interrupts commands that read what never comes, or write what is
// never read, and wants none of their files.
func TestStop(t *testing.T) {
	recorded(t)
	text, err := os.ReadFile("run.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"report -", "report - --out out.html", "compare - run.json --out out.html", "compare run.json -",
		"check -", "run -", "hunt -", "trace -", "trace - -o out.csv", "learn -",
		"run s --baseline -",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		from, to := io.Pipe()
		var stdout, stderr bytes.Buffer
		stuck := readerFunc(func(p []byte) (int, error) { cancel(); return from.Read(p) })
		status := calling(ctx, strings.Fields(args), stuck, &stdout, &stderr)
		to.Close()
		if status != cli.StatusInterrupted || stdout.Len() > 0 || stderr.String() != "teapot: interrupted\n" {
			t.Errorf("teapot %s: status %d, %q, %q", args, status, stdout.String(), stderr.String())
		}
	}
	for _, args := range []string{"report run.json", "report - --format csv", "compare run.json run.json", "check s"} {
		ctx, cancel := context.WithCancel(t.Context())
		from, to := io.Pipe()
		var stderr bytes.Buffer
		stuck := writerFunc(func(p []byte) (int, error) { cancel(); return to.Write(p) })
		status := calling(ctx, strings.Fields(args), bytes.NewReader(text), stuck, &stderr)
		from.Close()
		if status != cli.StatusInterrupted || stderr.String() != "teapot: interrupted\n" {
			t.Errorf("teapot %s: status %d, %q", args, status, stderr.String())
		}
	}
	if left, _ := filepath.Glob("out*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestStopReport interrupts a report in its middle: the file stays what it was.
func TestStopReport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out.json")
	if err := os.WriteFile(file, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	report := cli.StopReport(ctx, func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		cancel()
		return err
	})
	if err := reports.WriteFile(file, report); err == nil {
		t.Error("half a report passed for a whole one")
	}
	files, _ := os.ReadDir(filepath.Dir(file))
	if text, err := os.ReadFile(file); string(text) != "before" || err != nil || len(files) != 1 {
		t.Errorf("got %q (%v) and %d files", text, err, len(files))
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestStandardInput reads a scenario from the standard input.
func TestStandardInput(t *testing.T) {
	inFolder(t, nil)
	for args, want := range map[string]string{
		"check -":         "-: little: 3 runs\n1 scenario, no mistake\n",
		"run - --report=": "3 runs, 0 violations",
		"check - -":       "1 scenario, no mistake\n",
	} {
		var stdout, stderr bytes.Buffer
		if status := calling(t.Context(), strings.Fields(args), strings.NewReader(scenario), &stdout,
			&stderr); status != cli.StatusHolds ||
			!strings.Contains(stdout.String(), want) {
			t.Errorf("teapot %s: status %d, %s%s", args, status, stdout.String(), stderr.String())
		}
	}
	var stdout, stderr bytes.Buffer
	wrong := strings.NewReader(strings.Replace(scenario, "latency", "lattency", 1))
	if status := calling(t.Context(), []string{"check", "-"}, wrong, &stdout, &stderr); status != cli.StatusBadInput ||
		!strings.Contains(stderr.String(), `-:6:3: `) {
		t.Errorf("status %d, %s", status, stderr.String())
	}
}

// TestUnread prints to a reader that has gone away: that is no error.
func TestUnread(t *testing.T) {
	closed := writerFunc(func([]byte) (int, error) {
		return 0, &os.PathError{
			Op: "write", Path: "stdout",
			Err: syscall.EPIPE,
		}
	})
	recorded(t)
	for _, args := range []string{
		"--help", "run --help", "flags -h", "completion bash", "complete -- ser", "check s", "report run.json",
		"report run.json --format html", "compare run.json run.json", "loiter 0 --clock virtual",
		"primes 1 7 --executor pool", "loiter --yaml",
	} {
		var stderr bytes.Buffer
		status := calling(t.Context(), strings.Fields(args), strings.NewReader(""), closed, &stderr)
		if status != cli.StatusHolds || stderr.Len() > 0 {
			t.Errorf("teapot %s: status %d, %s", args, status, stderr.String())
		}
	}
}
