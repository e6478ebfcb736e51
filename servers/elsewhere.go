package servers

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/teapot-go/teapot/servers/limits"
)

// Elsewhere returns a server that another process has started with the same
// configuration, for the tasks of a load generator in this one. Its URL and its
// Client reach the other. It has no journal, and sees no connection. Its Close
// closes the idle connections of its client.
//
// A plan with faults that strike before a request is an error: no other process
// can keep a journal of those.
func (c Config) Elsewhere(at string, certificate *x509.Certificate) (*Server, error) {
	where, err := url.Parse(at)
	if err != nil || where.Host == "" || where.Port() == "" {
		return nil, fmt.Errorf("servers: %q: want the URL of a server, with its port", at)
	}
	for i, f := range c.Plan.Faults {
		if f.Kind.BeforeRequest() {
			return nil, fmt.Errorf("servers: fault %d: kind %s: strikes before a request, which a server elsewhere "+
				"does not see: want another kind", i+1, f.Kind)
		}
	}
	if c.Direct || c.Memory {
		return nil, errors.New("servers: a server without a port is of one process: want neither Direct nor Memory")
	}
	gate, err := limits.NewGate(limits.Capacity{}, limits.Rate{}, false)
	if err != nil {
		return nil, err
	}
	s := &Server{core: &core{
		plan: c.Plan, gate: gate, url: at, certificate: certificate, started: time.Now(), http2: c.HTTP2,
		exhausted: make(chan error, 1),
	}, borrowed: true}
	s.identities.counts, s.identities.ignores = c.CountAttempts || c.IgnoreAttempts, c.IgnoreAttempts
	s.identities.positions, s.identities.foreign = c.Plan.positions(), c.Plan.Foreign && c.Plan.Positions != nil
	dial := func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", where.Host)
	}
	s.newClient = func() *http.Client { return newClient(s.watched(dial), c, certificate, s.contexts.note) }
	s.client = s.newClient()
	return s, nil
}
