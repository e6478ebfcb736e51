package main

import (
	"fmt"

	"github.com/teapot-go/teapot/scenarios"
)

type checkCommand struct {
	Paths []string `arg:"" name:"path" help:"A scenario file, or a folder of them."`
}

// Run checks the files and lists what they hold.
func (c *checkCommand) Run(to *console) error {
	loaded, err := load(c.Paths)
	if err != nil {
		return err
	}
	for _, s := range loaded {
		if _, err := fmt.Fprintf(to.stdout, "%s: %s: %s\n", s.File(), s.Name, plural(len(s.Cases()), "run")); err != nil {
			return unlessClosed(err)
		}
	}
	_, err = fmt.Fprintf(to.stdout, "%s, no mistake\n", plural(len(loaded), "scenario"))
	return unlessClosed(err)
}

// cases lists what the scenarios stand for.
func cases(loaded []*scenarios.Scenario) []scenarios.Case {
	var all []scenarios.Case
	for _, s := range loaded {
		all = append(all, s.Cases()...)
	}
	return all
}
