// Command power says how much the verdicts of teapot run --against are worth on
// this machine. It builds teapot twice, once with a tenth more work for the
// processor planted into each task, and has many comparisons made: of the one
// with the other, which must be found worse, and of the plain one with itself,
// which must not.
//
//	go run . [-n 100] [-share 0.1] [-tasks prime|download]
//
// The exit status is 1 if fewer than 95 of 100 planted changes are found, if
// more than 1 of 100 comparisons of a build with itself is called worse, or if
// a comparison takes more than a minute.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("power", flag.ContinueOnError)
	flags.SetOutput(errs)
	n := flags.Int("n", 100, "how many comparisons of each sort")
	more := flags.Float64("share", 0.1, "how much more work is planted, as a share of a task's")
	tasks := flags.String("tasks", "prime", "the workload: prime or download")
	if flags.Parse(args) != nil {
		return 2
	}
	w, known := workloads[*tasks]
	if !known || *n < 1 || *more <= 0 {
		fmt.Fprintln(errs, "power: -tasks wants prime or download, -n at least 1, -share more than 0")
		return 2
	}
	dir, err := os.MkdirTemp("", "teapot-power-")
	if err != nil {
		fmt.Fprintln(errs, "power:", err)
		return 2
	}
	defer os.RemoveAll(dir)
	held, err := experiment(ctx, out, dir, w, *n, *more)
	switch {
	case err != nil:
		fmt.Fprintln(errs, "power:", err)
		return 2
	case !held:
		return 1
	}
	return 0
}

// experiment makes all comparisons, planted ones and others in turns, and
// reports whether the promise held.
func experiment(ctx context.Context, out io.Writer, dir string, w workload, n int, more float64) (bool, error) {
	plain, planted := filepath.Join(dir, "teapot"), filepath.Join(dir, "teapot-planted")
	scenario := filepath.Join(dir, "work.yaml")
	if err := errors.Join(os.WriteFile(scenario, []byte(w.scenario), 0o666), build(plain, "")); err != nil {
		return false, err
	}
	each, err := perTask(plain, scenario, filepath.Join(dir, "calibration.json"))
	if err != nil {
		return false, err
	}
	overlay, err := plant(dir, w, time.Duration(more*float64(each)))
	if err != nil {
		return false, err
	}
	if err := build(planted, overlay); err != nil {
		return false, err
	}
	fmt.Fprintf(out, "a task takes %v of CPU; %.0f%% more is planted\n", each, 100*more)
	var found, alarms, other int
	var took []time.Duration
	for i := range n {
		for _, head := range []string{planted, plain} {
			began := time.Now()
			worse, why, err := compare(ctx, head, plain, scenario)
			if err != nil {
				return false, err
			}
			took = append(took, time.Since(began))
			switch {
			case head == planted && worse == "cpu":
				found++
			case head == plain && worse != "":
				alarms++
				fmt.Fprintf(out, "a false alarm:\n%s\n", why)
			case head == planted && worse != "":
				other++
			}
		}
		if (i+1)%10 == 0 || i+1 == n {
			slices.Sort(took)
			fmt.Fprintf(out, "of %d: %d found, %d worse for something else only, %d false alarms; a comparison took "+
				"%.1f s (median), %.1f s at most\n",
				i+1, found, other, alarms, took[len(took)/2].Seconds(), took[len(took)-1].Seconds())
		}
	}
	return 100*found >= 95*n && 100*alarms <= n && took[len(took)-1] < time.Minute, nil
}

// build builds teapot, with a planted change if there is an overlay.
func build(to, overlay string) error {
	args := []string{"build", "-o", to}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	cmd := exec.Command("go", append(args, "./cmd/teapot")...)
	cmd.Dir = "../.."
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, said)
	}
	return nil
}

// perTask measures what a task takes of the processor: the least of several
// runs, which is what it takes when nothing disturbs it.
func perTask(teapot, scenario, file string) (time.Duration, error) {
	cmd := exec.Command(teapot, "run", scenario, "--repeat", "15", "--json", file, "--report=", "--quiet")
	if said, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("calibration: %w\n%s", err, said)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	var recorded struct {
		Runs []struct {
			Cost struct {
				CPU time.Duration `json:"cpu_ns"`
			}
			Samples []struct{}
		}
	}
	if err := json.Unmarshal(text, &recorded); err != nil {
		return 0, err
	}
	var each []time.Duration
	for _, r := range recorded.Runs {
		each = append(each, r.Cost.CPU/time.Duration(len(r.Samples)))
	}
	return slices.Min(each), nil
}

// compare compares head with base as a user would, and says what is worse:
// "cpu", or something else, or nothing.
func compare(ctx context.Context, head, base, scenario string) (worse, said string, err error) {
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, head, "run", scenario, "--against", base, "--report=")
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it has a build of its own to end
	err = cmd.Run()
	if exited := new(exec.ExitError); err != nil && (!errors.As(err, &exited) || exited.ExitCode() != 1) {
		return "", "", fmt.Errorf("%w\n%s%s", err, out.String(), errs.String())
	}
	if err == nil {
		return "", out.String(), nil
	}
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, "cpu / task") && strings.Contains(line, "✗ worse") {
			return "cpu", out.String(), nil
		}
	}
	return "something", out.String(), nil
}
