package command

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/starter"
)

type initCommand struct {
	Folder string `arg:"" optional:"" name:"dir" default:"scenarios" help:"The folder for the scenario and its test, which need not exist (${default})."`
	CI     string `name:"ci" enum:"github,gitlab,none" default:"github" placeholder:"SERVICE" help:"Write a workflow for github or gitlab, which runs the scenarios, uploads the report and comments on pull requests; or none (${default})."`
	Plain  bool   `help:"Write a test without Ginkgo."`
}

// Help returns what teapot init --help prints below the options.
func (initCommand) Help() string {
	return `It never overwrites a file: if one exists, it names it and writes nothing.
Where there is no .gitignore beside the reports, it writes one.

Examples:

  teapot init                   scenarios/, and a workflow for GitHub
  teapot init load --ci gitlab  another folder, and a pipeline for GitLab
  teapot init --plain           a test that needs no Ginkgo`
}

// Run writes the files, and prints what to do next.
func (c *initCommand) Run(to *cli.Console) error {
	p, err := starter.Look(c.Folder, release())
	if err != nil {
		return err
	}
	if c.Plain && !p.Module {
		return errors.New("--plain: there is no go.mod here, so that no test is written: run go mod init first, " +
			"or leave it out")
	}
	names, err := p.Write(c.Plain, starter.CI(c.CI))
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, name := range names {
		fmt.Fprintf(&text, "wrote %s\n", filepath.ToSlash(name))
	}
	text.WriteString("\nNext:\n\n")
	for _, step := range p.Steps(c.Plain) {
		fmt.Fprintf(&text, "  %s\n", step)
	}
	if !p.Module {
		text.WriteString("\nThere is no go.mod here, so there is no test: the command runs the scenarios.\n")
	}
	_, err = fmt.Fprint(to.Stdout, text.String())
	return cli.UnlessClosed(err)
}
