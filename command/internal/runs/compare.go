package runs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/compare"
	"github.com/teapot-go/teapot/reports/html"
)

// Compare is the command line of teapot compare, which compares two recordings.
type Compare struct {
	Old       string `arg:"" help:"The recording to compare with, as run --json writes it; - is the standard input."`
	New       string `arg:"" help:"The recording that may be worse; - is the standard input."`
	Format    string `enum:",text,markdown,json,html" default:"" placeholder:"FORMAT" help:"How to show the verdicts: text, markdown, json, or html, with the runs in charts laid over each other. The default is what the name of the --out says, or text."`
	Out       string `placeholder:"FILE" help:"Write them here instead of printing them."`
	Tolerance share  `default:"5%" placeholder:"SHARE" want:"a share above 0% and below 100%, like 5% or 0.05" help:"By how much a time may change and be the same (${default})."`
}

// Help returns what teapot compare --help prints below the options.
func (Compare) Help() string {
	return `Examples:

  teapot run scenarios --repeat 20 --json old.json     then the new build, into new.json
  teapot compare old.json new.json                     exit status 1 if anything is worse, or has no data, and 3 if a run is invalid
  teapot compare old.json new.json --format markdown   for a pull request
  teapot compare old.json new.json --out changes.html  a page

Times are judged on 15 runs or more of each. For a verdict on two builds that does not depend on the hour see teapot run --against.`
}

// Run compares two recordings. What is worse, or has no data, is a failure.
// What cannot be compared, because a run is invalid, is not known.
func (c *Compare) Run(ctx context.Context, to *cli.Console) error {
	return cli.UntilDone(ctx, to, func(to *cli.Console) error { return c.compare(ctx, to) })
}

func (c *Compare) compare(ctx context.Context, to *cli.Console) error {
	if c.Old == "-" && c.New == "-" {
		return errors.New("OLD and NEW are both the standard input: want a file for one of them")
	}
	if c.Out != "" && c.Out != "-" {
		if err := errors.Join(cli.Apart([]cli.Output{{File: c.Out}}, []string{c.Old, c.New})...); err != nil {
			return err
		}
	}
	oldHost, old, oldErr := to.ReadRecordings(c.Old)
	newHost, new, newErr := to.ReadRecordings(c.New)
	if err := errors.Join(oldErr, newErr); err != nil {
		return err
	}
	rule := compare.Rule{Tolerance: float64(c.Tolerance), InTurns: oldHost.Turns != "" &&
		oldHost.Turns == newHost.Turns}
	shown := comparison{
		Before: html.Side{Name: c.Old, Host: oldHost, Runs: old},
		After:  html.Side{Name: c.New, Host: newHost, Runs: new},
		Found:  compare.Recordings(old, new, rule),
	}
	shown.Found.Warnings = doubts(oldHost, newHost)
	if err := c.write(ctx, to, shown); err != nil {
		return err
	}
	switch {
	case shown.Found.Failed():
		return cli.Verdict(cli.StatusViolated)
	case shown.Found.Unknown():
		return cli.Verdict(cli.StatusUnknown)
	}
	return nil
}

func (c *Compare) write(ctx context.Context, to *cli.Console, shown comparison) error {
	format := cmp.Or(c.Format, formatOf(c.Out), "text")
	if c.Out != "" && c.Out != "-" {
		return reports.WriteFile(c.Out, cli.StopReport(ctx, shown.Report(format)))
	}
	return cli.UnlessClosed(shown.Report(format)(to.Stdout))
}

// doubts are what the hosts say against a comparison of their times.
func doubts(old, new reports.Host) []string {
	var list []string
	differ := func(what, a, b string) {
		if a != b {
			list = append(list, fmt.Sprintf("old and new runs had another %s: %s and %s", what, a, b))
		}
	}
	differ("system", old.OS+"/"+old.Arch, new.OS+"/"+new.Arch)
	differ("number of CPUs", strconv.Itoa(old.CPUs), strconv.Itoa(new.CPUs))
	differ("GOMAXPROCS", strconv.Itoa(old.MaxProcs), strconv.Itoa(new.MaxProcs))
	if old.Turns == "" || old.Turns != new.Turns {
		differ("Go", old.Go, new.Go) // of builds that took turns that is what is compared
	}
	return list
}

// A share is a part of something: 5% or 0.05, above 0 and below 100 %.
type share float64

// UnmarshalText reads a share from the command line.
func (s *share) UnmarshalText(text []byte) error {
	v, is := bounds.ParseShare(string(text))
	if !is || v <= 0 || v >= 1 {
		return fmt.Errorf("want a share above 0%% and below 100%%, like 5%% or 0.05, got %q", text)
	}
	*s = share(v)
	return nil
}
