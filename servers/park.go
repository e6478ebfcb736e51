package servers

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/latency"
)

// parkTime is the shortest wait that is worth parking for: taking a connection
// from net/http and giving it back costs as much as a few requests.
const parkTime = 50 * time.Millisecond

// A parkedConn is a connection whose request waits for its time without a
// goroutine and without net/http's buffers. When the time has come it goes in
// by the back door: net/http reads the request from it once more, and serves
// it, and whatever follows on the connection.
type parkedConn struct {
	net.Conn
	server *Server
	visit  atomic.Pointer[visit] // until it is taken up again
	unread []byte                // the request, and what had come behind it
	timer  *time.Timer
}

// A lot has the connections that are parked. The zero value is empty.
type lot struct {
	mu     sync.Mutex
	cars   map[*parkedConn]struct{}
	closed bool
}

// parked takes the connection of a request that has to wait, and says whether
// it has.
func (s *Server) parked(v *visit, r *http.Request) bool {
	wait := v.seen.entry.Planned.Latency
	first := v.seen.entry.Planned.Spend == "" || v.seen.entry.Planned.Spend == latency.BeforeHead || v.seen.head
	plain := r.ProtoMajor == 1 && r.TLS == nil && r.Body == http.NoBody
	if !s.parks || wait < parkTime || !first || !plain || v.seen.entry.Resent || fault.Hop(r) > 0 {
		return false
	}
	c, buffered, err := http.NewResponseController(v.seen.ResponseWriter).Hijack()
	if err != nil {
		return false
	}
	unread := fmt.Appendf(nil, "%s %s HTTP/1.%d\r\nHost: %s\r\n", r.Method, r.RequestURI, r.ProtoMinor, r.Host)
	head := bytes.NewBuffer(unread)
	_ = r.Header.Write(head) // a Buffer does not fail
	head.WriteString("\r\n")
	behind, _ := buffered.Reader.Peek(buffered.Reader.Buffered())
	head.Write(behind)
	if p, again := c.(*parkedConn); again {
		head.Write(p.unread)
		c = p.Conn
	}
	v.seen.ResponseWriter = nil // which holds the buffers
	p := &parkedConn{Conn: c, server: s, unread: bytes.Clone(head.Bytes())}
	p.visit.Store(v)
	s.lot.add(p, time.Until(v.admitted.Add(wait)))
	return true
}

// add parks a connection for a time.
func (l *lot) add(p *parkedConn, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		p.Close()
		return
	}
	if l.cars == nil {
		l.cars = map[*parkedConn]struct{}{}
	}
	l.cars[p] = struct{}{}
	p.timer = time.AfterFunc(d, func() { l.leave(p) })
}

// leave has a connection go back to the server.
func (l *lot) leave(p *parkedConn) {
	l.mu.Lock()
	_, there := l.cars[p]
	delete(l.cars, p)
	if there {
		p.server.running.Add(1) // Close, which empties the lot before it waits, has not come by yet
	}
	l.mu.Unlock()
	if !there {
		return
	}
	defer p.server.running.Done()
	select {
	case p.server.backDoor.accept <- p:
	case <-p.server.backDoor.closed:
		p.Close()
	}
}

// close closes all connections that are parked, and those that would be from
// now on.
func (l *lot) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for p := range l.cars {
		p.timer.Stop()
		p.Close()
	}
	clear(l.cars)
}

// Read gives the request once more, and then what comes.
func (p *parkedConn) Read(b []byte) (int, error) {
	if len(p.unread) == 0 {
		return p.Conn.Read(b)
	}
	n := copy(b, p.unread)
	if p.unread = p.unread[n:]; len(p.unread) == 0 {
		p.unread = nil
	}
	return n, nil
}

// Close ends the visit as well, if nobody has taken it up again.
func (p *parkedConn) Close() error {
	if v := p.visit.Swap(nil); v != nil {
		p.server.end(v, nil)
	}
	return p.Conn.Close()
}

// NetConn is the connection itself.
func (p *parkedConn) NetConn() net.Conn { return p.Conn }

// know has the requests of a connection know of it, and that it was parked.
func know(ctx context.Context, c net.Conn) context.Context {
	l := new(line)
	if p, ok := c.(*parkedConn); ok {
		l.parked = p
		l.used.Store(true)
	}
	return context.WithValue(ctx, lineKey{}, l)
}

// takeUp takes up the visit whose request was parked, if one was. Later
// requests of the connection are their own.
func (l *line) takeUp() *visit {
	if l == nil || l.parked == nil {
		return nil
	}
	return l.parked.visit.Swap(nil)
}
