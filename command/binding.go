package command

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/teapot-go/teapot/command/internal/served"
	"github.com/teapot-go/teapot/servers/loopback"
)

// binding are the options of a command that serves until it is ended.
type binding struct {
	Bind      string   `default:"127.0.0.1" placeholder:"ADDR" help:"Listen at this address of the machine. Any but a loopback one lets others in: 0.0.0.0 is all of them."`
	AllowHost []string `placeholder:"HOST" help:"Answer requests for this host, too. At a loopback address only those for localhost, 127.0.0.1 and the like are answered, so that no page in a browser gets at the server under a name of its own."`
}

// patience is how long a connection may be idle, and how long the next bytes of
// a request may take: else clients that are gone would hold connections for as
// long as the server runs.
const patience = time.Minute

// check returns an error about an address that no server can listen at, and
// about hosts. It takes ::1 for 127.0.0.1 on a machine that has only that.
func (b *binding) check() error {
	var errs []error
	if net.ParseIP(b.Bind).Equal(net.IPv4(127, 0, 0, 1)) {
		b.Bind = loopback.Host()
	}
	if net.ParseIP(b.Bind) == nil && b.Bind != "localhost" {
		errs = append(errs, fmt.Errorf("--bind %s: want an address of this machine, such as 127.0.0.1, or 0.0.0.0 "+
			"for all", b.Bind))
	}
	for _, host := range b.AllowHost {
		switch {
		case host == "" || strings.ContainsAny(host, "/@ ") || strings.Contains(host, ":") && net.ParseIP(host) == nil:
			errs = append(errs, fmt.Errorf("--allow-host %q: want the name of a host alone, such as tea.test", host))
		case !b.local():
			errs = append(errs, fmt.Errorf("--allow-host %s: at %s requests for all hosts are answered: leave it out, "+
				"or --bind", host, b.Bind))
		}
	}
	return errors.Join(errs...)
}

// local reports whether only this machine can reach the server.
func (b *binding) local() bool { return net.ParseIP(b.Bind) == nil || loopback.Name(b.Bind) }

// guard has servers close what is left idle. At a loopback address it has them
// answer to names of loopback alone, or to those that are allowed.
func (b *binding) guard(all []*served.Server) {
	for _, s := range all {
		if s.Config.Patience = patience; b.local() {
			s.Config.Front = func(next http.Handler) http.Handler {
				return loopback.Only(next, "teapot answers requests for localhost and 127.0.0.1 here: ask for one of "+
					"them, or start it with --allow-host and this host", b.AllowHost...)
			}
		}
	}
}

// announceEnd says who can use what is served, and how it ends.
func (b *binding) announceEnd(what string, out *sharedLines) {
	if !b.local() {
		out.printf("--bind %s: every machine that can reach this one can use %s. Leave --bind out to keep it to this "+
			"machine.\n", b.Bind, what)
	}
	out.printf("Ctrl-C ends.\n")
}
