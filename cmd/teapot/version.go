package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"github.com/teapot-go/teapot/cmd/teapot/internal/cli"
)

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(to *cli.Console) error { return printVersion(to.Stdout) }

// A versionFlag prints the version in place of running a command.
type versionFlag bool

// BeforeReset is called by kong where the flag is given.
func (versionFlag) BeforeReset(ctx *kong.Context) error {
	if err := printVersion(ctx.Stdout); err != nil {
		return err
	}
	return errHelped
}

// IgnoreDefault keeps kong from calling BeforeReset where the flag is not
// given.
func (versionFlag) IgnoreDefault() {}

// printVersion prints the version of the module, the commit where it is known,
// and the Go that built it.
func printVersion(to io.Writer) error {
	version, commit := "(unknown)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = cmp.Or(info.Main.Version, version)
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = " " + s.Value
			}
		}
	}
	_, err := fmt.Fprintf(to, "teapot %s%s %s %s/%s\n", version, commit, runtime.Version(), runtime.GOOS,
		runtime.GOARCH)
	return cli.UnlessClosed(err)
}
