// Teapot runs scenarios: it puts a planned load on executors and judges the run
// against what should have happened.
//
// Usage:
//
//	teapot run PATH…                  run scenarios, and write a report
//	teapot check PATH…                check scenario files
//	teapot compare OLD NEW            tell whether a recording is worse
//	teapot report RECORDING…          make reports of recordings
//	teapot serve [LABEL…]             serve flags, late or with errors
//	teapot flags [CC…]                download flags on an executor
//	teapot primes [WORKERS [NUMBER…]] check numbers in child processes
//	teapot loiter [SECONDS…]          run tasks that sleep
//	teapot completion SHELL           print a shell's completion script
//	teapot version                    print the version
//
// Each has --help. A path is a scenario file, a folder of them, or - for the
// standard input. The exit status is 0 if every
// expectation holds, 1 if one is violated or something became worse, 2 for bad
// input, 130 after an interrupt; what was measured until then is still
// reported.
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/teapot-go/teapot/cmd/teapot/internal/chapter"
	"github.com/teapot-go/teapot/cmd/teapot/internal/cli"
	"github.com/teapot-go/teapot/cmd/teapot/internal/runs"
	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/process"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

func main() {
	process.Main(defined()...) // a child process of an executor never returns from here
	// A closed pipe is an error of the write that meets it, not the end of a
	// run whose reports are not written yet.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// defined are the tasks that run in child processes.
func defined() []executor.Definition {
	return append(scenarios.Definitions(), chapter.Definitions()...)
}

// commandLine is the whole command line.
type commandLine struct {
	Run   runs.Run     `cmd:"" help:"Run scenarios, print a summary and write a report."`
	Check checkCommand `cmd:"" help:"Check scenario files without running them."`

	Serve      serveCommand      `cmd:"" help:"Serve flags, late or with errors as planned, to any client."`
	Flags      chapter.Flags     `cmd:"" help:"Download flags on an executor, save them, and count what became of them."`
	Primes     chapter.Primes    `cmd:"" help:"Check numbers for primality in child processes, and print the table live."`
	Loiter     chapter.Loiter    `cmd:"" help:"Run tasks that sleep, and print their timeline live."`
	Completion completionCommand `cmd:"" help:"Print the script by which a shell completes teapot's command lines."`
	Complete   completeCommand   `cmd:"" hidden:""`

	Version versionCommand `cmd:"" help:"Print the version, and the Go that built it."`

	VersionFlag versionFlag `name:"version" help:"Print the version."`

	Report  reportCommand `cmd:"" help:"Make reports of recordings: a page, JUnit XML, a table for a pull request, and more."`
	Compare runs.Compare  `cmd:"" help:"Report whether a recording is worse than an older one."`
}

// errHelped ends the parsing of a command line once its help is printed.
var errHelped = errors.New("help was asked for")

// run is the program: it returns the exit status. A panic of a command is not
// caught: it crashes the program, with its stack.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	parser := newParser(ctx, &cli.Console{Stdin: stdin, Stdout: stdout, Stderr: stderr, Self: self()})
	called, err := parser.Parse(args)
	if errors.Is(err, errHelped) {
		return cli.StatusHolds
	}
	if err != nil {
		fmt.Fprintf(stderr, "teapot: %s\n", cmp.Or(refusedNumber(parser.Model, args), worded(err)))
		if e := new(kong.ParseError); errors.As(err, &e) && e.Context != nil {
			e.Context.Stdout = stderr
			_ = e.Context.PrintUsage(true) // best effort, after the error itself
		}
		return cli.StatusBadInput
	}
	err = called.Run()
	var verdict cli.Verdict
	switch {
	case err == nil:
		return cli.StatusHolds
	case errors.As(err, &verdict):
		return int(verdict)
	default:
		fmt.Fprintf(stderr, "teapot: %v\n", err)
		return cli.StatusBadInput
	}
}

// worded returns an error of the parser in words that a user can act on: an
// option that may be left out has the empty value among those of its list.
func worded(err error) string {
	return strings.Replace(err.Error(), `must be one of "",`, "must be one of ", 1)
}

// newParser returns a parser of command lines, whose commands run until ctx is
// done.
func newParser(ctx context.Context, to *cli.Console) *kong.Kong {
	return kong.Must(new(commandLine),
		kong.Name("teapot"),
		kong.Description("A load test that knows the right answer. It plans what every request meets, "+
			"computes what should have happened, and judges the run against that."),
		kong.Writers(to.Stdout, to.Stderr),
		kong.Help(printHelp),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(to),
		kong.UsageOnError(),
		kong.Vars{"latencies": servers.LatencyForms},
	)
}

// printHelp prints the help in one write, and returns [errHelped]: kong has no
// other way to end the parsing than to exit.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	stdout := ctx.Stdout
	var text bytes.Buffer
	ctx.Stdout = &text
	err := kong.DefaultHelpPrinter(options, ctx)
	ctx.Stdout = stdout
	if err == nil {
		_, err = stdout.Write(text.Bytes())
	}
	if err := cli.UnlessClosed(err); err != nil {
		return err
	}
	return errHelped
}

// self is how this program was called, so that a command it prints can be
// pasted.
func self() string {
	if strings.Contains(filepath.ToSlash(os.Args[0]), "/go-build") { // where go run and go test put what they build
		return "go run github.com/teapot-go/teapot/cmd/teapot"
	}
	return os.Args[0]
}
