package chapter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers/flags"
)

// Flags is the command line of teapot flags, which downloads flags.
type Flags struct {
	Codes []string `arg:"" optional:"" name:"CC" help:"Which flags: two letters (BR), or one (B for BA to BZ), in upper or lower case; those of the 20 most populous countries, if none is given."`

	All   bool `short:"a" help:"All 194 flags that there are, AD to ZW."`
	Every bool `short:"e" help:"Every pair of letters, AA to ZZ: 676 requests for 194 flags."`
	Limit *int `short:"l" placeholder:"N" want:"a whole number, 1 or more" help:"Only the first N codes in the order of the alphabet."`

	MaxReq      *int          `short:"m" name:"max_req" aliases:"max-req" placeholder:"N" want:"a whole number, 1 or more" help:"Ask for N at once at most. The default is 1 for sequential, 30 for pool, 5 for async and one for each CPU for process; more than 1000 are never asked for at once."`
	Server      string        `short:"s" default:"LOCAL" placeholder:"LABEL" complete:"LOCAL,DELAY,ERROR,REMOTE" help:"LOCAL (answers at once), DELAY (waits half a second to five before each answer), ERROR (waits, and fails a quarter), in upper or lower case, or the URL of a folder of flags; REMOTE is the one on the Internet (${default})."`
	Port        *int          `placeholder:"N" want:"1 to 65535" help:"Where the server with the label is looked for. The default is 8000 for LOCAL, 8001 for DELAY and 8002 for ERROR, as teapot serve has it."`
	AllowRemote bool          `help:"Allow a server that is not of this machine, or that leads to another one, asked at most 5 times a second."`
	Executor    string        `enum:"sequential,pool,async,process" default:"pool" placeholder:"KIND" help:"What runs the downloads: sequential, pool, async or process (${default})."`
	Timeout     time.Duration `default:"3.1s" placeholder:"D" want:"a duration above 0, such as 3.1s" help:"Wait so long for each answer (${default})."`
	Seed        *uint64       `placeholder:"N" want:"a whole number from 0, below 2^64" help:"What the waits and failures of a server that is started are drawn from (418)."`
	Dest        *string       `placeholder:"DIR" help:"Save the flags in this folder (downloaded); --dest= saves none."`
	Verbose     bool          `short:"v" help:"Print a line for each code instead of the bar."`
	Quiet       bool          `short:"q" help:"Draw no bar."`
	Futures     bool          `help:"Print the state of each future once the executor has started as many as it runs at once, and again when it is done."`
	Report      string        `placeholder:"FILE" help:"Write the HTML report here."`
	program     `group:"Reports:"`

	codes []string
	at    site
}

// Help returns what teapot flags --help prints below the options.
func (Flags) Help() string {
	return `Where no server listens at a label's port, a planned one is started for this run alone, and every answer is held to its plan. teapot serve
starts servers that stay.
The exit status is 0 when all went as planned, errors of the server included, 1 if not, and 130 after Ctrl-C, which keeps what has come.

Examples:

  teapot flags                                       twenty flags from LOCAL, into downloaded/
  teapot flags -s delay a b c --timeout 6.1s         78 requests that take their time
  teapot flags -s error -al 100 -m 100 --timeout 6s  a hundred at once, of which about a quarter fails
  teapot flags -s delay --executor sequential -v     one after another
  teapot flags br cn id in us -m 3 --futures         what becomes of five futures on three workers
  teapot flags -s delay -e -m 676 --report e.html    all pairs at once, and a report`
}

// Validate finds everything that is wrong with the options; nothing has been
// asked for or written then.
func (c *Flags) Validate() error {
	var errs []error
	for _, o := range []struct {
		name string
		n    *int
		most int
	}{{"-m/--max_req", c.MaxReq, 0}, {"-l/--limit", c.Limit, 0}, {"--port", c.Port, 1<<16 - 1}} {
		switch {
		case o.n == nil:
		case *o.n < 1 && o.most == 0:
			errs = append(errs, fmt.Errorf("%s %d: want a whole number, 1 or more", o.name, *o.n))
		case o.most > 0 && (*o.n < 1 || *o.n > o.most):
			errs = append(errs, fmt.Errorf("%s %d: want 1 to %d", o.name, *o.n, o.most))
		}
	}
	if c.All && c.Every || (c.All || c.Every) && len(c.Codes) > 0 {
		errs = append(errs, errors.New("CC, -a/--all and -e/--every: want one of them"))
	}
	codes, err := flags.Expand(c.Codes...)
	if err != nil {
		errs = append(errs, err)
	}
	c.codes = c.chosen(codes)
	if c.at, err = siteOf(c.Server, c.Port); err != nil {
		errs = append(errs, err)
	} else if c.at.remote && !c.AllowRemote {
		errs = append(errs, fmt.Errorf("-s/--server %s: %s is not of this machine: want --allow-remote with it, or "+
			"LOCAL, DELAY or ERROR", c.Server, c.at.url))
	}
	if (c.at.remote || c.AllowRemote) && c.Executor == "process" {
		errs = append(errs, errors.New("--executor process: processes do not share a polite rate: want sequential, "+
			"pool or async for a server that is not of this machine"))
	}
	if c.at.label == "" && (c.Port != nil || c.YAML) {
		errs = append(errs, fmt.Errorf("-s/--server %s: --port and --yaml are for LOCAL, DELAY and ERROR", c.Server))
	}
	if c.YAML && c.Executor == "process" {
		errs = append(errs, errors.New("--yaml: no scenario has downloads in other processes: want --executor "+
			"sequential, pool or async"))
	}
	errs = append(errs, c.withoutEffect())
	if c.Timeout <= 0 {
		errs = append(errs, fmt.Errorf("--timeout %v: want a duration above 0, such as 3.1s", c.Timeout))
	}
	return errors.Join(errs...)
}

