package command

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// recorded makes a folder with one recording, run.json.
func recorded(t *testing.T) {
	t.Helper()
	inFolder(t, map[string]string{"s/little.yaml": scenario})
	if status, _, stderr := teapot(t, "run", "s", "--json", "run.json", "--report=", "-q"); status != cli.StatusHolds {
		t.Fatalf("status %d: %s", status, stderr)
	}
}

func TestReport(t *testing.T) {
	recorded(t)
	text, err := os.ReadFile("run.json")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("text", func(t *testing.T) {
		if status, stdout, stderr := teapot(t, "report", "run.json", "run.json"); status != cli.StatusHolds ||
			!strings.HasSuffix(stdout, "6 runs, 0 violations\n") || stderr != "" {
			t.Errorf("status %d, %q\n%s", status, stderr, stdout)
		}
	})
	t.Run("every format", func(t *testing.T) {
		findings := map[string]string{"annotations": "", "codequality": "[]\n"} // of a run that is ok
		for name := range cli.Formats {
			status, stdout, stderr := teapot(t, "report", "run.json", "--format", name)
			none, isOf := findings[name]
			shown := strings.Contains(strings.ToLower(stdout), "little") || isOf && stdout == none
			if status != cli.StatusHolds || !shown || stderr != "" {
				t.Errorf("%s: status %d, %q, %.100s", name, status, stderr, stdout)
			}
		}
	})
	t.Run("by name", func(t *testing.T) {
		for extension, format := range cli.ByExtension {
			file := "by-name" + extension
			if status, stdout, stderr := teapot(t, "report", "run.json", "--out", file); status != cli.StatusHolds ||
				stdout+stderr != "" {
				t.Errorf("%s: status %d, %q", file, status, stderr)
			}
			_, want, _ := teapot(t, "report", "run.json", "--format", format)
			if got, err := os.ReadFile(file); err != nil || string(got) != want {
				t.Errorf("%s: not what --format %s prints: %v", file, format, err)
			}
		}
	})
	t.Run("compressed", func(t *testing.T) {
		for _, extension := range []string{".gz", ".zst"} {
			packed, page := "run.json"+extension, "page.html"+extension
			if status, stdout, stderr := teapot(t, "report", "run.json", "--out", packed, "--out", page); status !=
				cli.StatusHolds || stdout+stderr != "" {
				t.Errorf("%s: status %d, %q", extension, status, stderr)
			}
			if status, stdout, stderr := teapot(t, "report", packed, "--format", "json"); status != cli.StatusHolds ||
				stdout != string(text) || stderr != "" {
				t.Errorf("%s: status %d, %q, %.100s", packed, status, stderr, stdout)
			}
			status, _, stderr := teapot(t, "compare", packed, "run.json")
			if status == cli.StatusBadInput || stderr != "" {
				t.Errorf("compare %s: status %d, %q", packed, status, stderr)
			}
			if status, _, stderr := teapot(t, "report", page); status != cli.StatusBadInput ||
				!strings.Contains(stderr, page+": not a recording: it begins with '<'") {
				t.Errorf("report %s: status %d, %q", page, status, stderr)
			}
		}
	})
	t.Run("pairs", func(t *testing.T) {
		status, stdout, _ := teapot(t, "report", "run.json", "--format", "junit", "--out", "a", "--format", "csv",
			"--out", "b", "--format", "markdown")
		a, _ := os.ReadFile("a")
		b, _ := os.ReadFile("b")
		if status != cli.StatusHolds || !strings.HasPrefix(string(a), xml.Header) ||
			!strings.HasPrefix(string(b), "scenario,") || !strings.HasPrefix(stdout, "### ✅ teapot") {
			t.Errorf("status %d: %.50s, %.50s, %.50s", status, a, b, stdout)
		}
	})
	t.Run("again", func(t *testing.T) { // a recording is the same after it was read and written
		if _, again, _ := teapot(t, "report", "run.json", "--format", "json"); again != string(text) {
			t.Error("another recording")
		}
	})
}

