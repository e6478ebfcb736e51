// Package command is the command line of teapot, for programs with tasks and
// executors of their own.
//
// Eight lines make a teapot that knows them:
//
//	package main
//
//	import (
//		"github.com/teapot-go/teapot/command"
//		"github.com/teapot-go/teapot/scenarios"
//	)
//
//	func main() {
//		command.Main(scenarios.Vocabulary{Tasks: tasks})
//	}
//
// The program has every command of teapot, such as run, check, compare and
// report, and takes scenario files that name its tasks and executors. Each has
// --help.
package command

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/teapot-go/teapot/command/internal/chapter"
	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/hunts"
	"github.com/teapot-go/teapot/command/internal/runs"
	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
	"github.com/teapot-go/teapot/executor/process"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/lean"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/keys"
)

// Main runs the command line of the process with a vocabulary, and ends the
// process with the exit status. It never returns.
//
// Call it first thing in main. The program starts itself again for the child
// processes of the executor process, and for each case under the virtual clock
// with a task, an executor or a content that is not built in. What comes before
// Main is run by each of these processes too. The definitions are those that
// tasks of the vocabulary run in the executors process and cluster.
func Main(v scenarios.Vocabulary, definitions ...executor.Definition) {
	definitions = append(defined(), definitions...)
	process.Main(definitions...)
	v = equipped(v)
	v.Main()
	// A closed pipe is an error of the write that meets it, not the end of a
	// run whose reports are not written yet.
	signal.Ignore(syscall.SIGPIPE)
	stop, how := interrupts(), started()
	os.Exit(run(stop.soft, &cli.Console{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Name: how.name(), Self: how.self(), Args: os.Args[1:], Vocabulary: v, Definitions: definitions,
		Hard: stop.hard,
	}))
}

// equipped returns a vocabulary with what the command line brings, and packages
// that it uses do not.
func equipped(v scenarios.Vocabulary) scenarios.Vocabulary {
	if v.Cluster == nil {
		v.Cluster = cluster.Open
	}
	v.Drivers = with(v.Drivers, "fasthttp", lean.Open)
	return v
}

// defined are the built-in tasks that run in child processes.
func defined() []executor.Definition {
	return append(scenarios.Definitions(), chapter.Definitions()...)
}

// commandLine is the whole command line.
type commandLine struct {
	Run   runs.Run     `cmd:"" help:"Run scenarios, print a summary and write a report."`
	Hunt  hunts.Hunt   `cmd:"" help:"Try many worlds of scenarios, and make the ones that fail small."`
	Check checkCommand `cmd:"" help:"Check scenario files without running them."`

	Worker workerCommand `cmd:"" help:"Run tasks of runs on other machines, for the executor cluster, or generate load for them."`

	Load runs.Load `cmd:"" help:"Send requests to a service at a rate, and judge what becomes of them."`

	Init    initCommand    `cmd:"" help:"Write a first scenario, a test that runs it, and a workflow for CI."`
	Explain explainCommand `cmd:"" help:"Explain a key of the scenario language, with an example."`

	Learn learnCommand `cmd:"" help:"Write a scenario from a log of requests, as late and as wrong as the service."`
	Trace traceCommand `cmd:"" help:"Write the arrivals of a log of requests, for a scenario to repeat."`

	Serve      serveCommand      `cmd:"" help:"Serve flags, late or with errors as planned, to any client."`
	Proxy      proxyCommand      `cmd:"" help:"Stand between a client and a service, late or with errors as planned."`
	Flags      chapter.Flags     `cmd:"" help:"Download flags on an executor, save them, and count what became of them."`
	Primes     chapter.Primes    `cmd:"" help:"Check numbers for primality in child processes, and print the table live."`
	Loiter     chapter.Loiter    `cmd:"" help:"Run tasks that sleep, and print their timeline live."`
	Completion completionCommand `cmd:"" help:"Print the script by which a shell completes teapot's command lines."`
	Complete   completeCommand   `cmd:"" hidden:""`

	Version versionCommand `cmd:"" help:"Print the version, and the Go that built it."`

	VersionFlag versionFlag `name:"version" help:"Print the version."`

	Report  reportCommand `cmd:"" help:"Make reports of recordings: a page, JUnit XML, a table for a pull request, and more."`
	Compare runs.Compare  `cmd:"" help:"Report whether a recording is worse than an older one."`
	Trend   runs.Trend    `cmd:"" help:"Show many recordings over time, and since which commit each is worse."`
}

