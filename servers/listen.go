package servers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/teapot-go/teapot/servers/loopback"
)

// The limits of a request's head.
const (
	headerTime  = time.Minute
	headerBytes = 1 << 16
)

// listen starts to accept connections, and makes the server's client.
func (s *Server) listen(c Config) error {
	var identity tls.Certificate
	scheme := "http"
	if c.TLS {
		var err error
		if identity, err = selfSigned(c.Address); err != nil {
			return err
		}
		scheme, s.certificate = "https", identity.Leaf
	}
	if c.Direct {
		s.listener, s.resumed, s.http = listenMemory(), listenMemory(), &http.Server{}
		s.url = scheme + "://" + MemoryAddress
		s.newClient = func() *http.Client { return &http.Client{Transport: direct{s}} }
		s.client = s.newClient()
		return nil
	}
	listener, dial, err := open(c)
	if err != nil {
		return err
	}
	s.taking(listener)
	secure := &tls.Config{Certificates: []tls.Certificate{identity}, MinVersion: tls.VersionTLS12}
	frame := framing(c, secure)
	s.listener = watchedListener{listener, s, frame}
	wire := c // as net/http sees it
	wire.TLS = c.TLS && frame == nil
	s.url = scheme + "://" + loopback.Reachable(listener.Addr())
	s.newClient = func() *http.Client {
		return s.throughUnreachable(newClient(s.watched(until(s.base, dial)), c, s.certificate, s.contexts.note))
	}
	s.client = s.newClient()
	handler := http.Handler(s)
	if c.Front != nil {
		handler = c.Front(s)
	}
	s.http = &http.Server{
		Handler:           handler,
		BaseContext:       func(net.Listener) context.Context { return s.base },
		ConnContext:       s.accepted,
		ConnState:         s.track,
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       c.Patience,
		MaxHeaderBytes:    headerBytes,
		ErrorLog:          log.New(io.Discard, "", 0), // planned errors are in the journal; see logPanic for others
		Protocols:         protocols(wire, true),

		DisableGeneralOptionsHandler: true, // it would answer OPTIONS * without the plan
	}
	serve := func() { _ = s.http.Serve(s.listener) } // it ends with ErrServerClosed, by Close
	if wire.TLS {
		s.http.TLSConfig = secure
		serve = func() { _ = s.http.ServeTLS(s.listener, "", "") }
	}
	s.running.Go(serve)
	// With TLS none is parked, and net/http sets HTTP/2 up in the first of two
	// calls alone: that must be ServeTLS.
	if s.resumed = listenMemory(); s.parks && !c.TLS {
		s.running.Go(func() { _ = s.http.Serve(s.resumed) })
	}
	return nil
}

// taking has connections in memory take turns.
func (s *Server) taking(l net.Listener) {
	if memory, is := l.(*memoryListener); is {
		memory.turns = &s.turns
	}
}

func open(c Config) (net.Listener, func(context.Context) (net.Conn, error), error) {
	if c.Memory {
		if c.Address != "" {
			return nil, nil, fmt.Errorf("address %s: want no address for a server in memory", c.Address)
		}
		l := listenMemory()
		return l, l.dial, nil
	}
	var l net.Listener
	var err error
	if c.Address == "" {
		l, err = loopback.Listen()
	} else {
		l, err = net.Listen("tcp", c.Address)
	}
	if err != nil {
		return nil, nil, err
	}
	addr := loopback.Reachable(l.Addr())
	return l, func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", addr) }, nil
}

// protocols returns the protocols of a server or of its client. A server with
// HTTP/2 accepts HTTP/1.1 too.
func protocols(c Config, server bool) *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(server || !c.HTTP2)
	p.SetHTTP2(c.HTTP2 && c.TLS)
	p.SetUnencryptedHTTP2(c.HTTP2 && !c.TLS)
	return p
}

// until returns a dial that fails after base has ended: by then another program
// may listen at the server's port.
func until(base context.Context, dial func(context.Context) (net.Conn, error)) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		if base.Err() != nil {
			return nil, net.ErrClosed
		}
		return dial(ctx)
	}
}

// newClient makes a client that keeps all its idle connections, as a load test
// needs. It can reach only the server: it calls dial for every host, and note
// with every request.
func newClient(
	dial func(context.Context) (net.Conn, error), c Config, certificate *x509.Certificate,
	note func(*http.Request) (*url.URL, error),
) *http.Client {
	t := &http.Transport{
		DialContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		MaxIdleConns:        0, // no limit
		MaxIdleConnsPerHost: 1 << 20,
		DisableCompression:  true,
		Proxy:               note,
		Protocols:           protocols(c, false),
	}
	if certificate != nil {
		pool := x509.NewCertPool()
		pool.AddCert(certificate)
		t.TLSClientConfig = &tls.Config{RootCAs: pool, ServerName: memoryName, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: t}
}
