package command

import (
	"context"
	"errors"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/reports/summary"
)

type reportCommand struct {
	Paths []string `arg:"" name:"recording" help:"A file that teapot run has written with --json, or - for the standard input."`
	cli.Outputs
}

// Help returns what teapot report --help prints below the options.
func (reportCommand) Help() string {
	return `Examples:

  teapot report old.json new.json                      a table of both on the terminal
  teapot report run.json --out report.html             the page
  teapot report run.json --out junit.xml --out pr.md   several at once
  teapot report run*.json --format bench | benchstat /dev/stdin`
}

// Run makes reports of recordings: text on the standard output, if nothing else
// is asked for.
func (c *reportCommand) Run(ctx context.Context, to *cli.Console) error {
	return cli.UntilDone(ctx, to, func(to *cli.Console) error { return c.report(ctx, to) })
}

func (c *reportCommand) report(ctx context.Context, to *cli.Console) error {
	if len(c.Format) == 0 && len(c.Out) == 0 {
		c.Format = []string{"text"}
	}
	list, wrong := c.List(c.Paths)
	host, recs, err := to.ReadAll(c.Paths)
	if err := errors.Join(wrong, err); err != nil {
		return err
	}
	if shown := len(summary.Typical(recs)); shown < len(recs) {
		to.Notef("of %s that were repeated, reports for people show %d: the median by "+
			"makespan, and all that are not ok", cli.Plural(len(recs), "run"), shown)
	}
	return cli.Write(ctx, list, host, recs, to.Stdout)
}