// errHelped ends the parsing of a command line once its help is printed.
var errHelped = errors.New("help was asked for")

// run is the program: it returns the exit status. A panic of a command is not
// caught: it crashes the program, with its stack.
func run(ctx context.Context, to *cli.Console) int {
	parser := newParser(ctx, to)
	called, err := parser.Parse(helped(to.Args))
	if errors.Is(err, errHelped) {
		return cli.StatusHolds
	}
	if err != nil {
		to.Notef("%s", cmp.Or(refusedValue(parser.Model, to.Args), worded(err)))
		showUsage(err, to)
		return cli.StatusBadInput
	}
	err = called.Run()
	var verdict cli.Verdict
	switch {
	case err == nil:
		return cli.StatusHolds
	case errors.As(err, &verdict):
		return int(verdict)
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		to.Notef("interrupted")
		return cli.StatusInterrupted
	default:
		to.Notef("%v", err)
		return cli.StatusBadInput
	}
}

// showUsage prints, after an error of the parser, how the command is used. The
// list of all commands would hide the error: it is for a call without any.
func showUsage(err error, to *cli.Console) {
	e := new(kong.ParseError)
	switch {
	case !errors.As(err, &e) || e.Context == nil:
	case e.Context.Selected() == nil && len(to.Args) > 0:
		to.Notef("want a command: %s --help lists them", to.Name)
	default:
		e.Context.Stdout = to.Stderr
		_ = e.Context.PrintUsage(true) // best effort, after the error itself
	}
}

// helped returns the arguments with --help in place of the command help, which
// takes the words of another command.
func helped(args []string) []string {
	if len(args) == 0 || args[0] != "help" {
		return args
	}
	return append(slices.Clone(args[1:]), "--help")
}

// worded returns an error of the parser in words that a user can act on: an
// option that may be left out has the empty value among those of its list.
func worded(err error) string {
	return strings.Replace(err.Error(), `must be one of "",`, "must be one of ", 1)
}

// newParser returns a parser of command lines, whose commands run until ctx is
// done.
func newParser(ctx context.Context, to *cli.Console) *kong.Kong {
	parser := kong.Must(new(commandLine),
		kong.Name(to.Name),
		kong.Description("A load test that knows the right answer. It plans what every request meets, "+
			"computes what should have happened, and judges the run against that."),
		kong.Writers(to.Stdout, to.Stderr),
		kong.Help(printHelp),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(to),
		kong.UsageOnError(),
		kong.Vars{"latencies": servers.LatencyForms, "keys": keys.Forms},
	)
	rename(parser.Model, to.Name)
	return parser
}

// rename has the help texts, which call the program teapot, call it by its
// name.
func rename(app *kong.Application, name string) {
	commands := []string{"COMMAND"}
	for _, command := range app.Children {
		commands = append(commands, command.Name)
	}
	called := regexp.MustCompile(`\bteapot( (?:` + strings.Join(commands, "|") + `)\b|\.fish|'s )`)
	_ = kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		switch node := node.(type) {
		case *kong.Node:
			node.Help, node.Detail = replaced(called, node.Help, name), replaced(called, node.Detail, name)
		case *kong.Value:
			node.Help = replaced(called, node.Help, name)
		}
		return next(nil)
	})
}

func replaced(called *regexp.Regexp, text, name string) string {
	return called.ReplaceAllStringFunc(text, func(found string) string {
		return name + strings.TrimPrefix(found, "teapot")
	})
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

// with returns a table with one more entry, unless it has one of that name.
func with[V any](table map[string]V, name string, v V) map[string]V {
	all := map[string]V{name: v}
	maps.Copy(all, table)
	return all
}
