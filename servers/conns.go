package servers

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// conns holds the open connections, below TLS. The zero value is empty.
type conns struct {
	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool // closeAll was called, so that add closes
}

func (s *conns) add(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		withoutTLS(c).Close()
	}
	if s.open == nil {
		s.open = map[net.Conn]struct{}{}
	}
	s.open[withoutTLS(c)] = struct{}{}
}

func (s *conns) remove(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, withoutTLS(c))
}

func (s *conns) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// closeAll closes all connections, and those that are added later. It does not
// remove them.
func (s *conns) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.open {
		c.Close()
	}
}

// withoutTLS returns the connection below TLS.
func withoutTLS(c net.Conn) net.Conn {
	if t, ok := c.(*tls.Conn); ok {
		return t.NetConn()
	}
	return c
}

// track keeps the set of open connections, so that Close can close them and
// wait for them.
func (s *Server) track(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.running.Add(1)
		s.conns.add(c)
	case http.StateClosed, http.StateHijacked:
		s.conns.remove(c)
		s.running.Done()
	}
}

// A connInfo is what the requests of a connection know about it.
type connInfo struct {
	used   atomic.Bool // it has carried a request
	parked *parkedConn // nil unless it was parked
}

type connInfoKey struct{}

// withConnInfo returns the context for the requests of a connection.
func withConnInfo(ctx context.Context, c net.Conn) context.Context {
	info := new(connInfo)
	if p, ok := c.(*parkedConn); ok {
		info.parked = p
		info.used.Store(true)
	}
	return context.WithValue(ctx, connInfoKey{}, info)
}

// connInfoOf returns what is known of a request's connection. It is nil for a
// connection that another server has accepted.
func connInfoOf(r *http.Request) *connInfo {
	info, _ := r.Context().Value(connInfoKey{}).(*connInfo)
	return info
}

// use notes a request, and reports whether there was one before.
func (i *connInfo) use() bool { return i != nil && i.used.Swap(true) }

// unpark returns the exchange that was parked with the connection. It returns
// nil if there is none, and for all later requests of the connection.
func (i *connInfo) unpark() *exchange {
	if i == nil || i.parked == nil {
		return nil
	}
	return i.parked.exchange.Swap(nil)
}
