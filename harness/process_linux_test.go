package harness

import (
	"errors"
	"io"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestReadStat(t *testing.T) {
	for _, tt := range []struct{ line, name, state, started string }{
		{"7 (sleep) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21", "sleep", "S", "4711"},
		{"7 (a) (b c) T 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21", "a) (b c", "T", "4711"},
		{"7 (cut) S 1 2", "cut", "", ""},
		{"7 )(", "", "", ""},
		{"", "", "", ""},
	} {
		name, state, started := readStat(tt.line)
		if name != tt.name || state != tt.state || started != tt.started {
			t.Errorf("%q: got %q, %q, %q, want %q, %q, %q", tt.line, name, state, started, tt.name, tt.state,
				tt.started)
		}
	}
}

// TestStoppedChildren stops a process, and has it go on.
func TestStoppedChildren(t *testing.T) {
	before := childProcesses()
	cmd := exec.Command("cat")
	in, err := cmd.StdinPipe()
	if err := errors.Join(err, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close(); _ = cmd.Wait() }()
	for _, step := range []struct {
		signal syscall.Signal
		want   int
	}{{syscall.SIGSTOP, 1}, {syscall.SIGCONT, 0}} {
		if err := cmd.Process.Signal(step.signal); err != nil {
			t.Fatal(err)
		}
		for len(stoppedChildren(before)) != step.want { // a signal takes its time
			if err := t.Context().Err(); err != nil {
				t.Fatal(err)
			}
			runtime.Gosched()
		}
		found := stoppedChildren(before)
		if len(found) > 0 && (found[0].name != "cat" || found[0].pid != strconv.Itoa(cmd.Process.Pid)) {
			t.Errorf("got %v, want cat, %d", found[0], cmd.Process.Pid)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Signal(syscall.SIGCONT) }()
	if found := stoppedChildren(childProcesses()); len(found) > 0 {
		t.Errorf("got %v, which is from before", found)
	}
}

// TestChildRenamed has a child process execute another program: it stays the
// same child.
func TestChildRenamed(t *testing.T) {
	before := childProcesses()
	cmd := exec.Command("sh", "-c", "echo; read go; exec cat")
	in, noIn := cmd.StdinPipe()
	out, noOut := cmd.StdoutPipe()
	if err := errors.Join(noIn, noOut, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close(); _ = cmd.Wait() }()
	var seen []string
	for _, word := range []string{"go\n", "cat\n"} {
		if _, err := out.Read(make([]byte, 8)); err != nil {
			t.Fatal(err)
		}
		for c, name := range childProcesses() {
			if _, old := before[c]; !old {
				seen = append(seen, c.pid+" "+c.started+" "+name)
			}
		}
		if _, err := io.WriteString(in, word+word); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 2 || strings.TrimSuffix(seen[0], " sh") != strings.TrimSuffix(seen[1], " cat") {
		t.Errorf("got %q, want one process, as sh and as cat", seen)
	}
}
