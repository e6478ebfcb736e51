package command

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
)

func calm(int) float64 { return 1 }

// inHistory makes a folder history with n recordings of the scenario little
// under the real clock, a day apart. The run takes as many times as long as its
// level says, with a noise of less than a percent.
func inHistory(t *testing.T, n int, level func(i int) float64) {
	t.Helper()
	if err := os.RemoveAll("history"); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("history/later", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("history/first.json", littleRecorded(), 0o644); err != nil {
		t.Fatal(err)
	}
	host, recs, err := new(cli.Console).ReadRecordings("history/first.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove("history/first.json"); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		r := *recs[0]
		r.Clock, r.Samples = record.Real, slices.Clone(recs[0].Samples)
		factor := level(i) * (1 + 0.002*random.NormFloat64())
		for k := range r.Samples {
			s := &r.Samples[k]
			for _, at := range []*time.Duration{&s.Started, &s.Finished, &s.Delivered} {
				*at = time.Duration(float64(*at) * factor)
			}
			s.Head = 0
		}
		r.Summarize()
		host.Commit, host.Started = fmt.Sprintf("commit-%d", i+1), time.Date(2026, 5, 1+i, 0, 0, 0, 0, time.UTC)
		file := fmt.Sprintf("history/%03d.json", n-i) // not in the order of their names
		if i%5 == 4 {
			file = fmt.Sprintf("history/later/%03d.json.gz", i)
		}
		if err := reports.WriteFile(file, reports.JSON(host, []*record.Recording{&r})); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTrend wants the exit status to be the verdict, and what is no recording
// in a folder left out or refused.
func TestTrend(t *testing.T) {
	inFolder(t, nil)
	after := func(at int) func(int) float64 { return func(i int) float64 { return 1 + 0.2*float64(min(1, i/at)) } }
	nothing := func(*testing.T) {}
	for _, test := range []struct {
		name   string
		make   func(t *testing.T)
		args   string
		status int
		want   []string
	}{
		{"calm", func(t *testing.T) { inHistory(t, 40, calm) }, "history", cli.StatusHolds, []string{
			"40 recordings, 2026-05-01 to 2026-06-09: Nothing has become worse",
		}},
		{"worse", func(t *testing.T) { inHistory(t, 40, after(20)) }, "history", cli.StatusViolated, []string{
			"is slower: makespan +20 %",
			"since commit commit-21 of 2026-05-21 (recording 21), after commit commit-20 ",
		}},
		{
			"the same file and folder twice", nothing, "history history/later ./history/002.json history",
			cli.StatusViolated,
			[]string{"\n40 recordings, "},
		},
		{"accepted", nothing, "history --last 18", cli.StatusHolds, []string{"18 recordings"}},
		{"within the tolerance", nothing, "history --tolerance 30%", cli.StatusHolds, []string{"40 recordings"}},
		{"too few", func(t *testing.T) { inHistory(t, 4, calm) }, "history", cli.StatusUnknown, []string{
			"a verdict needs ",
		}},
		{"files", nothing, "history/001.json history/002.json", cli.StatusUnknown, []string{"2 recordings"}},
		{"other JSON", func(t *testing.T) {
			files := map[string]string{"package.json": `{"name": "x"}`, "empty.json": "", "notes.txt": "x"}
			for name, text := range files {
				if err := os.WriteFile("history/"+name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}, "history", cli.StatusUnknown, []string{
			"4 recordings", "history: 2 files of JSON that are no recordings are left out",
		}},
		{"named", nothing, "history/package.json", cli.StatusBadInput, []string{
			"history/package.json: not a recording",
		}},
		{"broken", func(t *testing.T) {
			text, err := os.ReadFile("history/001.json")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile("history/broken.json", text[:len(text)/2], 0o644); err != nil {
				t.Fatal(err)
			}
		}, "history", cli.StatusBadInput, []string{"history/broken.json: not a recording"}},
		{"nothing", nothing, "none", cli.StatusBadInput, []string{
			"none: no such file", "want a file that teapot run has written",
		}},
		{"an empty folder", func(t *testing.T) {
			if err := os.Mkdir("bare", 0o755); err != nil {
				t.Fatal(err)
			}
		}, "bare", cli.StatusBadInput, []string{"bare: holds no recording: want files"}},
		{"over an input", nothing, "history --out history/001.json", cli.StatusBadInput, []string{"history/001.json"}},
		{"no such folder", nothing, "history/001.json --out no/x.html", cli.StatusBadInput, []string{"no/x.html"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.make(t)
			status, stdout, stderr := teapot(t, append([]string{"trend"}, strings.Fields(test.args)...)...)
			if status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			for _, want := range test.want {
				if !strings.Contains(stdout+stderr, want) {
					t.Errorf("no %q in\n%s%s", want, stdout, stderr)
				}
			}
		})
	}
}

// TestTrendFormats writes the trend as a page and as JSON, by name and by
// --format.
func TestTrendFormats(t *testing.T) {
	inFolder(t, nil)
	inHistory(t, 40, calm)
	for args, holds := range map[string]string{
		"--out x.html": "<!doctype html>", "--format html --out y": "<!doctype html>",
		"--out x.json": `"teapot.trend/1"`, "--format json --out z.html": `"teapot.trend/1"`,
		"--out x.txt": "\n40 recordings, ", "--out x.html.gz": "\x1f\x8b",
	} {
		status, stdout, stderr := teapot(t, append([]string{"trend", "history"}, strings.Fields(args)...)...)
		if status != cli.StatusHolds || stdout+stderr != "" {
			t.Errorf("%s: status %d, %s%s", args, status, stdout, stderr)
		}
		file := filepath.Clean(args[strings.LastIndex(args, " ")+1:])
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), holds) {
			t.Errorf("%s: no %q: %v", args, holds, err)
		}
	}
	var read struct{ Histories []struct{ Verdict string } }
	_, stdout, _ := teapot(t, "trend", "history", "--format", "json", "--out", "-")
	if err := json.Unmarshal([]byte(stdout), &read); err != nil || read.Histories[0].Verdict != "same" {
		t.Errorf("%v: %+v", err, read)
	}
}
