package command

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/complete"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help returns what teapot completion --help prints below the options.
func (completionCommand) Help() string {
	return `It prints what the shell has to read, once and for all:

  bash   echo 'source <(teapot completion bash)' >> ~/.bashrc
  zsh    echo 'source <(teapot completion zsh)' >> ~/.zshrc        (below compinit)
  fish   teapot completion fish > ~/.config/fish/completions/teapot.fish`
}

// Run prints the script.
func (c *completionCommand) Run(to *cli.Console) error {
	_, err := fmt.Fprint(to.Stdout, complete.Script(c.Shell, to.Name))
	return cli.UnlessClosed(err)
}

type completeCommand struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run prints what the last word may become, for the scripts.
func (c *completeCommand) Run(to *cli.Console, parser *kong.Kong) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	offered := complete.Words(parser.Model, words)
	if len(offered) == 0 {
		return nil
	}
	_, err := fmt.Fprintln(to.Stdout, strings.Join(offered, "\n"))
	return cli.UnlessClosed(err)
}
