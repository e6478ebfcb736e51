package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teapot-go/teapot/command/internal/chapter"
	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/served"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
)

type serveCommand struct {
	Servers []string `arg:"" optional:"" name:"server" complete:"LOCAL,DELAY,ERROR" help:"LOCAL (answers at once), DELAY (waits before each answer) or ERROR (waits, and fails some), in upper or lower case; all three, if none is named."`

	Port *int `placeholder:"N" want:"0 to 65535" help:"Listen at this port, and the next ones for further servers; 0 for any free ones. The default is 8000 for LOCAL, 8001 for DELAY and 8002 for ERROR."`
	binding
	Latency   *string `placeholder:"D" want:"a duration such as 0s, 50ms or 2s" help:"Wait this long before each answer: ${latencies}. It is for the servers that are named, or else for DELAY and ERROR, whose default is uniform(500ms, 5s)."`
	ErrorRate *share  `placeholder:"P" want:"a share from 0 to 1, such as 0.1 or 10%" help:"Fail this share of requests: 0 to 1, or 0% to 100%. It is for the servers that are named, or else for ERROR, whose default is 0.25."`
	Status    *int    `placeholder:"CODE" want:"400 to 599" help:"Answer the requests that fail with this status, 400 to 599. The default is 418."`
	Seed      *uint64 `placeholder:"N" want:"a whole number from 0, below 2^64" help:"Draw all waits and failures from this seed. The default is 418. The n-th request for a file meets the same whenever the servers are started, unless the client numbers its attempts."`
	Directory string  `placeholder:"DIR" help:"Serve the files of this folder, and not the flags."`
	DotFiles  bool    `help:"Serve files and folders whose names begin with a dot, such as .git, too."`
	Protocol  string  `enum:",http,https,h2c,h2" default:"" placeholder:"P" help:"Speak http (HTTP/1.1 in the clear, the default), https, h2c (HTTP/2 in the clear) or h2 (over TLS, with a certificate made for this run)."`
	Scenario  string  `placeholder:"FILE" help:"Serve the server of this scenario instead, with its faults, latencies and limits. The file needs no more than the key server."`
	Verbose   bool    `short:"v" help:"Print a line for each request when it is over."`
	judging
}

// Help returns what teapot serve --help prints below the options.
func (serveCommand) Help() string {
	return `It serves until Ctrl-C, and then says what it has done. A second Ctrl-C ends it at once.

With --admin a client can tell what it saw, by a POST to /seen. /verdict and /report then judge that, and the exit status is 1 if it is wrong, and 3 if that cannot be known.

Examples:

  teapot serve                                             the three servers, at ports 8000, 8001 and 8002
  teapot serve -v delay --port 9000                        one of them, and a line for each request
  teapot serve error --error-rate 0.5 --status 503         about half of the requests fail
  teapot serve local --directory public --protocol https   a folder, over TLS
  teapot serve --scenario scenarios/faults.yaml            what a scenario's client meets
  teapot serve error --admin 9000 --report seen.html       judge what a client tells

  curl http://localhost:8000/flags/br/br.gif --output br.gif
  curl http://localhost:9000/seen --json '{"key": "BR", "status": 200, "bytes": 4452}'`
}

// wireOf is what the protocols stand for.
var wireOf = map[string]servers.Config{
	"": {}, "http": {}, "https": {TLS: true}, "h2c": {HTTP2: true},
	"h2": {TLS: true, HTTP2: true},
}

// Run serves until ctx is done.
func (c *serveCommand) Run(ctx context.Context, to *cli.Console) (err error) {
	all, err := c.asked(to)
	if err != nil {
		return err
	}
	if c.Directory != "" {
		dir, err := content.OpenDir(c.Directory)
		if err != nil {
			return fmt.Errorf("--directory: %w", err)
		}
		for _, s := range all {
			s.Config.Content, s.Config.Plan.Foreign = dir, true
		}
	}
	if err := c.hideDotFiles(all); err != nil {
		return err
	}
	c.guard(all)
	return c.serveAll(ctx, to, all, c.Verbose, func(out *sharedLines) { c.announce(all, out) })
}

// announce says where to find what.
func (c *serveCommand) announce(all []*served.Server, out *sharedLines) {
	for _, s := range all {
		folder := "/flags/"
		if c.Directory != "" || s.Config.Plan.Foreign {
			folder = "/"
		}
		out.printf("%s  %s%s  %s\n", s.Name, s.URL(), folder, s.About)
		announceAdmin(s, out)
	}
	what := "this server"
	if c.Directory != "" {
		what = "this server, and read the files of " + c.Directory
	}
	c.announceEnd(what, out)
}

// hideDotFiles has no folder serve files that begin with a dot, unless that was
// asked for.
func (c *serveCommand) hideDotFiles(all []*served.Server) error {
	folder := false
	for _, s := range all {
		if dir, is := s.Config.Content.(*content.Dir); is {
			if folder = true; !c.DotFiles {
				dir.HideDotFiles()
			}
		}
	}
	if c.DotFiles && !folder {
		return errors.New("--dot-files: no folder is served: add --directory")
	}
	return nil
}

// asked returns the servers that were asked for, not yet started.
func (c *serveCommand) asked(to *cli.Console) (all []*served.Server, err error) {
	if c.Scenario != "" {
		all, err = c.ofScenario(to)
	} else {
		all, err = c.ofLabels()
	}
	bound := c.binding.check() // first, as it may change the address
	return all, errors.Join(err, c.assignPorts(all), bound, c.judging.check(c.Scenario))
}

