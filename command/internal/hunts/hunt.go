// Package hunts has the command hunt, which looks for the smallest worlds in
// which scenarios fail.
package hunts

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/live"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/hunt"
)

// Hunt is the command line of teapot hunt, which tries many worlds.
type Hunt struct {
	Paths     []string       `arg:"" name:"path" help:"A scenario file, a folder of them, or - for the standard input."`
	Seeds     *int           `placeholder:"N" want:"1 or more" help:"Try so many worlds of each run: those of the seed, the next one, and so on. The default is hunt.seeds of the file, or 1000."`
	For       *time.Duration `placeholder:"D" want:"a duration above 0, such as 1m" help:"Try worlds of each run for so long, in place of a number of them."`
	Seed      *uint64        `placeholder:"N" want:"a whole number from 0, below 2^64" help:"Begin with this seed instead of each file's own."`
	Only      []string       `placeholder:"NAME" sep:"none" help:"Hunt only this: a scenario (download-20), or a scenario on an executor (download-20/pool, download-20/pool/10). May be given again."`
	Jobs      *int           `placeholder:"N" want:"1 or more" help:"Try so many worlds at once. What is found does not depend on it. The default is the number of CPUs."`
	KeepGoing bool           `help:"Go on after a world that fails, and find one of each other kind of failure."`
	Corpus    string         `default:"testdata/hunt" placeholder:"FOLDER" help:"Keep the smallest worlds here, in the folder of each file, and try first what is kept (${default}); --corpus= keeps none."`
	JSON      string         `name:"json" placeholder:"FILE" help:"Write what was found here, as JSON. The recordings of the smallest worlds are those of --out."`
	Quiet     bool           `short:"q" help:"Print nothing but errors and failures."`
	cli.Outputs
}

// Help returns what teapot hunt --help prints below the options.
func (Hunt) Help() string {
	return `A hunt runs under the virtual clock. It stops at the first world that fails, leaves out of it what can be left out, and writes what remains as a scenario file: a regression test.

Examples:

  teapot hunt scenarios                               1000 worlds of each run
  teapot hunt scenarios --for 5m --keep-going         for five minutes each, one world of each kind of failure
  teapot hunt scenarios/little.yaml --out hunt.html   the smallest worlds, in charts`
}

// Validate reports what cannot be meant. Kong calls it.
func (c *Hunt) Validate() error {
	var errs []error
	if c.Seeds != nil && *c.Seeds < 1 {
		errs = append(errs, fmt.Errorf("--seeds %d: want 1 or more", *c.Seeds))
	}
	if c.Jobs != nil && *c.Jobs < 1 {
		errs = append(errs, fmt.Errorf("--jobs %d: want 1 or more", *c.Jobs))
	}
	if c.For != nil && *c.For <= 0 {
		errs = append(errs, fmt.Errorf("--for %v: want a duration above 0, such as 1m", *c.For))
	}
	if c.Seeds != nil && c.For != nil {
		errs = append(errs, errors.New("--seeds and --for: want one of them"))
	}
	return errors.Join(errs...)
}

// Run hunts through what was asked for, one case after the other. The reports
// are written before the verdict, also after an interrupt.
func (c *Hunt) Run(ctx context.Context, to *cli.Console) error {
	var todo []scenarios.Case
	err := cli.UntilDone(ctx, to, func(to *cli.Console) (err error) { todo, err = c.cases(to); return err })
	if err != nil {
		return err
	}
	more, err := c.outputs(todo)
	if err != nil {
		return err
	}
	defer collectLess()()
	began, progress := time.Now(), cli.NewProgress(to.Stderr, c.Quiet)
	var found []*hunt.Result
	for _, k := range todo {
		result, huntErr := c.hunt(ctx, to, progress, k)
		if result != nil {
			found = append(found, result)
		}
		if err = huntErr; err != nil || ctx.Err() != nil {
			break
		}
	}
	progress.Close()
	err = errors.Join(err, c.write(to, more, began, found))
	for _, result := range found {
		if cli.Prints(more) || c.Quiet && len(result.Failures) == 0 {
			continue
		}
		if printErr := tell(to.Stdout, result); printErr != nil {
			return errors.Join(err, cli.UnlessClosed(printErr))
		}
	}
	if err != nil {
		return err
	}
	return verdict(ctx, to, found, len(todo))
}

