package servers

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
)

// guests are the connections that are open, without what TLS has put around
// them. The zero value is none.
type guests struct {
	mu   sync.Mutex
	open map[net.Conn]struct{}
	gone bool // leave was called: whoever comes now leaves at once
}

func (g *guests) enter(c net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gone {
		bare(c).Close()
	}
	if g.open == nil {
		g.open = map[net.Conn]struct{}{}
	}
	g.open[bare(c)] = struct{}{}
}

func (g *guests) exit(c net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.open, bare(c))
}

func (g *guests) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.open)
}

// leave closes all connections. What is told of them by exit comes later.
func (g *guests) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.gone = true
	for c := range g.open {
		c.Close()
	}
}

func bare(c net.Conn) net.Conn {
	if t, ok := c.(*tls.Conn); ok {
		return t.NetConn()
	}
	return c
}

// track counts the connections that are open, so that Close can end them and
// wait for them.
func (s *Server) track(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.running.Add(1)
		s.guests.enter(c)
	case http.StateClosed, http.StateHijacked:
		s.guests.exit(c)
		s.running.Done()
	}
}
