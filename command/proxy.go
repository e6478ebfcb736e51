package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/served"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/keys"
)

type proxyCommand struct {
	URL string `arg:"" name:"url" help:"The service that answers, such as http://127.0.0.1:3000."`

	Port int `default:"8080" placeholder:"N" want:"0 to 65535" help:"Listen at this port; 0 for any free one. The default is 8080."`
	binding
	AllowRemote string  `placeholder:"HOST" help:"Let the service be on another machine: repeat the host of the URL. Without it every connection goes to this machine, whatever a name resolves to."`
	Scenario    string  `placeholder:"FILE" help:"Take latencies, faults, limits, the key and the protocol from the server of this scenario. The file needs no more than the key server."`
	Latency     *string `placeholder:"D" want:"a duration such as 0s, 50ms or 2s" help:"Wait this long before each request reaches the service: ${latencies}. The default is not to wait."`
	ErrorRate   *share  `placeholder:"P" want:"a share from 0 to 1, such as 0.1 or 10%" help:"Fail this share of requests: 0 to 1, or 0% to 100%. The default is 0."`
	Status      *int    `placeholder:"CODE" want:"400 to 599" help:"Answer the requests that fail with this status, 400 to 599. The default is 503."`
	Seed        *uint64 `placeholder:"N" want:"a whole number from 0, below 2^64" help:"Draw all waits and failures from this seed. The default is 418."`
	Key         *string `placeholder:"FORM" help:"Tell requests apart by this: ${keys}. The default is uri. The n-th request of one key meets the same in every run."`
	Protocol    string  `enum:",http,https,h2c,h2" default:"" placeholder:"P" help:"Speak http (HTTP/1.1 in the clear, the default), https, h2c (HTTP/2 in the clear) or h2 (over TLS, with a certificate made for this run) to the client."`
	Verbose     bool    `short:"v" help:"Print a line for each request when it is over."`
	judging
}

// Help returns what teapot proxy --help prints below the options.
func (proxyCommand) Help() string {
	return `It stands between an existing client and an existing service, until Ctrl-C. Point the client at its address. Bodies are streamed, and WebSocket passes through.

Examples:

  teapot proxy http://127.0.0.1:3000                                      pass everything on
  teapot proxy http://127.0.0.1:3000 --latency 300ms --error-rate 0.1     late, and one request in ten fails
  teapot proxy http://127.0.0.1:3000 --scenario scenarios/faults.yaml -v  all that a scenario has, and a line for each request`
}

// What a proxy does unless an option says otherwise.
const (
	proxyStatus = http.StatusServiceUnavailable
	proxyKey    = "uri"
)

// Run serves until ctx is done.
func (c *proxyCommand) Run(ctx context.Context, to *cli.Console) error {
	s, err := c.proxy(ctx, to)
	if err != nil {
		return err
	}
	c.guard([]*served.Server{s})
	return c.serveAll(ctx, to, []*served.Server{s}, c.Verbose, func(out *sharedLines) {
		out.printf("%s  %s  in front of %s%s\n", s.Name, s.URL(), c.URL, s.About)
		announceAdmin(s, out)
		c.announceEnd("this proxy, and through it "+c.URL, out)
	})
}

