package main

import (
	"fmt"

	"github.com/teapot-go/teapot/cmd/teapot/internal/cli"
)

type checkCommand struct {
	Paths []string `arg:"" name:"path" help:"A scenario file, or a folder of them."`
}

// Run checks the files and lists what they hold.
func (c *checkCommand) Run(to *cli.Console) error {
	loaded, err := cli.Load(c.Paths)
	if err != nil {
		return err
	}
	for _, s := range loaded {
		if _, err := fmt.Fprintf(to.Stdout, "%s: %s: %s\n", s.File(), s.Name, cli.Plural(len(s.Cases()), "run")); err != nil {
			return cli.UnlessClosed(err)
		}
	}
	_, err = fmt.Fprintf(to.Stdout, "%s, no mistake\n", cli.Plural(len(loaded), "scenario"))
	return cli.UnlessClosed(err)
}
