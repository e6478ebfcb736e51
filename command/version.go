package command

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"github.com/teapot-go/teapot/command/internal/cli"
)

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(to *cli.Console) error { return printVersion(to.Stdout, to.Name) }

// A versionFlag prints the version in place of running a command.
type versionFlag bool

// BeforeReset is called by kong where the flag is given.
func (versionFlag) BeforeReset(ctx *kong.Context) error {
	if err := printVersion(ctx.Stdout, ctx.Model.Name); err != nil {
		return err
	}
	return errHelped
}

// IgnoreDefault keeps kong from calling BeforeReset where the flag is not
// given.
func (versionFlag) IgnoreDefault() {}

// module is the path of the module of teapot.
const module = "github.com/teapot-go/teapot"

// printVersion prints the version of the program's module, the commit where it
// is known, and the Go that built it. For a program of another module the
// version of teapot follows.
func printVersion(to io.Writer, name string) error {
	version, commit, library := "(unknown)", "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = cmp.Or(info.Main.Version, version)
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = " " + s.Value
			}
		}
		for _, m := range info.Deps {
			if m.Path == module {
				library = module + " " + m.Version + "\n"
			}
		}
	}
	_, err := fmt.Fprintf(to, "%s %s%s %s %s/%s\n%s", name, version, commit, runtime.Version(), runtime.GOOS,
		runtime.GOARCH, library)
	return cli.UnlessClosed(err)
}

var released = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[a-z][0-9a-z.]*)?$`)

// release returns the version of teapot in this program, or "" if that was not
// released.
func release() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path == module && m.Replace == nil && released.MatchString(m.Version) {
			return m.Version
		}
	}
	return ""
}
