package command

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/chapter"
	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/executor/process"
	"github.com/teapot-go/teapot/scenarios"
)

// TestMain is needed for the executor process: its child processes are this
// program.
func TestMain(m *testing.M) {
	os.Unsetenv("GITHUB_ACTIONS") // where teapot prints more
	os.Unsetenv("GITLAB_CI")
	if file := os.Getenv(halved); file != "" {
		if err := halve(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if os.Getenv(called) != "" {
		Main(scenarios.Vocabulary{})
	}
	process.Main(defined()...)
	chapter.FirstPort = freePorts(len(chapter.Labels))
	os.Exit(m.Run())
}

// freePorts returns the first of some ports in a row at which nothing listens.
func freePorts(n int) int {
	for first := 20_000 + os.Getpid()%20_000; ; first += n {
		free := true
		for port := first; port < first+n; port++ {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if free = free && err == nil; err == nil {
				l.Close()
			}
		}
		if free {
			return first
		}
	}
}

const timeline = `[0 s] 	loiter(1) sleeps for 1 s
[0 s] 		loiter(2) sleeps for 2 s
[0 s] 			loiter(3) sleeps for 3 s
[1 s] 	loiter(1) is done
[1 s] 				loiter(4) sleeps for 4 s
[1 s] loiter(1) gives 10
[2 s] 		loiter(2) is done
[2 s] loiter(2) gives 20
[3 s] 			loiter(3) is done
[3 s] loiter(3) gives 30
[5 s] 				loiter(4) is done
[5 s] loiter(4) gives 40
5 tasks in 5s, ideally 5s
`

// TestLoiter wants the same timeline under both clocks. What happens at one
// instant comes in any order. A busy machine may be late under the real clock,
// and never early.
func TestLoiter(t *testing.T) {
	for _, clock := range []string{"virtual", "real"} {
		if clock == "real" && testing.Short() {
			continue
		}
		status, stdout, stderr := teapot(t, "loiter", "--clock", clock)
		if status != cli.StatusHolds || stderr != "" {
			t.Errorf("%s clock: status %d, %s", clock, status, stderr)
		}
		for line := range strings.Lines(timeline) {
			found := strings.Contains(stdout, line)
			if at, what, ok := strings.Cut(line, "] "); clock == "real" {
				found = !ok || slices.ContainsFunc(strings.Split(stdout, "\n"), func(got string) bool {
					late, same := strings.CutSuffix(got, "] "+strings.TrimSuffix(what, "\n"))
					return same && number(late, `(\d+) s`) >= number(at, `(\d+) s`)
				})
			}
			if !found {
				t.Errorf("%s clock: no %q in\n%s", clock, line, stdout)
			}
		}
		if n := strings.Count(stdout, "\n"); n != 16 {
			t.Errorf("%s clock: %d lines, want 16", clock, n)
		}
	}
}

// TestLoiterOrders tells the orders of delivery apart.
func TestLoiterOrders(t *testing.T) {
	for args, want := range map[string]string{
		"3 1 2":                         "30 10 20",
		"3 1 2 --as-completed":          "10 20 30",
		"3 1 2 --executor sequential":   "30 10 20",
		"2 1 0.5 -w 1 --as-completed":   "20 10 5",
		"2 1 0.5 --executor async -w 9": "20 10 5",
	} {
		_, stdout, stderr := teapot(t, append(strings.Fields("loiter --clock virtual"), strings.Fields(args)...)...)
		var got []string
		for line := range strings.Lines(stdout) {
			if _, result, ok := strings.Cut(line, " gives "); ok {
				got = append(got, strings.TrimSpace(result))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("teapot loiter %s: got %v, want %s\n%s", args, got, want, stderr)
		}
	}
}

// TestPrimes wants the numbers in their order, and the primes marked, from
// every executor.
func TestPrimes(t *testing.T) {
	for _, executor := range []string{"sequential", "pool", "async", "process"} {
		status, stdout, stderr := teapot(t, "primes", "2", "97", "1000003", "4", "1", "--executor", executor)
		var got []string
		for line := range strings.Lines(stdout) {
			if f := strings.Fields(line); f[len(f)-1] == "s" {
				got = append(got, strings.Join(f[:len(f)-2], ""))
			}
		}
		if want := "97P 1000003P 4 1"; status != cli.StatusHolds || stderr != "" || strings.Join(got, " ") != want {
			t.Errorf("%s: status %d, %v, want %s\n%s%s", executor, status, got, want, stdout, stderr)
		}
		if !strings.Contains(stdout, "\nTotal ") || !strings.Contains(stdout, "on "+executor+":\n") {
			t.Errorf("%s:\n%s", executor, stdout)
		}
	}
}

// TestPrograms wants what a program is as a scenario that can be run, and its
// reports on the standard output alone.
func TestPrograms(t *testing.T) {
	inFolder(t, nil)
	for _, args := range []string{"loiter 0", "primes 1 7 --executor pool"} {
		_, source, _ := teapot(t, strings.Fields(args+" --yaml")...)
		if err := os.WriteFile("a.yaml", []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
		if status, stdout, stderr := teapot(t, "run", "a.yaml", "--report="); status != cli.StatusHolds ||
			!strings.Contains(stdout, "1 run, 0 violations") {
			t.Errorf("%s: status %d, %s%s", args, status, stdout, stderr)
		}
		status, stdout, stderr := teapot(t, strings.Fields(args+" --format csv")...)
		if status != cli.StatusHolds || !strings.HasPrefix(stdout, "scenario,") ||
			strings.Contains(stdout, "\nTotal") || strings.Contains(stdout, " s] ") {
			t.Errorf("%s: status %d, %s%s", args, status, stdout, stderr)
		}
	}
}

// TestProgramInterrupt ends a program in its middle: what is done stays, and
// the exit status is that of an interrupt.
func TestProgramInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var stdout, stderr bytes.Buffer
	watch := writerFunc(func(p []byte) (int, error) {
		n, err := stdout.Write(p)
		if text := stdout.String(); strings.Contains(text, "loiter(3600) sleeps") && strings.Contains(text,
			"loiter(0) gives 0\n") {
			cancel()
		}
		return n, err
	})
	status := calling(ctx, strings.Fields("loiter 0 3600 -w 1"), strings.NewReader(""), watch, &stderr)
	if status != cli.StatusInterrupted || !strings.Contains(stdout.String(), "loiter(0) gives 0\n") ||
		strings.Contains(stdout.String(), "loiter(3600) gives") {
		t.Errorf("status %d\n%s%s", status, stdout.String(), stderr.String())
	}
}

func TestBadPrograms(t *testing.T) {
	inFolder(t, nil)
	for args, want := range map[string]string{
		"loiter x":                          "x: want a number of seconds",
		"loiter 86401":                      "86401: want",
		"loiter -w 0":                       "--workers 0: want 1 or more",
		"loiter --executor process":         "--executor",
		"loiter --clock wall":               "--clock",
		"loiter --out x.tea":                "--out x.tea",
		"primes 0":                          "workers 0: want 1 to 1000",
		"primes 1001":                       "workers 1001",
		"primes two":                        "two",
		"primes 1 1.5 18446744073709551616": "number 1.5: want a whole number",
		"primes 1 --format tea":             "--format tea",
	} {
		if status, stdout, stderr := teapot(t, strings.Fields(args)...); status != cli.StatusBadInput ||
			!strings.Contains(stderr, want) || stdout != "" {
			t.Errorf("teapot %s: status %d, %q, no %q in\n%s", args, status, stdout, want, stderr)
		}
	}
}
