//go:build unix

package command

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// TestCurlTask has curl be the task, with its exit statuses.
func TestCurlTask(t *testing.T) {
	installed(t, "curl")
	const curl = `name: curl
server:
  protocol: PROTOCOL
  faults:
    - {kind: status, status: 503, keys: [BR]}
    - {kind: truncate, keys: [CN]}
    - {kind: refuse, keys: [US]}
    - {kind: reset, keys: [FR]}
    - {kind: empty, keys: [ES]}
workload:
  task:
    command: [curl, --silent, --show-error, --fail, --header, "Teapot-Task: {task}", "{url}"]
    exit: {7: refused, 18: truncated, 22: [status, not_found], 52: reset, 56: [reset, truncated]}
    output: body
    proxy: PROXY
  flags: [BR, CN, US, FR, ES, ZZ, SE, SE]
executors: [{kind: pool, workers: 4}]
`
	for name, tt := range map[string]struct {
		edits  []string
		status int
		want   string
	}{
		"right": {nil, cli.StatusHolds, "ok        2      6"},
		"by users": {
			[]string{"flags: [", "users: 3\n  iterations: 3\n  think: 5ms\n  flags: ["},
			cli.StatusHolds,
			"ok        2      7",
		},
		"over TLS":        {[]string{"PROTOCOL", "https"}, cli.StatusHolds, ""},
		"through a proxy": {[]string{"PROXY", "true", "    - {kind: refuse, keys: [US]}\n", ""}, cli.StatusHolds, ""},
		"without --fail":  {[]string{"--fail, ", ""}, cli.StatusViolated, "BR ok"},
		"a part":          {[]string{`"{url}"]`, `--range, 0-99, "{url}"]`}, cli.StatusUnknown, "some parts of"},
		"a status without a class": {
			[]string{"18: truncated, ", ""},
			cli.StatusUnknown,
			"exit status 18 of the command has no class",
		},
		"a wrong class": {[]string{"18: truncated", "18: timeout"}, cli.StatusViolated, "CN timeout"},
		"a failure of a success": {
			[]string{`"{url}"]`, `--bad-option, "{url}"]`},
			cli.StatusViolated,
			"exit status 2, which has no class",
		},
		"no request": {[]string{"command: [curl, ", `command: ["true", `}, cli.StatusViolated, "no request came"},
	} {
		t.Run(name, func(t *testing.T) {
			edits := append(tt.edits, "PROTOCOL", "http", "PROXY", "false")
			inFolder(t, map[string]string{"curl.yaml": strings.NewReplacer(edits...).Replace(curl)})
			status, stdout, stderr := teapot(t, "run", "curl.yaml", "--report=")
			if status != tt.status || !strings.Contains(stdout, tt.want) {
				t.Errorf("status %d, want %d and %q\n%s%s", status, tt.status, tt.want, stdout, stderr)
			}
		})
	}
}

const shellScenario = `name: shell
deadline: 3s
server: {faults: [{kind: status, status: 503, keys: [BR]}]}
workload: {task: {command: [sh, task.sh, "{url}"]}, flags: [BR, CN]}
executors: [{kind: pool, workers: 2}]
`

// ended reports whether the process ends whose number a file has.
func ended(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for pid := range strings.FieldsSeq(string(text)) {
		n, err := strconv.Atoi(pid)
		if err != nil {
			t.Fatal(err)
		}
		stat, _ := os.ReadFile("/proc/" + pid + "/stat") // one of init's children may wait for init
		if !errors.Is(syscall.Kill(n, 0), syscall.ESRCH) && !bytes.Contains(stat, []byte(") Z ")) {
			t.Errorf("process %d goes on", n)
		}
	}
}

// TestStuckTask gives up a program that does not end, and ends it with its
// children.
func TestStuckTask(t *testing.T) {
	inFolder(t, map[string]string{"shell.yaml": shellScenario, "task.sh": "sleep 3600 & echo $! $$ >> pids; wait\n"})
	status, stdout, _ := teapot(t, "run", "shell.yaml", "--report=")
	if status != cli.StatusViolated || !strings.Contains(stdout, "deadlock") {
		t.Errorf("status %d\n%s", status, stdout)
	}
	ended(t, "pids")
}

// TestInterruptedTask interrupts a run while its programs work.
func TestInterruptedTask(t *testing.T) {
	inFolder(t, map[string]string{
		"shell.yaml": strings.Replace(shellScenario, "deadline: 3s", "deadline: 1h", 1),
		"task.sh":    "sleep 3600 & echo $! $$ >> pids; wait\n",
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var running sync.WaitGroup
	var stdout, stderr bytes.Buffer
	status := 0
	running.Go(func() {
		status = calling(ctx, []string{"run", "shell.yaml", "--report="}, strings.NewReader(""), &stdout, &stderr)
	})
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if text, _ := os.ReadFile("pids"); bytes.Count(text, []byte("\n")) == 2 {
			break
		}
		<-tick.C
	}
	cancel()
	running.Wait()
	if status != cli.StatusInterrupted {
		t.Errorf("status %d\n%s%s", status, stdout.String(), stderr.String())
	}
	ended(t, "pids")
}

// TestMissingProgram wants one error, with its place, before anything runs.
func TestMissingProgram(t *testing.T) {
	inFolder(t, map[string]string{
		"shell.yaml": strings.Replace(shellScenario, "[sh, task.sh", "[teapot-no-such-program, task.sh", 1),
	})
	status, stdout, stderr := teapot(t, "run", "shell.yaml")
	if status != cli.StatusBadInput || stdout != "" || strings.Count(stderr, "no such program in PATH") != 1 ||
		!strings.HasPrefix(stderr, "teapot: shell.yaml:4:29: ") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

// TestVirtualTask asks for the virtual clock: a program cannot run under it.
func TestVirtualTask(t *testing.T) {
	inFolder(t, map[string]string{"shell.yaml": shellScenario, "task.sh": "exit 0\n"})
	_, stdout, _ := teapot(t, "run", "shell.yaml", "--report=", "--clock", "virtual")
	if !strings.Contains(stdout, "does not reach other processes") {
		t.Errorf("got\n%s", stdout)
	}
	inFolder(t, map[string]string{"shell.yaml": "clock: virtual\n" + shellScenario})
	if status, _, stderr := teapot(t, "check", "shell.yaml"); status != cli.StatusBadInput ||
		!strings.Contains(stderr, "does not reach other processes, servers or drivers: want real or auto") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}
