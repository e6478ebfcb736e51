package main

import (
	"context"
	"fmt"

	"github.com/teapot-go/teapot/cmd/teapot/internal/cli"
)

type checkCommand struct {
	Paths []string `arg:"" name:"path" help:"A scenario file, a folder of them, or - for the standard input."`
}

// Run checks the files and lists what they hold.
func (c *checkCommand) Run(ctx context.Context, to *cli.Console) error {
	return cli.UntilDone(ctx, to, c.check)
}

func (c *checkCommand) check(to *cli.Console) error {
	loaded, err := cli.Load(c.Paths, to.Stdin)
	if err != nil {
		return err
	}
	for _, s := range loaded {
		if _, err := fmt.Fprintf(to.Stdout, "%s: %s: %s\n", s.File(), s.Name,
			cli.Plural(len(s.Cases()), "run")); err != nil {
			return cli.UnlessClosed(err)
		}
	}
	_, err = fmt.Fprintf(to.Stdout, "%s, no mistake\n", cli.Plural(len(loaded), "scenario"))
	return cli.UnlessClosed(err)
}
