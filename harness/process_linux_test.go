package harness

import (
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

func TestReadStat(t *testing.T) {
	for _, tt := range []struct{ line, name, started string }{
		{"7 (sleep) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21", "sleep", "4711"},
		{"7 (a) (b c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21", "a) (b c", "4711"},
		{"7 (cut) S 1 2", "cut", ""},
		{"7 )(", "", ""},
		{"", "", ""},
	} {
		if name, started := readStat(tt.line); name != tt.name || started != tt.started {
			t.Errorf("%q: got %q, %q, want %q, %q", tt.line, name, started, tt.name, tt.started)
		}
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
