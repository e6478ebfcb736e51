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
	"github.com/teapot-go/teapot/servers/internal/unreachable"
	"github.com/teapot-go/teapot/servers/latency"
	"github.com/teapot-go/teapot/servers/limits"
)

// AttemptHeader is the request header in which a client that retries says which
// attempt this is, from 1. A request without it is a first attempt, unless
// [Config.CountAttempts], and so is one whose value is no such number.
const AttemptHeader = "Teapot-Attempt"

// A Config says what to start. Its zero value is a faithful server of flags on
// a free loopback port that speaks HTTP/1.1.
type Config struct {
	Plan   Plan
	Memory bool // in-memory connections, for a testing/synctest bubble, instead of loopback ones

	// Address is where to listen, such as "127.0.0.1:8000", and "" for a free
	// port of 127.0.0.1. Who listens at any other interface serves everybody
	// who can reach it.
	Address string

	TLS   bool // HTTPS, with a certificate of the server's own making, which its client trusts
	HTTP2 bool // HTTP/2 beside HTTP/1.1, in the clear too; the server's client speaks nothing else

	// Content is what a faithful answer is; nil for the flags. Any handler will
	// do, and a [content.Preparer] does its slow work as a part of the planned
	// latency. It is not closed by Close. A handler must return when its
	// request's context is done, or Close waits for it. A panic of its own ends
	// the answer, and is logged with its stack, as by net/http.
	Content http.Handler

	// CountAttempts has a request that does not say which attempt it is be the
	// next one at its key, for clients that know nothing of plans: what each
	// meets depends on how often the key was asked for, and two that ask for
	// the same at once come in any order. Without it such a request is a first
	// attempt, and meets the same every time.
	CountAttempts bool

	// Park has requests that wait for 50 ms or longer before the first byte
	// wait without a goroutine and without buffers, over HTTP/1.1 without TLS:
	// tens of thousands of them fit into little memory. Its price: that a
	// client has gone away meanwhile shows when the wait is over, and not at
	// once.
	Park bool

	// Capacity and Rate turn requests away before they meet their fate. A
	// planned latency begins when a request is let in. In memory, requests that
	// arrive at the same instant of a bubble's clock are let in in an order
	// that is drawn from the plan's seed, a nanosecond later.
	Capacity limits.Capacity
	Rate     limits.Rate
}

// A Server carries out a plan. Its methods may be called by any number of
// goroutines.
type Server struct {
	plan    Plan
	content http.Handler
	own     bool // the content is the flags, whose status the plan knows
	gate    *limits.Gate

	url         string
	certificate *x509.Certificate // nil without TLS
	started     time.Time
	client      *http.Client
	listener    net.Listener
	http        *http.Server

	journal     journal
	resent      resent
	turns       *turns // nil without CountAttempts
	unreachable unreachable.Addresses

	alarm    *latency.Alarm // nil in memory
	parks    bool
	lot      lot
	backDoor *memoryListener // by which parked connections come back
	base     context.Context // ends with the server
	giveUp   context.CancelFunc
	guests   guests
	running  sync.WaitGroup // connections and the accept loop

	mu       sync.Mutex // held where requests begin and where Close does
	closed   bool
	requests sync.WaitGroup // over HTTP/2 they outlive their connection
	underway atomic.Int64
}

// Start starts a server. It serves until Close.
func Start(c Config) (*Server, error) {
	if err := c.Plan.Check(); err != nil {
		return nil, fmt.Errorf("servers: %w", err)
	}
	gate, err := limits.NewGate(c.Capacity, c.Rate, c.Memory)
	if err != nil {
		return nil, fmt.Errorf("servers: %w", err)
	}
	s := &Server{plan: c.Plan, content: c.Content, gate: gate, started: time.Now(), parks: c.Park}
	if s.own = c.Content == nil; s.own {
		s.content = content.NewFlags(0, nil)
	}
	if c.CountAttempts {
		s.turns = &turns{last: map[string]int{}}
	}
	s.base, s.giveUp = context.WithCancel(context.Background())
	if !c.Memory && c.Plan.Latency != nil {
		s.alarm = latency.NewAlarm()
	}
	if err := s.listen(c); err != nil {
		s.giveUp()
		return nil, fmt.Errorf("servers: %w", errors.Join(err, s.alarm.Close()))
	}
	if err := s.openUnreachable(c.Memory); err != nil {
		return nil, fmt.Errorf("servers: %w", errors.Join(err, s.Close()))
	}
	return s, nil
}

// URL is the server's base URL, without a slash at its end.
func (s *Server) URL() string { return s.url }

// Client returns a client that reaches this server and no other, whatever host
// its URLs name. It trusts the server's certificate, follows redirects as any
// other, and asks for no compression that the caller does not ask for. Its idle
// connections are closed by Close. It has no timeout: give the request's
// context a deadline.
func (s *Server) Client() *http.Client { return s.client }

// Certificate returns the certificate of a server with TLS, which is its own
// authority; nil without TLS. Another client trusts the server when its pool
// holds it, and calls it 127.0.0.1, localhost or, in memory, teapot.invalid.
func (s *Server) Certificate() *x509.Certificate { return s.certificate }

// Started returns when the server started, which is the zero of its journal's
// times.
func (s *Server) Started() time.Time { return s.started }

// Journal returns what the server did, in the order in which requests ended,
// the latest [JournalLimit] of them. It holds a request from its end on: call
// Close first to have them all.
func (s *Server) Journal() []Entry { return s.journal.entries() }

// Observe calls f with every entry that the journal holds and then with each
// new one, in order, one at a time, until stop is called. The server's requests
// wait for f, which must be quick and must not call the server.
func (s *Server) Observe(f func(Entry)) (stop func()) { return s.journal.observe(f) }

// Load is what a server has to do at a moment.
type Load struct {
	Connections int // that are open
	Requests    int // that have arrived and not ended
	Queued      int // of these, the ones that wait to be let in
}

// Load returns what the server has to do now.
func (s *Server) Load() Load {
	return Load{Connections: s.guests.count(), Requests: int(s.underway.Load()), Queued: s.gate.Waiting()}
}

// Close ends every request without an answer, closes every connection and waits
// until nothing of the server runs any more. It may be called more than once.
// It must not be called from within a handler.
func (s *Server) Close() error { return s.CloseWithin(context.Background()) }

// CloseWithin is Close for content that may not return when its request's
// context is done: it waits no longer than ctx. The error then says how many
// requests still run; what is left of the server ends with them.
func (s *Server) CloseWithin(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.giveUp()
	err := s.listener.Close()
	s.guests.leave() // before net/http does it one by one, with a goodbye of TLS that each may take seconds to fail
	err = errors.Join(unlessClosed(err), unlessClosed(s.http.Close()))
	s.client.CloseIdleConnections()
	s.lot.close()
	return errors.Join(err, s.unreachable.Close(), s.wait(ctx), s.alarm.Close())
}

// wait waits for all that runs.
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
	go func() { // it is waited for unless ctx ends first
		defer close(over)
		all()
	}()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("servers: %w, and %d of its requests still run, whose content does not heed their context", context.Cause(ctx), s.underway.Load())
	}
}

func unlessClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
