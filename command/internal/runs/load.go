package runs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/bounds"
)

// Load is the command line of teapot load, a scenario made of options.
type Load struct {
	URL string `arg:"" name:"url" help:"What is asked for, such as http://127.0.0.1:3000/items?page=2. It must be on this machine, unless --allow-remote names its host."`

	Rate        string  `default:"10/s" placeholder:"RATE" want:"a rate above 0 such as 200/s, 30/m or 2/h" help:"Send requests at this rate, whatever becomes of those before: 200/s, 30/m or 2/h (${default})."`
	For         string  `default:"10s" placeholder:"D" want:"a duration above 0, such as 30s or 1m" help:"Send requests for this long (${default})."`
	Poisson     bool    `help:"Draw the times of the requests, as those of many independent users, instead of equal distances."`
	Keys        string  `placeholder:"FILE" help:"Ask for the paths of this file in turn, one a line such as /items/1, below the URL."`
	Timeout     string  `placeholder:"D" want:"a duration above 0, such as 30s or 1m" help:"Have the client wait this long for each answer. The default is forever."`
	Driver      string  `placeholder:"NAME" help:"Send the requests by this driver: fasthttp takes about half the CPU of the default, net/http. It takes HTTP/1.1 alone."`
	P99         string  `name:"p99" placeholder:"BOUND" help:"Expect this of the 99th percentile of the latency, such as '<= 200ms'."`
	Errors      string  `placeholder:"BOUND" help:"Expect this of the requests that fail, such as '<= 1%'."`
	Seed        *uint64 `placeholder:"N" want:"a whole number from 0, below 2^64" help:"Draw the times of --poisson from this seed. The default is 0."`
	AllowRemote string  `placeholder:"HOST" help:"Let the service be on another machine: repeat the host of the URL. Without it every connection goes to this machine, whatever a name resolves to."`
	YAML        bool    `name:"yaml" help:"Print the scenario instead of running it. teapot run does the same with it."`
	Report      *string `placeholder:"FILE" help:"Write the HTML report here. The default is teapot-report.html; --report= writes none."`
	JSON        string  `name:"json" placeholder:"FILE" help:"Write the recording here, as JSON. A name that ends in .gz or .zst compresses it."`
	Samples     *int    `placeholder:"N" want:"a whole number from 100 to 1000000" help:"Keep at most N samples: of more requests, those that went wrong, that failed and that took the longest, each up to a bound, and some that are drawn by the seed, beside histograms, counts and rows of all (1000000)."`
	Live        bool    `help:"Serve a page on this machine that shows the run while it is under way, and becomes the report. Its address is printed at the start. Under /metrics it has its numbers for Prometheus."`
	Quiet       bool    `short:"q" help:"Print nothing but errors and violations."`
}

// Help returns what teapot load --help prints below the options.
func (Load) Help() string {
	return `It sends requests to a service on this machine, through a server that notes what each was answered, and judges the run as it does any other.

Examples:

  teapot load http://127.0.0.1:3000/items --rate 200/s --for 30s               two hundred requests a second
  teapot load http://127.0.0.1:3000/items --p99 '<=200ms' --errors '<=1%'      exit status 1 if it is slower, or fails
  teapot load http://127.0.0.1:3000 --keys paths.txt --poisson                 many paths, at times drawn from a seed
  teapot load http://127.0.0.1:3000/items --rate 200/s --yaml                  print the scenario, to go on from there`
}

// Run prints or runs the scenario.
func (c *Load) Run(ctx context.Context, to *cli.Console) error {
	text, err := c.scenario()
	if err := errors.Join(err, c.known(slices.Sorted(maps.Keys(to.Vocabulary.Drivers))), keepable(c.Samples),
		c.effects()); err != nil {
		return err
	}
	if _, mistakes := to.Vocabulary.Parse("-", []byte(text)); mistakes != nil {
		return fmt.Errorf("the options make a scenario that cannot be run: %w", mistakes)
	}
	if c.YAML {
		_, err := fmt.Fprint(to.Stdout, text)
		return cli.UnlessClosed(err)
	}
	report := "teapot-report.html"
	if c.Report != nil {
		report = *c.Report
	}
	from := *to
	from.Stdin = strings.NewReader(text)
	run := Run{
		Paths: []string{"-"}, Report: report, JSON: c.JSON, Samples: c.Samples, Live: c.Live, Quiet: c.Quiet,
		again: to.CommandLine(),
	}
	return run.Run(ctx, &from)
}

// known reports a driver that is not among those that the program has.
func (c *Load) known(drivers []string) error {
	switch {
	case c.Driver == "" || slices.Contains(drivers, c.Driver):
		return nil
	case drivers == nil:
		return fmt.Errorf("--driver %s: this program has net/http alone: want no --driver", c.Driver)
	}
	return fmt.Errorf("--driver %s: want %s, or no --driver for net/http", c.Driver, strings.Join(drivers, " or "))
}

