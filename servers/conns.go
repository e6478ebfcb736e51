package servers

import (
	"cmp"
	"context"
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// conns holds the open connections, below TLS, and counts them. The zero value
// is empty.
type conns struct {
	mu     sync.Mutex
	open   map[net.Conn]*connInfo
	opened int
	peak   int
	closed bool // closeAll was called, so that add closes

	requests, peakRequests int // under way now, and at most
	reused                 int
}

// Connections is what a server has seen of the connections of its clients.
type Connections struct {
	Opened       int // since the server started
	Peak         int // open at once
	Reused       int // requests on a connection that had carried one before
	PeakRequests int // under way at once
	Open         []Connection
}

// A Connection is one that is open. Its times are since the server started.
type Connection struct {
	Requests int  // that it has carried
	Busy     bool // it carries one now
	First    time.Duration
	Last     time.Duration // when its last request ended, or the connection was opened
}

// Connections returns what the server has seen of the connections of its
// clients. Those that are open come in the order of their first requests.
func (s *Server) Connections() Connections {
	k := &s.conns
	k.mu.Lock()
	defer k.mu.Unlock()
	all := Connections{Opened: k.opened, Peak: k.peak, Reused: k.reused, PeakRequests: k.peakRequests}
	for _, info := range k.open {
		c := Connection{Requests: info.requests, Busy: info.busy > 0, Last: info.last.Sub(s.started)}
		if c.First = c.Last; c.Requests > 0 {
			c.First = info.first.Sub(s.started)
		}
		all.Open = append(all.Open, c)
	}
	slices.SortFunc(all.Open, func(a, b Connection) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last), cmp.Compare(a.Requests, b.Requests))
	})
	return all
}

// add adds a connection. One that was parked is the same as before.
func (s *conns) add(c net.Conn) *connInfo {
	info, closed := s.note(c)
	if closed {
		withoutTLS(c).Close() // without the lock: a parked one ends its request
	}
	return info
}

// note is add, and reports whether all connections are closed.
func (s *conns) note(c net.Conn) (info *connInfo, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[net.Conn]*connInfo{}
	}
	info = &connInfo{last: time.Now()}
	if p, ok := c.(*parkedConn); ok {
		if p.info != nil {
			info = p.info
		}
		info.parked = p
	} else {
		s.opened++
		info.number = s.opened
	}
	s.open[withoutTLS(c)] = info
	s.peak = max(s.peak, len(s.open))
	return info, s.closed
}

// begin notes a request on a connection, and reports whether there was one
// before. info may be nil.
func (s *conns) begin(info *connInfo) (reused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	s.peakRequests = max(s.peakRequests, s.requests)
	if info == nil {
		return false
	}
	info.busy++
	if info.requests++; info.requests == 1 {
		info.first = time.Now()
		return false
	}
	s.reused++
	return true
}

// end notes the end of a request.
func (s *conns) end(info *connInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests--
	if info != nil {
		info.busy--
		info.last = time.Now()
	}
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
	s.closed = true
	open := slices.Collect(maps.Keys(s.open))
	s.mu.Unlock()
	for _, c := range open {
		c.Close() // without the lock: a parked one ends its request
	}
}

// withoutTLS returns the connection below TLS and frames.
func withoutTLS(c net.Conn) net.Conn {
	if framed, ok := c.(*framedConn); ok {
		c = framed.Conn
	}
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
	case http.StateClosed, http.StateHijacked:
		s.conns.remove(c)
		s.running.Done()
	}
}

// A connInfo is what is known of a connection. The lock of conns guards its
// numbers.
type connInfo struct {
	parked      *parkedConn // nil unless it was parked
	framed      *framedConn // nil unless requests may be refused on it
	number      int         // in the order of opening, from 1
	requests    int
	busy        int // requests under way
	first, last time.Time
}

type connInfoKey struct{}

// accepted adds a connection, and returns the context for its requests.
func (s *Server) accepted(ctx context.Context, c net.Conn) context.Context {
	info := s.conns.add(c)
	if framed, ok := c.(*framedConn); ok {
		info.framed = framed
	}
	return context.WithValue(ctx, connInfoKey{}, info)
}

// streamOf returns the stream of a request, and 0 if it is not known.
func (i *connInfo) streamOf(r *http.Request) uint32 {
	if i == nil {
		return 0
	}
	return i.framed.streamOf(r)
}

// ignores reports whether the requests of a stream are not processed.
func (i *connInfo) ignores(stream uint32) bool { return i != nil && i.framed.ignores(stream) }

// connInfoOf returns what is known of a request's connection. It is nil for a
// connection that another server has accepted.
func connInfoOf(r *http.Request) *connInfo {
	info, _ := r.Context().Value(connInfoKey{}).(*connInfo)
	return info
}

// unpark returns the exchange that was parked with the connection. It returns
// nil if there is none, and for all later requests of the connection.
func (i *connInfo) unpark() *exchange {
	if i == nil || i.parked == nil {
		return nil
	}
	return i.parked.exchange.Swap(nil)
}
