package servers

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/interleave"
	"github.com/teapot-go/teapot/servers/internal/unreachable"
	"github.com/teapot-go/teapot/servers/limits"
	"github.com/teapot-go/teapot/servers/timer"
)

// FlagPath returns the path under which a server serves the flag of a country
// code.
func FlagPath(code string) string { return content.FlagPath(code) }

// AttemptHeader is the request header in which a client says which attempt this
// is, from 1. A request without it is a first attempt, unless
// [Config.CountAttempts] is set. A request whose value is not a number from 1
// is a first attempt.
const AttemptHeader = "Teapot-Attempt"

// A Config describes a server. The zero value is a faithful HTTP/1.1 server of
// flags, on a free loopback port.
type Config struct {
	Plan   Plan
	Memory bool // in-memory connections, for a testing/synctest bubble, instead of loopback ones

	// Address is where to listen, such as "127.0.0.1:8000", and "" for a free
	// port of 127.0.0.1, or of ::1 where 127.0.0.1 does not work. Other
	// machines can reach a server at any other interface.
	Address string

	TLS   bool // HTTPS, with a self-signed certificate that the server's client trusts
	HTTP2 bool // HTTP/2 as well as HTTP/1.1, also without TLS; the server's client uses only HTTP/2

	// Content makes the faithful answers; nil means the flags. It may be any
	// handler. A [content.Preparer] does its slow work as a part of the planned
	// latency. Close does not close it. A handler must return when its
	// request's context is done: Close waits for it. If the handler panics, the
	// answer ends, and the server logs the stack, as net/http does.
	Content http.Handler

	// Key returns the key of a request, by which the plan draws its fate. It
	// must leave the request as it was. Any number of goroutines may call it.
	// nil means the upper-case country code of a flag's path, or the path.
	// Package keys has others.
	Key func(*http.Request) string

	// CountAttempts numbers the requests of each task that do not say which
	// attempt they are, for clients that do not send [AttemptHeader]. A key
	// that is not among the plan's Positions, or there once, has one task. What
	// a request meets then depends on how many there were before it, and the
	// order of two at once is not defined. Otherwise such a request is a first
	// attempt, and meets the same every time.
	CountAttempts bool
	// IgnoreAttempts numbers all requests so, also those that say which attempt
	// they are: for a client that says the same of each.
	IgnoreAttempts bool

	// RecordHeaders names header fields of requests that the journal keeps,
	// such as X-Request-Id, at most [MaxRecordHeaders]. It keeps credentials
	// too, if it is asked to, and the admin port shows them.
	RecordHeaders []string

	// Direct makes a server without connections: its client calls the server's
	// handler, so that a request costs little, and nothing else reaches it. Its
	// journal has no connections, and requests are those of HTTP/1.1. It takes
	// no Address, TLS, HTTP2, Park, and no fault of a connection, see
	// [fault.Kind.Connection].
	Direct bool

	// Park saves memory for tens of thousands of slow requests: those that wait
	// for 50 ms or longer before the first byte need no goroutine and no
	// buffers during the wait. It works over HTTP/1.1 without TLS. The server
	// then notices only after the wait that a client has gone away.
	Park bool

	// Front wraps the handler of all requests that come over connections; nil
	// for none. What it answers itself meets no plan, and is in no journal.
	Front func(http.Handler) http.Handler

	// Patience is how long a connection may be idle between two requests, and
	// how long the next bytes of a request's body may take. Then the server
	// closes it. 0 is for ever, so that a client may be as slow as it is.
	Patience time.Duration

	// Capacity and Rate turn requests away before they meet their fate. The
	// planned latency begins when a request is let in. In memory, requests that
	// arrive at the same instant of a bubble's clock are let in one nanosecond
	// later, in an order that is drawn from the plan's seed.
	Capacity limits.Capacity
	Rate     limits.Rate
}

// A Server carries out a plan. Its methods may be called by any number of
// goroutines.
type Server struct {
	*core
	client   *http.Client
	borrowed bool // by WithClient: Close ends the client alone
}