// effects reports options that have none.
func (c *Load) effects() error {
	var errs []error
	if c.Seed != nil && !c.Poisson {
		errs = append(errs, errors.New("--seed: nothing is drawn: want --poisson too"))
	}
	for _, o := range []struct {
		given bool
		name  string
	}{
		{c.Report != nil, "--report"},
		{c.JSON != "", "--json"},
		{c.Samples != nil, "--samples"},
		{c.Quiet, "--quiet"},
		{c.Live, "--live"},
	} {
		if o.given && c.YAML {
			errs = append(errs, fmt.Errorf("%s: nothing is run: remove it, or --yaml", o.name))
		}
	}
	return errors.Join(errs...)
}

var rateForm = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?/[smh]$`)

// scenario returns the scenario of the options, as YAML.
func (c *Load) scenario() (string, error) {
	base, keys, err := c.target()
	errs := []error{err}
	if !rateForm.MatchString(c.Rate) || !strings.ContainsAny(c.Rate, "123456789") {
		errs = append(errs, fmt.Errorf("--rate %s: want a rate above 0 such as 200/s, 30/m or 2/h", c.Rate))
	}
	for _, o := range []struct{ name, value string }{{"for", c.For}, {"timeout", c.Timeout}} {
		if d, err := time.ParseDuration(o.value); o.value != "" && (err != nil || d <= 0) {
			errs = append(errs, fmt.Errorf("--%s %s: want a duration above 0, such as 30s or 1m", o.name, o.value))
		}
	}
	if _, err := bounds.Parse(c.P99, bounds.Time); c.P99 != "" && err != nil {
		errs = append(errs, fmt.Errorf("--p99 %s: want a bound such as '<= 200ms'", c.P99))
	}
	if _, err := bounds.Parse(c.Errors, bounds.Tasks, bounds.Percent); c.Errors != "" && err != nil {
		errs = append(errs, fmt.Errorf("--errors %s: want a bound such as '<= 1%%' or '<= 5'", c.Errors))
	}
	if err := errors.Join(errs...); err != nil {
		return "", err
	}
	form := "rate"
	if c.Poisson {
		form = "poisson"
	}
	var y strings.Builder
	fmt.Fprintf(&y, "name: load\nabout: %s at %s for %s\n", base, c.Rate, c.For)
	if c.Seed != nil {
		fmt.Fprintf(&y, "seed: %d\n", *c.Seed)
	}
	fmt.Fprintf(&y, "clock: real\nserver:\n  content: {upstream: %s%s}\nworkload:\n  task: download\n  keys: %s\n",
		strconv.Quote(base), c.remote(), keys)
	fmt.Fprintf(&y, "  arrivals: {%s: %s, for: %s}\n", form, c.Rate, c.For)
	if c.Timeout != "" {
		fmt.Fprintf(&y, "  timeout: %s\n", c.Timeout)
	}
	if c.Driver != "" {
		fmt.Fprintf(&y, "  driver: %s\n", strconv.Quote(c.Driver))
	}
	y.WriteString("executors:\n  - {kind: async}\n")
	if c.P99 != "" || c.Errors != "" {
		y.WriteString("expect:\n")
	}
	if c.Errors != "" {
		fmt.Fprintf(&y, "  errors: %s\n", strconv.Quote(c.Errors))
	}
	if c.P99 != "" {
		fmt.Fprintf(&y, "  latency: {p99: %s}\n", strconv.Quote(c.P99))
	}
	return y.String(), nil
}

// remote is the part of the scenario that lets the service be elsewhere.
func (c *Load) remote() string {
	if c.AllowRemote == "" {
		return ""
	}
	return ", allow_remote: " + strconv.Quote(c.AllowRemote)
}

// target returns the service, and the keys of the workload as YAML.
func (c *Load) target() (base, keys string, err error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return "", "", fmt.Errorf("%q: want a URL of this machine, such as http://127.0.0.1:3000/items", c.URL)
	}
	if c.AllowRemote != "" && c.AllowRemote != u.Hostname() {
		return "", "", fmt.Errorf("--allow-remote %s: the URL is one of %s: want its host", c.AllowRemote, u.Hostname())
	}
	if c.Keys == "" {
		return u.Scheme + "://" + u.Host, "[" + strconv.Quote(u.RequestURI()) + "]", nil
	}
	if u.RawQuery != "" {
		return "", "", fmt.Errorf("--keys %s: the paths have queries of their own: remove that of the URL", c.Keys)
	}
	if _, err := os.Stat(c.Keys); err != nil {
		return "", "", fmt.Errorf("--keys %s: %w", c.Keys, errors.Unwrap(err))
	}
	file, err := filepath.Abs(c.Keys)
	return strings.TrimSuffix(c.URL, "/"), "{file: " + strconv.Quote(file) + "}", err
}