// TestRunFormats has a run write the same formats, and nothing else on the
// standard output.
func TestRunFormats(t *testing.T) {
	inFolder(t, map[string]string{"s/little.yaml": scenario})
	status, stdout, stderr := teapot(t, "run", "s", "--report=", "--format", "junit", "--out", "j.xml", "--out",
		"s.csv", "--format", "csv", "--format", "bench")
	if status != cli.StatusHolds || !strings.Contains(stdout, "\ngoos: ") || strings.Contains(stdout, "violations") {
		t.Errorf("status %d, %q\n%s", status, stderr, stdout)
	}
	for _, name := range []string{"j.xml", "s.csv"} {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}

// TestContradictions has every command that reads recordings refuse those that
// no run can have written.
func TestContradictions(t *testing.T) {
	recorded(t)
	text, err := os.ReadFile("run.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ old, new, want string }{
		{`"violations": []`, `"Violations": []`, "runs[0].Violations: unknown key: want violations"},
		{`"position": 0`, `"position": 0, "position": 0`, `duplicate object member name "position"`},
		{`"makespan_ns": `, `"makespan_ns": -`, "makespan_ns: got -"},
		{`"latency_ns": {`, `"latency_ns": {"p99.9": 1, `, "latency_ns.p99.9: got 1, want none"},
		{`"seq":0,`, `"seq":1,`, "samples[0].seq: got 1, want 0"},
		{`"due_ns":0,`, `"due_ns":9223372036854775807,`, "samples[0].due_ns: got 9223372036854775807"},
	} {
		changed := strings.Replace(string(text), tt.old, tt.new, 1)
		if changed == string(text) {
			t.Fatalf("no %s in the recording", tt.old)
		}
		if err := os.WriteFile("changed.json", []byte(changed), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, args := range []string{
			"report changed.json", "compare changed.json run.json", "compare run.json changed.json",
			"run s --baseline changed.json",
		} {
			if status, stdout, stderr := teapot(t, strings.Fields(args)...); status != cli.StatusBadInput ||
				stdout != "" || !strings.Contains(stderr, "changed.json: ") || !strings.Contains(stderr, tt.want) {
				t.Errorf("teapot %s, %s: status %d, want %d and %q\n%s%s", args, tt.new, status, cli.StatusBadInput,
					tt.want, stdout, stderr)
			}
		}
	}
}

func TestBadReport(t *testing.T) {
	recorded(t)
	if err := os.WriteFile("bad.json", []byte(`{"format": "tea/1"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("cut.json", []byte(`{"format": "teapot.recording/1", "runs": [`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("none.json", []byte(`{"format": "teapot.recording/1", "host": `+
		`{"go": "", "os": "", "arch": "", "cpus": 1, "max_procs": 1, "started": "2026-11-03T14:05:09Z"}, "runs": []}`),
		0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args string
		want []string
	}{
		{"report", []string{"<recording>", "Usage:"}},
		{"report nope.json bad.json cut.json", []string{
			"nope.json", "no such file", "--json", "bad.json", `"tea/1"`,
			`"teapot.recording/1"`, "cut.json", "unexpected EOF",
		}},
		{"report none.json", []string{"none.json: holds no run"}},
		{"report s", []string{"s: ", "folder"}},
		{
			"report run.json --format tea",
			[]string{
				"--format tea",
				"annotations, bench, codequality, csv, html, json, jsonl, junit, markdown, text or trace",
			},
		},
		{"report run.json --out x.tea", []string{"--out x.tea", "--format", ".csv"}},
		{"report run.json --out run.json", []string{"--out run.json", "read or written already"}},
		{"report run.json --out a.csv --out ./a.csv", []string{"--out ./a.csv", "read or written already"}},
		{"report run.json --format csv --format text", []string{"2 formats for the standard output"}},
		{"report run.json --out no/a.csv", []string{"no/a.csv", "no such file"}},
		{"run s --format tea --out s/little.yaml", []string{"--format tea", "s/little.yaml"}},
		{"run s --json a.json --out a.json", []string{"--out a.json", "already"}},
	} {
		status, stdout, stderr := teapot(t, strings.Fields(tt.args)...)
		if status != cli.StatusBadInput || stdout != "" {
			t.Errorf("teapot %s: status %d, %q", tt.args, status, stdout)
		}
		for _, want := range tt.want {
			if !strings.Contains(stderr, want) {
				t.Errorf("teapot %s: no %q in\n%s", tt.args, want, stderr)
			}
		}
	}
	if left, _ := filepath.Glob("*.csv"); len(left) > 0 {
		t.Errorf("it has left %v", left)
	}
}
