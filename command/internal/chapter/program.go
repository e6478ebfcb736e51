// Package chapter has the three programs that the project grew out of: flags,
// primes and loiter. Each is a scenario made of its own command line, run,
// judged and reported like any other, and told live.
package chapter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/scenarios"
)

// A program is a scenario of one run that a command has made of its own flags.
// It is run, judged and reported like any other.
type program struct {
	source      string // the scenario, as a file would have it
	YAML        bool   `name:"yaml" help:"Print the scenario that this is, and run nothing."`
	cli.Outputs `group:"Reports:"`
	reports     []cli.Output
	tune        func(*scenarios.Runner) // what the command adds; nil for nothing
}

// A given is an option, and whether the command line has it.
type given struct {
	option string
	is     bool
}

// without returns an error for each option that is given, and says why it has
// no effect.
func without(why string, options ...given) error {
	var errs []error
	for _, o := range options {
		if o.is {
			errs = append(errs, fmt.Errorf("%s: it has no effect: %s", o.option, why))
		}
	}
	return errors.Join(errs...)
}

// besideYAML returns an error for each option that --yaml leaves nothing to do:
// those for reports, and others of the command.
func (p *program) besideYAML(others ...given) error {
	if !p.YAML {
		return nil
	}
	return without("--yaml runs nothing", append(others, given{"--format", len(p.Format) > 0},
		given{"--out", len(p.Out) > 0})...)
}

// besideSequential returns an error for an option that the executor sequential
// leaves nothing to do, because it runs one task at a time.
func besideSequential(executor string, o given) error {
	if executor != "sequential" {
		return nil
	}
	return without("--executor sequential runs one task at a time", o)
}

// prepare checks what is to be written, and says where the program may print:
// nowhere, if a report goes to the standard output.
func (p *program) prepare(to *cli.Console) (out io.Writer, err error) {
	if p.reports, err = p.List(nil); err != nil || p.YAML || cli.Prints(p.reports) {
		return io.Discard, err
	}
	return to.Stdout, nil
}

// run runs the program, with watch looking on. Nil comes back for a program
// that was only to be printed; with a recording, an error is about its reports.
func (p *program) run(ctx context.Context, to *cli.Console, watch func(harness.Step, record.Sample)) (*record.Recording,
	error,
) {
	if p.YAML {
		_, err := io.WriteString(to.Stdout, p.source)
		return nil, cli.UnlessClosed(err)
	}
	runner := &scenarios.Runner{}
	if p.tune != nil {
		p.tune(runner)
	}
	s, mistakes := runner.Vocabulary.Parse("the command line", []byte(p.source))
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	started := time.Now()
	runner.Reproduce = func(scenarios.Case) string { return to.CommandLine() }
	runner.Hung = func(_ scenarios.Case, message string) { to.Notef("%s", message) }
	runner.Watch = func(_ scenarios.Case, step harness.Step, s record.Sample) { watch(step, s) }
	rec, err := runner.Run(ctx, s.Cases()[0])
	if err != nil {
		return nil, err
	}
	return rec, cli.Write(to.AtOnce(), p.reports, reports.ThisHost(started), []*record.Recording{rec},
		to.Stdout)
}

// judged is the verdict on a program's run, whose violations it prints.
func judged(ctx context.Context, to *cli.Console, rec *record.Recording) error {
	for _, v := range rec.Violations {
		to.Notef("%s", v.Summary())
	}
	for _, v := range rec.Inconclusive {
		to.Notef("%s: %s: %s; %s", v.Check, v.Doubt(), v.Got, v.Want)
	}
	switch {
	case ctx.Err() != nil || rec.Interrupted:
		return cli.Verdict(cli.StatusInterrupted)
	case len(rec.Violations) > 0:
		return cli.Verdict(cli.StatusViolated)
	case len(rec.Inconclusive) > 0:
		return cli.Verdict(cli.StatusUnknown)
	}
	return nil
}