// collectLess has garbage collected less often, unless the environment says how
// often. A hunt holds little memory and makes much garbage, so that it would
// spend a third of its time on it.
func collectLess() (restore func()) {
	const percent = 1600 // of a few megabytes
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	was := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(was) }
}

// cases loads the files and picks what is hunted of them.
func (c *Hunt) cases(to *cli.Console) ([]scenarios.Case, error) {
	loaded, err := to.Load(c.Paths)
	if err != nil {
		return nil, err
	}
	for i, s := range loaded {
		loaded[i] = s.With("", c.Seed)
	}
	return cli.Cases(loaded, c.Only)
}

// outputs lists the reports that are asked for, and says what is wrong with
// them.
func (c *Hunt) outputs(todo []scenarios.Case) ([]cli.Output, error) {
	var inputs []string
	for _, k := range todo {
		inputs = append(inputs, k.Scenario.File())
	}
	var errs []error
	if c.JSON != "" {
		errs = cli.Apart([]cli.Output{{Format: "json", File: c.JSON}}, inputs)
		inputs = append(inputs, c.JSON)
	}
	more, err := c.List(inputs)
	return more, errors.Join(append(errs, err)...)
}

// hunt hunts through one case.
func (c *Hunt) hunt(ctx context.Context, to *cli.Console, progress *cli.Progress, k scenarios.Case) (
	*hunt.Result, error,
) {
	h := hunt.Hunt{
		Runner: func() *scenarios.Runner {
			return &scenarios.Runner{
				Vocabulary: to.Vocabulary, Isolate: true,
				Reproduce: func(k scenarios.Case) string { return k.CommandLine(to.Self) },
			}
		},
		Jobs: runtime.GOMAXPROCS(0), KeepGoing: c.KeepGoing,
		Tried: func(_ int, rec *record.Recording) {
			class := record.OK
			if len(rec.Findings()) > 0 {
				class = record.Failed
			}
			progress.Count(class)
		},
	}
	if c.Seeds != nil {
		h.Seeds = *c.Seeds
	}
	if c.For != nil {
		h.For = *c.For
	}
	if c.Jobs != nil {
		h.Jobs = *c.Jobs
	}
	if c.Corpus != "" {
		h.Corpus = c.Corpus
		if !filepath.IsAbs(c.Corpus) {
			h.Corpus = filepath.Join(filepath.Dir(k.Scenario.File()), c.Corpus)
		}
	}
	progress.Start(live.NewMeter(k.Name(), record.Virtual, h.Worlds(k)))
	result, err := h.Run(ctx, k)
	progress.End(k, nil)
	return result, err
}

// write writes the reports that are asked for. They have the runs of the
// smallest worlds, and one of each case in which none fails.
func (c *Hunt) write(to *cli.Console, more []cli.Output, began time.Time, found []*hunt.Result) error {
	var recs []*record.Recording
	for _, result := range found {
		if len(result.Failures) == 0 && result.Sample != nil {
			recs = append(recs, result.Sample)
		}
		for _, f := range result.Failures {
			recs = append(recs, f.Recording)
		}
	}
	// even after an interrupt
	err := cli.Write(to.AtOnce(), more, reports.ThisHost(began), recs, to.Stdout)
	if c.JSON == "" {
		return err
	}
	return errors.Join(err, to.WriteFile(c.JSON, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(struct {
			Hunts []*hunt.Result `json:"hunts"`
		}{found})
	}))
}

// verdict returns the exit status of hunts, of which so many were asked for.
func verdict(ctx context.Context, to *cli.Console, found []*hunt.Result, asked int) error {
	failed, unknown := false, false
	for _, result := range found {
		failed = failed || len(result.Failures) > 0
		unknown = unknown || result.Unknown > 0 || result.Coverage.Nothing() && !result.Interrupted
	}
	switch {
	case ctx.Err() != nil:
		to.Notef("interrupted in hunt %d of %d", cmp.Or(len(found), 1), asked)
		return cli.Verdict(cli.StatusInterrupted)
	case failed:
		return cli.Verdict(cli.StatusViolated)
	case unknown:
		return cli.Verdict(cli.StatusUnknown)
	}
	return nil
}
