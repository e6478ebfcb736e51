package lean

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"sync"

	"github.com/valyala/fasthttp"
)

// headSize is how long the head of an answer may be. That of net/http may be 10
// MB, for which each connection would need a buffer here.
const headSize = 16 << 10

// A pool keeps connections that no request uses. Its methods may be called by
// any number of goroutines.
type pool struct {
	dialer net.Dialer
	tls    *tls.Config

	mu     sync.Mutex
	idle   map[target][]*conn
	closed bool
}

// A target is where connections lead.
type target struct {
	tls  bool
	host string
}

// A conn is a connection with its buffers.
type conn struct {
	net.Conn
	to target
	r  *bufio.Reader
	w  *bufio.Writer
}

// newPool returns a pool whose connections trust a certificate, if there is
// one.
func newPool(certificate *x509.Certificate) *pool {
	p := &pool{idle: map[target][]*conn{}, tls: &tls.Config{MinVersion: tls.VersionTLS12}}
	if certificate != nil {
		p.tls.RootCAs = x509.NewCertPool()
		p.tls.RootCAs.AddCert(certificate)
	}
	return p
}

// take returns a connection that no other request uses: the one that was used
// last, if the server has not closed it since, or a new one.
func (p *pool) take(ctx context.Context, at *fasthttp.URI) (*conn, error) {
	to := target{string(at.Scheme()) == "https", string(at.Host())}
	for {
		p.mu.Lock()
		list := p.idle[to]
		if len(list) == 0 {
			p.mu.Unlock()
			return p.dial(ctx, to)
		}
		c := list[len(list)-1]
		p.idle[to] = list[:len(list)-1]
		p.mu.Unlock()
		if alive(c.Conn) {
			return c, nil
		}
		_ = c.Close()
	}
}

func (p *pool) dial(ctx context.Context, to target) (*conn, error) {
	address, port := to.host, "80"
	if to.tls {
		port = "443"
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(address, port)
	}
	nc, err := p.dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if to.tls {
		config := p.tls.Clone()
		config.ServerName, _, _ = net.SplitHostPort(address)
		secure := tls.Client(nc, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = nc.Close()
			return nil, err
		}
		nc = secure
	}
	return &conn{nc, to, bufio.NewReaderSize(nc, headSize), bufio.NewWriter(nc)}, nil
}

// give puts a connection back whose last answer has ended. One that has more
// than that is of no use.
func (p *pool) give(c *conn) {
	p.mu.Lock()
	kept := !p.closed && c.r.Buffered() == 0
	if kept {
		p.idle[c.to] = append(p.idle[c.to], c)
	}
	p.mu.Unlock()
	if !kept {
		_ = c.Close()
	}
}

// close closes all connections that no request uses. Those that one uses are
// closed when it ends.
func (p *pool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = map[target][]*conn{}, true
	p.mu.Unlock()
	for _, list := range idle {
		for _, c := range list {
			_ = c.Close()
		}
	}
}
