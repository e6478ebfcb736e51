package command

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/reports"
)

// TestFollow sends signals at times, and wants the first to end the run, and
// the end at once of one that comes a second after it or later.
func TestFollow(t *testing.T) {
	const never = time.Hour
	for name, tt := range map[string]struct {
		at   []time.Duration
		want time.Duration // of the end at once
	}{
		"one":               {[]time.Duration{0}, never},
		"two together":      {[]time.Duration{0, 0}, never},
		"two in a moment":   {[]time.Duration{0, time.Millisecond}, never},
		"many in a second":  {[]time.Duration{0, 1, 2, 5 * time.Millisecond, again - 1}, never},
		"a second later":    {[]time.Duration{0, again}, again},
		"a minute later":    {[]time.Duration{0, time.Minute}, time.Minute},
		"many, and a later": {[]time.Duration{0, 0, time.Millisecond, 2 * again, 3 * again}, 2 * again},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				signals, s, began := make(chan os.Signal, 1), newStop(), time.Now()
				go s.follow(signals)
				for _, at := range tt.at {
					time.Sleep(time.Until(began.Add(at)))
					signals <- syscall.SIGTERM
					synctest.Wait()
					if s.soft.Err() == nil {
						t.Error("the run goes on")
					}
					if ended := s.hard.Err() != nil; ended != (at >= tt.want) {
						t.Errorf("ended at once: %t after %v, want it after %v", ended, at, tt.want)
					}
					if s.hard.Err() != nil {
						return
					}
				}
				close(signals)
			})
		})
	}
}

// slow is a scenario whose run takes longer than any test.
const slow = `name: slow
clock: real
server: {latency: 300ms}
workload: {task: download, flags: all}
executors: [{kind: pool, workers: 1}]
`

// TestRepeatedSignal sends a run the same signal several times, as GNU timeout
// does, and wants its results.
func TestRepeatedSignal(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("slow.yaml", []byte(slow), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		name := strconv.Itoa(i) + ".json"
		cmd := exec.CommandContext(t.Context(), self, "run", "slow.yaml", "--live", "--report=", "--json", name)
		cmd.Env = append(os.Environ(), called+"=1")
		said, err := cmd.StderrPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(said)
		for lines.Scan() && !strings.Contains(lines.Text(), "live at") {
		}
		for range i + 1 {
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Skipf("the system has no such signal: %v", err)
			}
		}
		var rest []string
		for lines.Scan() {
			rest = append(rest, lines.Text())
		}
		_ = cmd.Wait() // the status is below
		if status := cmd.ProcessState.ExitCode(); status != cli.StatusInterrupted {
			t.Errorf("%d signals: %v, want status %d: %q", i+1, cmd.ProcessState, cli.StatusInterrupted, rest)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("%d signals: %v", i+1, err)
		} else if _, recs, err := reports.Read(bytes.NewReader(text)); err != nil || len(recs) > 1 {
			t.Errorf("%d signals: %d recordings (%v), want those of the runs that began", i+1, len(recs), err)
		}
	}
	if left, _ := filepath.Glob("*.tmp"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestAtOnce ends commands at once while they write, and wants no file of
// theirs, whole or half.
func TestAtOnce(t *testing.T) {
	recorded(t)
	for _, args := range []string{
		"run s --report out.html", "run s --report= --json out.json", "run s --report= --out out.csv",
		"run s --report= --baseline run.json --comparison out.html", "hunt s --seeds 2 --json out.json",
		"hunt s --seeds 2 --out out.csv", "loiter 0 --clock virtual --out out.json",
	} {
		hard, end := context.WithCancel(t.Context())
		end()
		var stderr bytes.Buffer
		status := run(t.Context(), &cli.Console{
			Stdin: strings.NewReader(""), Stdout: new(bytes.Buffer), Stderr: &stderr,
			Name: "teapot", Self: "teapot", Args: strings.Fields(args), Hard: hard,
		})
		if status == cli.StatusHolds || !strings.Contains(stderr.String(), "context canceled") {
			t.Errorf("teapot %s: status %d, %s", args, status, stderr.String())
		}
		if left, _ := filepath.Glob("*out*"); len(left) > 0 {
			t.Errorf("teapot %s left behind: %v", args, left)
		}
	}
}

// TestRemoveFolders wants the temporary folders of this process to go, and no
// others.
func TestRemoveFolders(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("TMP", os.Getenv("TMPDIR"))
	own := strconv.Itoa(os.Getpid())
	for name, stays := range map[string]bool{
		"teapot-case-" + own + "-1": false, "teapot-against-" + own + "-23": false,
		"teapot-case-1" + own + "-1": true, "teapot-case-" + own + "0-1": true, "other-case-" + own + "-1": true,
	} {
		folder := filepath.Join(os.TempDir(), name)
		if err := os.MkdirAll(filepath.Join(folder, "in"), 0o700); err != nil {
			t.Fatal(err)
		}
		removeFolders()
		if _, err := os.Stat(folder); (err == nil) != stays {
			t.Errorf("%s: stays %t, want %t", name, err == nil, stays)
		}
	}
}