// proxy returns the server, not yet started.
func (c *proxyCommand) proxy(ctx context.Context, to *cli.Console) (*served.Server, error) {
	s, err := c.planned(to)
	bound := c.binding.check() // first, as it may change the address
	errs := []error{err, c.checkHost(), c.checkItself()}
	errs = append(errs, bound, checkPort("--port", c.Port), c.judging.check(c.Scenario))
	if c.Admin != nil {
		errs = append(errs, checkPort("--admin", *c.Admin))
	}
	upstream, err := content.NewUpstream(c.URL, c.AllowRemote != "")
	if err != nil {
		errs = append(errs, fmt.Errorf("%q: want the URL of a service, such as http://127.0.0.1:3000", c.URL))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := c.resolve(ctx, upstream); err != nil {
		return nil, err
	}
	s.Name, s.Config.Content, s.Config.Plan.Foreign, s.Config.CountAttempts = "PROXY", upstream, true, true
	s.Config.Address = net.JoinHostPort(c.Bind, strconv.Itoa(c.Port))
	if s.AdminPort = -1; c.Admin != nil {
		s.AdminPort = *c.Admin
	}
	return s, nil
}

// planned returns a server that does what the options or the scenario say.
func (c *proxyCommand) planned(to *cli.Console) (*served.Server, error) {
	if c.Scenario != "" {
		return c.ofScenario(to)
	}
	var errs []error
	s := &served.Server{Config: wireOf[c.Protocol]}
	plan := &s.Config.Plan
	plan.Seed = given(c.Seed, usualSeed)
	if c.Latency != nil {
		latency, err := servers.ParseLatency(*c.Latency)
		errs = append(errs, about("--latency", err))
		plan.Latency, s.About = latency, ", after "+*c.Latency
	}
	rate, status := given(c.ErrorRate, share{}).of, given(c.Status, proxyStatus)
	errs = append(errs, given(c.ErrorRate, share{}).check("--error-rate"))
	switch {
	case rate > 0:
		plan.Faults = []servers.Fault{{Kind: servers.StatusFault, Status: status, Rate: rate}}
		s.About += fmt.Sprintf(", fails %g %% with %d %s", 100*rate, status, http.StatusText(status))
	case c.Status != nil:
		errs = append(errs, fmt.Errorf("--status %d: no request fails: add --error-rate above 0", status))
	}
	if status < 400 || status > 599 {
		errs = append(errs, fmt.Errorf("--status %d: want 400 to 599", status))
	}
	drawing := plan.Latency != nil || rate > 0
	if c.Seed != nil && !drawing {
		errs = append(errs, fmt.Errorf("--seed %d: nothing is drawn: add --latency or --error-rate", *c.Seed))
	}
	key, err := keys.Parse(given(c.Key, proxyKey))
	if err == nil && c.Key != nil && !drawing {
		err = errors.New("nothing is drawn: add --latency or --error-rate")
	}
	if err != nil {
		errs = append(errs, fmt.Errorf("--key %s: %w", *c.Key, err))
	}
	s.Config.Key = key
	return s, errors.Join(errs...)
}

// ofScenario returns a server that does what that of a scenario does.
func (c *proxyCommand) ofScenario(to *cli.Console) (*served.Server, error) {
	s, err := ofScenario(to, c.Scenario, c.Timeout, map[string]bool{
		"--latency": c.Latency != nil, "--error-rate": c.ErrorRate != nil, "--status": c.Status != nil,
		"--seed": c.Seed != nil, "--key": c.Key != nil, "--protocol": c.Protocol != "",
	})
	if err != nil {
		return nil, err
	}
	if err := closeContents([]*served.Server{s}); err != nil { // the service takes its place
		return nil, err
	}
	if s.Config.Key == nil {
		s.Config.Key, _ = keys.Parse(proxyKey) // is a form
	}
	s.About = ", with what " + c.Scenario + " has planned"
	return s, nil
}

// resolve returns an error if the service is nowhere, or on another machine
// that is not allowed. The address of each connection is looked at too.
func (c *proxyCommand) resolve(ctx context.Context, upstream *content.Upstream) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := upstream.Resolve(ctx, c.AllowRemote != "")
	switch at, _ := url.Parse(c.URL); {
	case err == nil:
		return nil
	case errors.As(err, new(*net.DNSError)):
		return fmt.Errorf("%s: %w: want the URL of a service, such as http://127.0.0.1:3000", c.URL, err)
	default:
		return fmt.Errorf("%s: %w: want a service of this machine, or add --allow-remote %s", c.URL, err, at.Hostname())
	}
}

// checkHost returns an error if the URL's host is not the one that the option
// allows.
func (c *proxyCommand) checkHost() error {
	at, err := url.Parse(c.URL)
	if err != nil || c.AllowRemote == "" || at.Hostname() == c.AllowRemote {
		return nil
	}
	return fmt.Errorf("--allow-remote %s: the URL is one of %s: want its host", c.AllowRemote, at.Hostname())
}

// checkItself returns an error if the URL is that of the proxy, which would ask
// itself for ever.
func (c *proxyCommand) checkItself() error {
	at, err := url.Parse(c.URL)
	if err != nil || at.Port() != strconv.Itoa(c.Port) {
		return nil
	}
	host, bound := at.Hostname(), net.ParseIP(c.Bind)
	ip := net.ParseIP(host)
	everywhere := c.Bind == "localhost" || bound != nil && bound.IsUnspecified()
	if host == c.Bind || host == "localhost" || ip != nil && (ip.Equal(bound) || everywhere && ip.IsLoopback()) {
		return fmt.Errorf("%s: that is the address of the proxy itself: want the URL of the service, or another "+
			"--port than %d", c.URL, c.Port)
	}
	return nil
}

func checkPort(option string, port int) error {
	if port < 0 || port >= 1<<16 {
		return fmt.Errorf("%s %d: want 0 to %d", option, port, 1<<16-1)
	}
	return nil
}