// withoutEffect returns an error for each option that others leave nothing to
// do.
func (c *Flags) withoutEffect() error {
	seed := given{"--seed", c.Seed != nil}
	lines := []given{{"-v/--verbose", c.Verbose}, {"--futures", c.Futures}}
	errs := []error{
		c.besideYAML(append(lines, given{"-q/--quiet", c.Quiet}, given{"--dest", c.Dest != nil},
			given{"--report", c.Report != ""}, given{"--port", c.Port != nil && c.at.label != ""})...),
		besideSequential(c.Executor, given{"-m/--max_req", c.MaxReq != nil}),
	}
	switch {
	case c.at.url == "": // the server itself is wrong
	case c.at.label == "LOCAL":
		errs = append(errs, without("LOCAL neither waits nor fails", seed))
	case c.at.label == "" || !c.at.planned && !c.YAML:
		errs = append(errs, without("the server is not one that this run starts", seed))
	}
	if c.at.label != "" {
		errs = append(errs, without("the server is of this machine", given{"--allow-remote", c.AllowRemote}))
	}
	if c.Printing() && !c.YAML {
		errs = append(errs, without("a report is printed instead", lines...))
	}
	if c.Verbose || c.Futures {
		errs = append(errs, without("-v/--verbose and --futures draw no bar", given{"-q/--quiet", c.Quiet && !c.YAML}))
	}
	return errors.Join(errs...)
}

// dest returns the folder to save flags in, "" for none.
func (c *Flags) dest() string {
	if c.Dest == nil {
		return "downloaded"
	}
	return *c.Dest
}

// seed returns what waits and failures are drawn from.
func (c *Flags) seed() uint64 {
	if c.Seed == nil {
		return 418
	}
	return *c.Seed
}

// chosen are the codes to ask for, in order.
func (c *Flags) chosen(named []string) []string {
	codes := named
	switch {
	case c.Every:
		codes = flags.Every()
	case c.All:
		codes = flags.Codes()
	case len(c.Codes) == 0:
		codes = slices.Sorted(slices.Values(flags.Top20()))
	}
	if c.Limit != nil && *c.Limit > 0 && *c.Limit < len(codes) {
		codes = codes[:*c.Limit]
	}
	return codes
}

// most is how many requests each kind of executor makes at once, unless it is
// told, and at all.
var most = map[string]struct{ usual, ever int }{
	"sequential": {1, 1}, "pool": {30, 1000}, "async": {5, 1000}, "process": {runtime.GOMAXPROCS(0), 1000},
}

// connections is how many requests there will be at once.
func (c *Flags) connections() int {
	m := most[c.Executor]
	asked := m.usual
	if c.MaxReq != nil {
		asked = *c.MaxReq
	}
	return min(asked, m.ever, len(c.codes))
}

// Run downloads the flags, and tells of it.
func (c *Flags) Run(ctx context.Context, to *cli.Console) error {
	c.source = c.at.scenario(c)
	var wrong error
	if c.reports, wrong = c.List(slices.DeleteFunc([]string{c.Report},
		func(name string) bool { return name == "" })); c.Report != "" {
		c.reports = append(c.reports, cli.Output{Format: "html", File: c.Report})
		wrong = errors.Join(wrong, reports.Writable(c.Report))
	}
	if wrong != nil {
		return wrong
	}
	if c.YAML {
		_, err := c.run(ctx, to, nil)
		return err
	}
	if dest := c.dest(); dest != "" {
		if _, err := openFlagDir(dest); err != nil {
			return fmt.Errorf("--dest: %w", err)
		}
	}
	var out io.Writer = to.Stdout
	if cli.Prints(c.reports) {
		out = io.Discard
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	told := newFlagTeller(c, to, out, cancel)
	told.before()
	c.tune = func(r *scenarios.Runner) {
		r.Once, r.Scheduled, r.Vocabulary.Tasks = true, told.scheduled, c.tasks()
	}
	rec, err := c.run(ctx, to, told.watch)
	told.bars.Close()
	if rec == nil {
		return err
	}
	told.after(rec)
	if err := errors.Join(cli.UnlessClosed(told.err), err); err != nil {
		return err
	}
	if told.unsaved != "" {
		return errors.New(told.unsaved)
	}
	if err := judged(ctx, to, rec); err != nil {
		return err
	}
	if rec.Classes[record.Refused] == len(rec.Samples) {
		to.Notef("no server listens at %s: start one, or use -s LOCAL, DELAY or ERROR", c.at.url)
		return cli.Verdict(cli.StatusViolated)
	}
	return nil
}