// ofScenario is the scenario's server.
func (c *serveCommand) ofScenario(to *cli.Console) ([]*served.Server, error) {
	if len(c.Servers) > 0 {
		return nil, fmt.Errorf("--scenario %s: want no server beside it", c.Scenario)
	}
	s, err := ofScenario(to, c.Scenario, c.Timeout, map[string]bool{
		"--latency": c.Latency != nil, "--error-rate": c.ErrorRate != nil, "--status": c.Status != nil,
		"--seed": c.Seed != nil, "--protocol": c.Protocol != "",
	})
	if err != nil {
		return nil, err
	}
	if s.Config.Content == nil && s.Config.Key != nil {
		return nil, fmt.Errorf("--scenario %s: server.key: flags are told apart by their codes: want server.content",
			c.Scenario)
	}
	if s.Config.Content == nil {
		s.Config.Content = content.WithIndex(content.NewFlags(s.Config.Plan.Seed, nil))
	}
	return []*served.Server{s}, nil
}

// What the labelled servers do unless an option says otherwise.
const (
	usualLatency   = "uniform(500ms, 5s)"
	usualErrorRate = 0.25
	usualStatus    = http.StatusTeapot
	usualSeed      = 418
)

// given returns what an option says, or else its default.
func given[T any](option *T, usual T) T {
	if option == nil {
		return usual
	}
	return *option
}

// ofLabels are the servers that are named, or all.
func (c *serveCommand) ofLabels() ([]*served.Server, error) {
	var errs []error
	distribution, err := servers.ParseLatency(given(c.Latency, usualLatency))
	errs = append(errs, about("--latency", err), given(c.ErrorRate, share{}).check("--error-rate"))
	if status := given(c.Status, usualStatus); status < 400 || status > 599 {
		errs = append(errs, fmt.Errorf("--status %d: want 400 to 599", status))
	}
	labels := c.Servers
	if len(labels) == 0 {
		labels = chapter.Labels[:]
	}
	var all []*served.Server
	failing, drawing := false, false
	for _, label := range labels {
		s := c.ofLabel(strings.ToUpper(label), distribution)
		switch {
		case !slices.Contains(chapter.Labels[:], s.Name):
			errs = append(errs, fmt.Errorf("server %s: want %s", label, strings.Join(chapter.Labels[:], ", ")))
		case slices.ContainsFunc(all, func(other *served.Server) bool { return other.Name == s.Name }):
			errs = append(errs, fmt.Errorf("server %s: it is named twice", label))
		}
		failing = failing || len(s.Config.Plan.Faults) > 0
		drawing = drawing || c.draws(s)
		all = append(all, s)
	}
	if c.Status != nil && !failing {
		errs = append(errs, fmt.Errorf("--status %d: no request fails: add --error-rate above 0, or name ERROR",
			*c.Status))
	}
	if c.Seed != nil && !drawing {
		errs = append(errs, fmt.Errorf("--seed %d: nothing is drawn: add --latency such as %s, or name ERROR",
			*c.Seed, usualLatency))
	}
	return all, errors.Join(errs...)
}

// draws reports whether what a server does depends on the seed.
func (c *serveCommand) draws(s *served.Server) bool {
	_, err := time.ParseDuration(given(c.Latency, usualLatency))
	fixed := err == nil
	return s.Config.Plan.Latency != nil && !fixed || slices.ContainsFunc(s.Config.Plan.Faults,
		func(f servers.Fault) bool { return f.Rate < 1 })
}

// ofLabel is a labelled server. An option is for each server that is named; if
// none is, it is for those that have it by default.
func (c *serveCommand) ofLabel(label string, latency servers.Latency) *served.Server {
	named := len(c.Servers) > 0
	s := &served.Server{Name: label, About: "answers at once", Config: wireOf[c.Protocol]}
	seed := given(c.Seed, usualSeed)
	s.Config.CountAttempts = true
	s.Config.Content = content.WithIndex(content.NewFlags(seed, nil))
	s.Config.Plan.Seed = seed
	if label != "LOCAL" || named && c.Latency != nil {
		s.Config.Plan.Latency, s.About = latency, "waits "+given(c.Latency, usualLatency)
	}
	rate := given(c.ErrorRate, share{of: usualErrorRate}).of
	if fails := label == "ERROR" || named && c.ErrorRate != nil; fails && rate > 0 {
		status := given(c.Status, usualStatus)
		s.Config.Plan.Faults = []servers.Fault{{Kind: servers.StatusFault, Status: status, Rate: rate}}
		s.About += fmt.Sprintf(", fails %g %% with %d %s", 100*rate, status, http.StatusText(status))
	}
	return s
}

// assignPorts gives every server its ports.
func (c *serveCommand) assignPorts(all []*served.Server) error {
	var errs []error
	for _, o := range []struct {
		option string
		first  *int
	}{{"--port", c.Port}, {"--admin", c.Admin}} {
		if o.first != nil && (*o.first < 0 || *o.first+len(all) > 1<<16) {
			errs = append(errs, fmt.Errorf("%s %d: want 0 to %d, so that there is one for each server", o.option,
				*o.first, 1<<16-len(all)))
		}
	}
	for i, s := range all {
		port := chapter.FirstPort + max(0, slices.Index(chapter.Labels[:], s.Name))
		if c.Port != nil {
			port = nth(*c.Port, i)
		}
		s.Config.Address = net.JoinHostPort(c.Bind, strconv.Itoa(port))
		if s.AdminPort = -1; c.Admin != nil {
			s.AdminPort = nth(*c.Admin, i)
		}
	}
	return errors.Join(errs...)
}

// nth is the i-th port from the first on; 0, which is any free one, stays what
// it is.
func nth(first, i int) int {
	if first == 0 {
		return 0
	}
	return first + i
}

// about is an error of an option.
func about(option string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %w", option, err)
}
