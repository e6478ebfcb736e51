package servers

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/latency"
)

// parkTime is the shortest wait for which a connection is parked: to take it
// from net/http and to give it back costs as much as a few requests.
const parkTime = 50 * time.Millisecond

// A parkedConn is a connection whose request waits without a goroutine and
// without the buffers of net/http. After the wait the server accepts the
// connection again: net/http reads the same request from it, serves it, and
// then serves what follows.
type parkedConn struct {
	net.Conn
	server   *Server
	info     *connInfo
	exchange atomic.Pointer[exchange] // until the request is read again
	unread   []byte                   // the request, and what had been read behind it
	timer    *time.Timer
}

// parked holds the parked connections. The zero value is empty.
type parked struct {
	mu     sync.Mutex
	conns  map[*parkedConn]struct{}
	closed bool
}

// park parks the connection of a request that has to wait, and reports whether
// it did.
func (s *Server) park(x *exchange, r *http.Request) bool {
	fate := x.rec.entry.Planned
	wait := fate.Latency
	first := fate.Spend == "" || fate.Spend == latency.BeforeHead || x.rec.head
	plain := r.ProtoMajor == 1 && r.TLS == nil && r.Body == http.NoBody
	if !s.parks || wait < parkTime || !first || !plain || x.rec.entry.Resent || fault.Hop(r) > 0 {
		return false
	}
	c, buffered, err := http.NewResponseController(x.rec.ResponseWriter).Hijack()
	if err != nil {
		return false
	}
	unread := fmt.Appendf(nil, "%s %s HTTP/1.%d\r\nHost: %s\r\n", r.Method, r.RequestURI, r.ProtoMinor, r.Host)
	head := bytes.NewBuffer(unread)
	_ = r.Header.Write(head) // a Buffer never fails
	head.WriteString("\r\n")
	behind, _ := buffered.Reader.Peek(buffered.Reader.Buffered())
	head.Write(behind)
	if p, again := c.(*parkedConn); again {
		head.Write(p.unread)
		c = p.Conn
	}
	x.rec.ResponseWriter = nil // it holds the buffers
	p := &parkedConn{Conn: c, server: s, info: x.conn, unread: bytes.Clone(head.Bytes())}
	p.exchange.Store(x)
	s.parked.add(p, time.Until(x.admitted.Add(wait)))
	return true
}

// add keeps a connection for the duration d.
func (k *parked) add(p *parkedConn, d time.Duration) {
	if !k.keep(p, d) {
		p.Close()
	}
}

// keep is add, unless all parked connections are closed: then it returns false.
func (k *parked) keep(p *parkedConn, d time.Duration) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return false
	}
	if k.conns == nil {
		k.conns = map[*parkedConn]struct{}{}
	}
	k.conns[p] = struct{}{}
	p.timer = time.AfterFunc(d, func() { k.resume(p) })
	return true
}

// resume gives a connection back to the server.
func (k *parked) resume(p *parkedConn) {
	k.mu.Lock()
	_, there := k.conns[p]
	delete(k.conns, p)
	if there {
		p.server.running.Add(1) // safe: Close empties l before it waits for running
	}
	k.mu.Unlock()
	if !there {
		return
	}
	defer p.server.running.Done()
	select {
	case p.server.resumed.accept <- p:
	case <-p.server.resumed.closed:
		p.Close()
	}
}

// close closes all parked connections, and those that are added later.
func (k *parked) close() {
	k.mu.Lock()
	k.closed = true
	conns := k.conns
	k.conns = nil
	k.mu.Unlock()
	for p := range conns {
		p.timer.Stop()
		p.Close() // without the lock: it ends a request
	}
}

// Read returns the request again, and then what the client sends next.
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

// Close also ends the exchange, unless its request has been read again.
func (p *parkedConn) Close() error {
	if x := p.exchange.Swap(nil); x != nil {
		p.server.end(x, nil)
	}
	return p.Conn.Close()
}

// NetConn returns the connection below.
func (p *parkedConn) NetConn() net.Conn { return p.Conn }
