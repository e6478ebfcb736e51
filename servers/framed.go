package servers

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A framedConn is a connection over which HTTP/2 requests may be refused before
// they are processed (RFC 9113, 8.7). The server of net/http can only abort a
// stream, with an RST_STREAM of INTERNAL_ERROR, and does not tell a handler
// which stream its request has. A framedConn reads the frames that pass:
//
//   - To the header fields of each request it adds one, with the number of the
//     request's stream.
//   - Where the server aborts a stream that is refused, it sends another frame
//     instead.
//
// It passes everything else on as it is, HTTP/1 too. One goroutine may read
// while another writes. See newFramedTLS for one above TLS.
type framedConn struct {
	net.Conn
	tls     *tls.Conn            // the same; nil without TLS
	secured *tls.ConnectionState // after the handshake of TLS

	in     frameReader
	unread []byte // of what in has made ready
	buffer [4 << 10]byte

	framed atomic.Bool // the connection speaks HTTP/2
	out    frameWriter
	turn   chan struct{} // guards out: a lock that a testing/synctest bubble can wait for

	mu      sync.Mutex
	opened  uint32            // the latest stream of the client
	last    uint32            // later streams are not processed, by a GOAWAY
	instead map[uint32][]byte // what to send in place of a stream's next RST_STREAM
	told    bool              // the first GOAWAY was sent
	noticed chan struct{}     // closed when the client has read that
}

var _ net.Conn = (*framedConn)(nil)

// streamHeader is the header field that a framedConn adds to a request.
const streamHeader = "Teapot-Stream"

// notice is the payload of the PING after the first GOAWAY, whose
// acknowledgement says that the client has read both.
var notice = []byte("teapot\r\n")

// noticeTime is how long the acknowledgement may take.
const noticeTime = time.Second

// framing returns what frames the connections of a server, and nil if none is
// framed.
func framing(c Config, secure *tls.Config) func(net.Conn) *framedConn {
	switch {
	case !c.HTTP2 || !c.Plan.unprocessed():
		return nil
	case c.TLS:
		secure.NextProtos = []string{"h2", "http/1.1"}
		return func(c net.Conn) *framedConn { return newFramedTLS(c, secure) }
	default:
		return newFramedConn
	}
}

func newFramedConn(c net.Conn) *framedConn {
	f := &framedConn{
		Conn: c, turn: make(chan struct{}, 1),
		last: lastStream, instead: map[uint32][]byte{}, noticed: make(chan struct{}),
	}
	f.in.opened, f.in.acked, f.out.replace = f.open, f.acknowledge, f.replace
	return f
}

// NetConn returns the connection below.
func (c *framedConn) NetConn() net.Conn { return c.Conn }

// Read implements [net.Conn].
func (c *framedConn) Read(p []byte) (int, error) {
	for len(c.unread) == 0 {
		if c.in.plain {
			return c.Conn.Read(p)
		}
		if err := c.handshake(); err != nil {
			return 0, err
		}
		n, err := c.Conn.Read(c.buffer[:])
		if n == 0 {
			return 0, err
		}
		c.in.ready = c.in.ready[:0]
		c.in.take(c.buffer[:n]) // the next Read returns the error again
		c.unread = c.in.ready
		if !c.in.plain && c.in.preface == len(preface) {
			c.framed.Store(true)
		}
	}
	n := copy(p, c.unread)
	c.unread = c.unread[n:]
	return n, nil
}

// Write implements [net.Conn].
func (c *framedConn) Write(p []byte) (int, error) {
	if !c.framed.Load() {
		return c.Conn.Write(p)
	}
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	c.out.take(p)
	if err := c.send(); err != nil {
		return 0, err
	}
	return len(p), nil
}

// send sends what is ready. The caller has the turn.
func (c *framedConn) send() error {
	ready := c.out.ready
	c.out.ready = ready[:0]
	if len(ready) == 0 {
		return nil
	}
	_, err := c.Conn.Write(ready)
	return err
}

// open notes that a header block begins, and reports whether it is the first of
// its stream: another one has trailers.
func (c *framedConn) open(stream uint32) (first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first = stream > c.opened
	c.opened = max(c.opened, stream)
	return first
}

// acknowledge notes that the client has read the first GOAWAY.
func (c *framedConn) acknowledge(ping []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if bytes.Equal(ping, notice) && c.told && !c.knows() {
		close(c.noticed)
	}
}

// knows reports whether the client has read the first GOAWAY.
func (c *framedConn) knows() bool {
	select {
	case <-c.noticed:
		return true
	default:
		return false
	}
}

// replace returns what to send in place of the first bytes of a frame.
func (c *framedConn) replace(head []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch head[3] {
	case frameReset:
		stream := streamIn(head[5:])
		if instead, some := c.instead[stream]; some && payload(head) == 4 {
			delete(c.instead, stream)
			return instead
		}
	case frameGoAway: // must not allow more than the one before
		last := head[frameHead:]
		binary.BigEndian.PutUint32(last, min(streamIn(last), c.last))
	}
	return head
}

// streamOf returns the stream of a request, and removes the header field that
// names it. It is 0 if that is not known.
func (c *framedConn) streamOf(r *http.Request) uint32 {
	values := r.Header[streamHeader]
	if c == nil || r.ProtoMajor < 2 || len(values) == 0 {
		return 0
	}
	last := len(values) - 1 // the client may have sent others
	if r.Header[streamHeader] = values[:last]; last == 0 {
		delete(r.Header, streamHeader)
	}
	stream, _ := strconv.ParseUint(values[last], 10, 31)
	return uint32(stream)
}

// ignores reports whether a stream is one of those that are not processed. If
// so, nothing is sent when the server aborts it.
func (c *framedConn) ignores(stream uint32) bool {
	if c == nil || stream == 0 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	ignored := stream > c.last
	if ignored {
		c.instead[stream] = nil
	}
	return ignored
}

// refuse has the server's RST_STREAM of a stream say that the request was not
// processed.
func (c *framedConn) refuse(stream uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.instead[stream] = refusal(stream)
}

// goAway has a GOAWAY say, in place of the server's RST_STREAM, that the
// request of a stream was not processed. That is true only if the same can be
// said of each later stream. So a first GOAWAY, which allows every stream, has
// the client open no other on the connection, as RFC 9113 (6.8) recommends. If
// there is a later stream all the same, this one is refused alone.
func (c *framedConn) goAway(ctx context.Context, stream uint32) {
	c.refuse(stream)
	c.tell(ctx)
	limit := time.NewTimer(noticeTime)
	defer limit.Stop()
	select {
	case <-c.noticed:
	case <-limit.C:
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.knows() && c.opened == stream {
		c.last = min(c.last, max(stream, 2)-2)
		c.instead[stream] = goAway(c.last)
	}
}

// tell sends the first GOAWAY, and a PING after it.
func (c *framedConn) tell(ctx context.Context) {
	c.mu.Lock()
	told := c.told
	c.told = true
	c.mu.Unlock()
	if told {
		return
	}
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		c.mu.Lock()
		c.told = false
		c.mu.Unlock()
		return
	}
	c.out.queue = append(goAway(lastStream), frame(framePing, 0, 0, notice)...)
	c.out.flush()
	_ = c.send() // if it fails, the connection is closed
}