// A core is what a server is to all of its clients.
type core struct {
	plan        Plan
	recorded    []string // header fields, by their canonical names
	content     http.Handler
	servesFlags bool // whose status the plan knows
	key         func(*http.Request) string
	gate        *limits.Gate

	patience    time.Duration
	url         string
	certificate *x509.Certificate // nil without TLS
	started     time.Time
	newClient   func() *http.Client
	listener    net.Listener
	exhausted   chan error // of the machine; holds one
	http        *http.Server

	direct atomic.Uint32 // clients that have asked for the address of theirs
	prompt bool          // the content does not wait for anything
	unread unread

	contexts contexts
	date     dateCache
	turns    atomic.Pointer[interleave.Turns]

	journal     journal
	retries     retries
	identities  identities
	unreachable unreachable.Addresses
	http2       bool // or HTTP/1 alone

	timer   *timer.Timer // nil in memory
	parks   bool
	parked  parked
	resumed *memoryListener    // accepts parked connections after their wait
	base    context.Context    // ends with the server
	cancel  context.CancelFunc // of base
	conns   conns
	running sync.WaitGroup // connections and the accept loop

	mu       sync.Mutex // held where a request or Close begins
	closed   bool
	requests sync.WaitGroup // an HTTP/2 request outlives its connection
	underway atomic.Int64
	instant  instant
	braked   atomic.Bool
}

// Start starts a server. It serves until Close.
func Start(c Config) (*Server, error) {
	if err := c.Plan.Check(); err != nil {
		return nil, fmt.Errorf("servers: %w", err)
	}
	if c.Direct && (c.Address != "" || c.TLS || c.HTTP2 || c.Park) {
		return nil, errors.New("servers: a direct server has no connections: want no Address, TLS, HTTP2 or Park")
	}
	for i, f := range c.Plan.Faults {
		switch {
		case !f.Kind.HTTP1() && !c.HTTP2:
			return nil, fmt.Errorf("servers: fault %d: kind %s: want HTTP2", i+1, f.Kind)
		case f.Kind.Connection() && c.Direct:
			return nil, fmt.Errorf("servers: fault %d: kind %s: want connections, and not Direct", i+1, f.Kind)
		}
	}
	if err := checkRecorded(c.RecordHeaders); err != nil {
		return nil, fmt.Errorf("servers: %w", err)
	}
	gate, err := limits.NewGate(c.Capacity, c.Rate, c.Memory)
	if err != nil {
		return nil, fmt.Errorf("servers: %w", err)
	}
	s := &Server{core: &core{
		plan: c.Plan, content: c.Content, gate: gate, started: time.Now(), parks: c.Park, patience: c.Patience,
		exhausted: make(chan error, 1), http2: c.HTTP2,
	}}
	if s.servesFlags = c.Content == nil; s.servesFlags {
		s.content = content.NewFlags(0, nil)
	}
	s.prompt = isPrompt(s.content)
	s.identities.owners.direct = c.Direct
	s.identities.counts, s.identities.ignores = c.CountAttempts || c.IgnoreAttempts, c.IgnoreAttempts
	s.identities.positions, s.identities.foreign = c.Plan.positions(), c.Plan.Foreign && c.Plan.Positions != nil
	if s.key = c.Key; s.key == nil {
		s.key = func(r *http.Request) string { return content.Key(r.URL.Path) }
	}
	for _, name := range c.RecordHeaders {
		s.recorded = append(s.recorded, http.CanonicalHeaderKey(name))
	}
	s.base, s.cancel = context.WithCancel(context.Background())
	if !c.Memory && (c.Plan.Latency != nil || len(c.Plan.Latencies) > 0) {
		s.timer = timer.New()
	}
	if err := s.listen(c); err != nil {
		s.cancel()
		return nil, fmt.Errorf("servers: %w", errors.Join(err, s.timer.Close()))
	}
	if err := s.openUnreachable(c.Memory); err != nil {
		return nil, fmt.Errorf("servers: %w", errors.Join(err, s.Close()))
	}
	return s, nil
}

// URL returns the server's base URL, without a slash at its end.
func (s *Server) URL() string { return s.url }

// Client returns a client that reaches only this server, whatever host a URL
// names. It trusts the server's certificate, follows redirects, and asks for
// compression only if the caller does. Close closes its idle connections. It
// has no timeout: give the request's context a deadline.
func (s *Server) Client() *http.Client { return s.client }

