package content

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/teapot-go/teapot/servers/loopback"
)

// An Upstream is content that another server answers: it makes of a test server
// a proxy in front of that one. Bodies are streamed in both directions, and
// WebSocket passes through. An answer that cannot be had is one with status
// 502, and with the reason as its body.
type Upstream struct {
	proxy     *httputil.ReverseProxy
	transport *http.Transport
	address   string // host and port
}

var (
	_ http.Handler = (*Upstream)(nil)
	_ io.Closer    = (*Upstream)(nil)
)

// NewUpstream returns the content of the server at a URL, whose path comes
// before that of each request. Unless remote is true, it reaches servers on
// this machine only: it looks at the address of every connection that it
// opens, whatever a name resolves to.
func NewUpstream(at string, remote bool) (*Upstream, error) {
	target, err := url.Parse(at)
	switch {
	case err != nil || target.Scheme != "http" && target.Scheme != "https" || target.Host == "" || target.User != nil ||
		target.RawQuery != "" || target.Fragment != "":
		return nil, fmt.Errorf("content: %q: want a URL such as http://127.0.0.1:3000", at)
	}
	dialer := &net.Dialer{Timeout: 30 * time.Second}
	if !remote {
		dialer.Control = loopback.Within(remoteError{})
	}
	port := target.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[target.Scheme]
	}
	u := &Upstream{address: net.JoinHostPort(target.Hostname(), port), transport: &http.Transport{
		DialContext: loopback.Dial(dialer), ForceAttemptHTTP2: true,
		MaxIdleConnsPerHost: 1000, IdleConnTimeout: 30 * time.Second,
		DisableCompression: true, // the client decides
	}}
	u.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			for name := range r.Out.Header {
				if strings.HasPrefix(name, "Teapot-") {
					delete(r.Out.Header, name)
				}
			}
		},
		Transport: u.transport, FlushInterval: -1, ErrorLog: log.New(io.Discard, "", 0), ErrorHandler: unavailable,
	}
	return u, nil
}

// A remoteError is why a server on another machine is not reached.
type remoteError struct{}

func (remoteError) Error() string { return "it is not on this machine" }

// Remote reports that leave to reach another machine would help.
func (remoteError) Remote() bool { return true }

// Reach returns an error if nothing listens at the URL, or if it is not on this
// machine and need be.
func (u *Upstream) Reach(ctx context.Context) error {
	conn, err := u.transport.DialContext(ctx, "tcp", u.address)
	if err != nil {
		return fmt.Errorf("content: upstream: %w", err)
	}
	return conn.Close()
}

// Resolve returns an error if the host of the URL has no address, or, unless
// remote is true, one that is not on this machine.
func (u *Upstream) Resolve(ctx context.Context, remote bool) error {
	host, _, err := net.SplitHostPort(u.address)
	if err != nil {
		return err
	}
	all, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return fmt.Errorf("the host %s has no address: %w", host, err)
	}
	for _, at := range all {
		if !remote && !at.Unmap().IsLoopback() {
			return fmt.Errorf("the host %s is %v: %w", host, at.Unmap(), remoteError{})
		}
	}
	return nil
}

// unavailable answers a request that the other server has not answered.
func unavailable(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler)
	}
	http.Error(w, "upstream: "+err.Error(), http.StatusBadGateway)
}

// ServeHTTP implements [http.Handler].
func (u *Upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// else net/http would end a request's body when its answer begins
	_ = http.NewResponseController(w).EnableFullDuplex() // where it is not HTTP/1 it is so anyway
	if r.Body != nil && r.Body != http.NoBody {
		// To close a body waits for what reads it. The server does so once the
		// answer has left, and ends the reading first.
		r = r.WithContext(r.Context())
		r.Body = io.NopCloser(r.Body)
	}
	u.proxy.ServeHTTP(w, r)
}

// Close closes the connections to the other server.
func (u *Upstream) Close() error {
	u.transport.CloseIdleConnections()
	return nil
}
