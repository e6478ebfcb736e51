package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/page"
	"github.com/teapot-go/teapot/scenarios"
)

type runCommand struct {
	Paths  []string `arg:"" name:"path" help:"A scenario file, or a folder of them."`
	Clock  string   `enum:",real,virtual" default:"" placeholder:"real|virtual" help:"Run under this clock instead of each file's own: real (loopback sockets) or virtual (simulated time)."`
	Seed   *uint64  `placeholder:"N" help:"Use this seed instead of each file's own."`
	Only   []string `placeholder:"NAME" sep:"none" help:"Run only this: a scenario (download-20), or a scenario on an executor (download-20/pool, download-20/pool/10). May be given again."`
	Report string   `default:"teapot-report.html" placeholder:"FILE" help:"Write the HTML report here (${default}); --report= writes none."`
	JSON   string   `name:"json" placeholder:"FILE" help:"Write the recordings here, as JSON."`
	Quiet  bool     `short:"q" help:"Print nothing but errors and violations."`
	outputs

	more []output // those of --format and --out
}

// Run runs what was asked for. The reports are written before anything is printed on the standard output, so that a reader who has
// seen enough costs nothing.
func (c *runCommand) Run(ctx context.Context, to *console) error {
	todo, err := c.cases()
	if err != nil {
		return err
	}
	if c.Report != "" && filepath.Clean(c.Report) == filepath.Clean(c.JSON) && !strings.HasPrefix(c.Report, "/dev/") {
		return fmt.Errorf("--json %s: that is the file of the HTML report: want another", c.JSON)
	}
	inputs := []string{c.Report, c.JSON}
	for _, k := range todo {
		inputs = append(inputs, k.Scenario.File())
		for _, out := range inputs[:2] {
			if out != "" && filepath.Clean(out) == filepath.Clean(k.Scenario.File()) {
				return fmt.Errorf("%s is a scenario of this run: want another file to write to", out)
			}
		}
	}
	more, wrong := c.list(slices.DeleteFunc(inputs, func(name string) bool { return name == "" }))
	if err := errors.Join(wrong, c.writable()); err != nil {
		return err
	}
	c.more = more
	started := time.Now()
	progress := newProgress(to.stderr, c.Quiet)
	runner := &scenarios.Runner{
		Reproduce: func(k scenarios.Case) string { return scenarios.Command(to.self, k) },
		Watch: func(_ scenarios.Case, step harness.Step, s harness.Sample) {
			if step == harness.Finished {
				progress.count(s.Class)
			}
		},
	}
	var done []*harness.Recording
	for _, k := range todo {
		if ctx.Err() != nil {
			break
		}
		progress.start(k.Name(), k.Tasks())
		rec, err := runner.Run(ctx, k)
		progress.end(k, rec)
		if err != nil {
			progress.close()
			return errors.Join(err, c.write(done, started, to))
		}
		done = append(done, rec)
	}
	progress.close()
	return c.conclude(ctx, to, done, len(todo), started)
}

// cases loads the files and picks what is to be run of them.
func (c *runCommand) cases() ([]scenarios.Case, error) {
	loaded, err := load(c.Paths)
	if err != nil {
		return nil, err
	}
	for i, s := range loaded {
		loaded[i] = s.With(harness.Clock(c.Clock), c.Seed)
	}
	all := cases(loaded)
	if len(c.Only) == 0 {
		return all, nil
	}
	matches := func(k scenarios.Case, only string) bool {
		return k.Name() == only || strings.HasPrefix(k.Name(), only+"/")
	}
	for _, only := range c.Only {
		if !slices.ContainsFunc(all, func(k scenarios.Case) bool { return matches(k, only) }) {
			return nil, fmt.Errorf("--only %s: want a scenario or one of its runs: %s", only, strings.Join(names(all), ", "))
		}
	}
	return slices.DeleteFunc(all, func(k scenarios.Case) bool {
		return !slices.ContainsFunc(c.Only, func(only string) bool { return matches(k, only) })
	}), nil
}

func names(all []scenarios.Case) []string {
	var list []string
	for _, k := range all {
		list = append(list, k.Name())
	}
	return list
}

// conclude writes the reports, prints the summary and gives the verdict.
func (c *runCommand) conclude(ctx context.Context, to *console, done []*harness.Recording, planned int, started time.Time) error {
	unwritten := c.write(done, started, to)
	if err := c.print(to, done, unwritten == nil); err != nil {
		return errors.Join(err, unwritten)
	}
	if unwritten != nil {
		return unwritten
	}
	if ctx.Err() != nil {
		fmt.Fprintf(to.stderr, "teapot: interrupted in run %d of %d\n", len(done), planned)
		return verdict(statusInterrupted)
	}
	for _, rec := range done {
		if len(rec.Violations) > 0 {
			return verdict(statusViolated)
		}
	}
	return nil
}

func (c *runCommand) print(to *console, done []*harness.Recording, written bool) error {
	if c.Quiet {
		done = slices.DeleteFunc(slices.Clone(done), func(r *harness.Recording) bool { return len(r.Violations) == 0 })
		if len(done) == 0 {
			return nil
		}
	}
	if prints(c.more) {
		return nil // in the format that was asked for
	}
	if err := reports.Text(done)(to.stdout); err != nil {
		return unlessClosed(err)
	}
	if c.Report != "" && written && !c.Quiet {
		_, err := fmt.Fprintf(to.stdout, "report: %s\n", c.Report)
		return unlessClosed(err)
	}
	return nil
}

// writable says whether the reports can be written once the runs are over.
func (c *runCommand) writable() error {
	var errs []error
	for _, out := range []string{c.Report, c.JSON} {
		if out != "" {
			errs = append(errs, reports.Writable(out))
		}
	}
	return errors.Join(errs...)
}

// write writes the files that were asked for, even when there is little to report.
func (c *runCommand) write(done []*harness.Recording, started time.Time, to *console) error {
	host := reports.ThisHost(started)
	var errs []error
	if c.Report != "" {
		errs = append(errs, reports.WriteFile(c.Report, page.HTML(host, done)))
	}
	if c.JSON != "" {
		errs = append(errs, reports.WriteFile(c.JSON, reports.JSON(host, done)))
	}
	return errors.Join(append(errs, write(c.more, host, done, to.stdout))...)
}

// unlessClosed forgives a reader that has gone away: head has seen enough.
func unlessClosed(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
