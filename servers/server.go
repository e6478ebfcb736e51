package servers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// AttemptHeader is the request header in which a client that retries says which attempt this is, from 1. A request without it is a
// first attempt.
const AttemptHeader = "Teapot-Attempt"

// A Config says what to start. Its zero value is a faithful server on a free loopback port.
type Config struct {
	Plan   Plan
	Memory bool // in-memory connections, for a testing/synctest bubble, instead of loopback ones
}

// A Server carries out a plan. Its methods may be called by any number of goroutines.
type Server struct {
	plan    Plan
	url     string
	started time.Time
	client  *http.Client
	http    *http.Server
	journal journal
	resent  resent
	nowhere nowhere
	conns   sync.WaitGroup // connections and the accept loop
	giveUp  context.CancelFunc
}

// Start starts a server. It serves until Close.
func Start(c Config) (*Server, error) {
	if err := c.Plan.Check(); err != nil {
		return nil, fmt.Errorf("servers: %w", err)
	}
	listener, dial, err := listen(c.Memory)
	if err != nil {
		return nil, fmt.Errorf("servers: %w", err)
	}
	base, giveUp := context.WithCancel(context.Background())
	s := &Server{
		plan:    c.Plan,
		url:     "http://" + listener.Addr().String(),
		started: time.Now(),
		client:  newClient(until(base, dial)),
		giveUp:  giveUp,
	}
	if err := s.openNowhere(c.Memory); err != nil {
		giveUp()
		return nil, fmt.Errorf("servers: %w", errors.Join(err, listener.Close()))
	}
	s.http = &http.Server{
		Handler:           s,
		BaseContext:       func(net.Listener) context.Context { return base },
		ConnState:         s.track,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0), // what went wrong was planned, and stands in the journal

		DisableGeneralOptionsHandler: true, // which would answer OPTIONS * past the plan
	}
	s.conns.Go(func() { _ = s.http.Serve(listener) }) // it ends with ErrServerClosed, by Close
	return s, nil
}

func listen(memory bool) (net.Listener, func(context.Context) (net.Conn, error), error) {
	if memory {
		l := listenMemory()
		return l, l.dial, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	addr := l.Addr().String()
	return l, func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", addr) }, nil
}

// until is dial as long as base lasts: a port that the server has left may be somebody else's.
func until(base context.Context, dial func(context.Context) (net.Conn, error)) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		if base.Err() != nil {
			return nil, net.ErrClosed
		}
		return dial(ctx)
	}
}

// newClient makes a client that keeps every connection it has opened, as a load tool needs, and that can reach nothing but the
// server: whatever host a URL names, dial decides where it goes.
func newClient(dial func(context.Context) (net.Conn, error)) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		MaxIdleConns:        0, // no limit
		MaxIdleConnsPerHost: 1 << 20,
		DisableCompression:  true,
	}}
}

// track counts the connections that are open, so that Close can wait for them.
func (s *Server) track(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.conns.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.conns.Done()
	}
}

// ServeHTTP carries out the plan for one request and enters it in the journal.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.conns.Add(1) // a connection that a fault takes does not count any more
	defer s.conns.Done()
	key, attempt := keyOf(r.URL.Path), attemptOf(r)
	now := time.Now()
	fate, resent := s.fate(key, attempt, now)
	seen := &witness{ResponseWriter: w, head: r.Method == http.MethodHead, arrived: now, entry: Entry{
		Key: key, Attempt: attempt, Arrived: now.Sub(s.started), Planned: fate, Resent: resent,
	}}
	defer func() { s.journal.add(seen.end()) }()
	if resent {
		fate.Latency = 0
	}
	s.plan.carriedOut(fate, now, flagOf(key), func(k Kind) {
		seen.entry.Met = k
		if k.Mute() {
			s.resent.note(key, attempt, seen.entry.Planned)
		}
	}).ServeHTTP(seen, r)
}

func attemptOf(r *http.Request) int {
	if n, err := strconv.Atoi(r.Header.Get(AttemptHeader)); err == nil && n > 0 {
		return n
	}
	return 1
}

// URL is the server's base URL, without a slash at its end.
func (s *Server) URL() string { return s.url }

// Client returns a client that reaches this server and no other, whatever host its URLs name. Its idle connections are closed by
// Close. It has no timeout: give the request's context a deadline.
func (s *Server) Client() *http.Client { return s.client }

// Journal returns what the server did, in the order in which requests ended, the latest [JournalLimit] of them. It holds a request
// from its end on: call Close first to have them all.
func (s *Server) Journal() []Entry { return s.journal.entries() }

// Close ends every request without an answer, closes every connection and waits until nothing of the server runs any more. It may
// be called more than once. It must not be called from within a handler.
func (s *Server) Close() error {
	s.giveUp()
	err := s.http.Close()
	s.client.CloseIdleConnections()
	err = errors.Join(err, s.nowhere.close())
	s.conns.Wait()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return err
}