// WithClient returns the same server with another client, which shares no
// connection with this one: that of another load generator. Its Close closes
// the idle connections of that client, and leaves the server as it is.
func (s *Server) WithClient() *Server { return &Server{s.core, s.newClient(), true} }

// Direct reports whether the server has no connections: see [Config].
func (s *Server) Direct() bool {
	_, is := s.client.Transport.(direct)
	return is
}

// Certificate returns the self-signed certificate of a server with TLS, and nil
// without TLS. A client whose pool holds it trusts the server at 127.0.0.1 and
// localhost.
func (s *Server) Certificate() *x509.Certificate { return s.certificate }

// Started returns when the server started, which is the zero of its journal's
// times.
func (s *Server) Started() time.Time { return s.started }

// Journal returns the entries of the last [JournalLimit] requests, in the order
// in which they ended. A request has an entry when it has ended: call Close
// first to have all of them.
func (s *Server) Journal() []Entry { return s.journal.entries() }

// KeepJournal has the journal keep 2^21 entries from now on instead of
// [JournalLimit], for which it may take a gigabyte. It must be called before
// there are more than that limit.
func (s *Server) KeepJournal() { s.journal.extend() }

// HandOver has the journal hand each entry to f, and keep no more than the last
// few thousand: it takes no more memory however many requests there are. The
// calls are as those of [Server.Observe]. It must be called before the first
// request.
func (s *Server) HandOver(f func(Entry)) { s.journal.handOver(f) }

// Forgot reports whether the journal has dropped entries that it has not handed
// over.
func (s *Server) Forgot() bool { return s.journal.forgot() }

// Interleave has the goroutines that exchange requests and answers take turns:
// where bytes arrive in memory, and where a request of a direct server begins
// and where it is answered. It must be called before the first request.
func (s *Server) Interleave(t *interleave.Turns) { s.turns.Store(t) }

// Observe calls f with every entry of the journal, and then with each new one.
// The calls are in order and one at a time, until stop is called. The requests
// of the server wait for f, which must be quick and must not call the server.
func (s *Server) Observe(f func(Entry)) (stop func()) { return s.journal.observe(f) }

// Load is how busy a server is.
type Load struct {
	Connections int // open ones
	Requests    int // those that have begun and not ended
	Queued      int // those of them that wait to be let in
	Unread      int // responses without a connection, whose bodies are neither read to the end nor closed
}

// Load returns how busy the server is now.
func (s *Server) Load() Load {
	return Load{
		Connections: s.conns.count(), Requests: int(s.underway.Load()), Queued: s.gate.Waiting(),
		Unread: s.unread.count(),
	}
}

// Close ends every request without an answer, closes every connection and waits
// for everything that the server has started. It may be called more than once.
// A handler must not call it.
//
// The wait has no bound, so that no goroutine of the server outlives it. It is
// short unless the content ignores its request's context: for such content
// there is [Server.CloseWithin].
func (s *Server) Close() error { return s.CloseWithin(context.Background()) }

// CloseWithin is Close for content that may ignore its request's context: it
// waits no longer than ctx. Its error then says how many requests still run.
// The rest of the server ends with them.
func (s *Server) CloseWithin(ctx context.Context) error {
	if s.borrowed {
		s.client.CloseIdleConnections()
		return nil
	}
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	err := s.listener.Close()
	// Before net/http does it one by one, with a close_notify of TLS that may
	// take seconds each.
	s.conns.closeAll()
	err = errors.Join(unlessClosed(err), unlessClosed(s.http.Close()))
	s.client.CloseIdleConnections()
	s.parked.close()
	return errors.Join(err, s.unreachable.Close(), s.wait(ctx), s.timer.Close())
}

// wait waits for the goroutines of the server, or for ctx.
func (s *Server) wait(ctx context.Context) error {
	all := func() {
		s.running.Wait()
		s.requests.Wait()
	}
	if ctx.Done() == nil {
		all()
		return nil
	}
	over := make(chan struct{})
	go func() { // outlives CloseWithin only if ctx ends first
		defer close(over)
		all()
	}()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("servers: %w, and %d of its requests still run: their content ignores their context",
			context.Cause(ctx), s.underway.Load())
	}
}

// unlessClosed returns err, and nil if it says that something is closed
// already.
func unlessClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
