package fault

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// onWire takes the connection from the server and lets f answer on it, with the
// status line in the first Write and no head's end within one, so that whoever
// stands between can tell a head from a body. When f returns, or the server or
// the request's context ends, it is closed. A connection that cannot be taken,
// such as one of HTTP/2, is aborted.
func onWire(w http.ResponseWriter, r *http.Request, f func(c net.Conn)) {
	if !take(w, r, func(c net.Conn, _ <-chan struct{}) { f(c) }) {
		panic(http.ErrAbortHandler)
	}
}

// take is onWire for who can do without the connection, and says whether it was
// taken. What f is told besides is when the client has closed its end.
func take(w http.ResponseWriter, r *http.Request, f func(c net.Conn, gone <-chan struct{})) bool {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	bare := bottom(conn) // without TLS's goodbye, for which two ends that are not listening wait for each other
	stop := context.AfterFunc(r.Context(), func() { bare.Close() })
	defer stop()
	var taken sync.WaitGroup
	gone := make(chan struct{})
	taken.Go(func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, bare) // what the client still says, as a socket would take it
	})
	defer taken.Wait()
	defer bare.Close()
	f(conn, gone)
	return true
}

// bottom is the connection below whatever is around it.
func bottom(c net.Conn) net.Conn {
	for {
		around, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return c
		}
		c = around.NetConn()
	}
}

// abort closes a connection so that the other end is told of a reset, not of an
// end.
func abort(c net.Conn) {
	c = bottom(c)
	if l, ok := c.(interface{ SetLinger(seconds int) error }); ok {
		_ = l.SetLinger(0) // where that fails the connection is gone already
	}
	_ = c.Close()
}

// noBody has a wait be over that stands around w and would be spent within the
// body, since no byte of one comes.
func noBody(w http.ResponseWriter) {
	for {
		if waiting, ok := w.(interface{ NoBody() }); ok {
			waiting.NoBody()
			return
		}
		around, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return
		}
		w = around.Unwrap()
	}
}

// A response is what a handler has answered.
type response struct {
	status int
	header http.Header
	body   []byte
}

// maxBody is how much of a body a fault holds that spoils it. What follows is
// dropped: no fault shows more than half of it.
const maxBody = 1 << 20

var _ http.Flusher = (*response)(nil)

// answer has a handler answer into memory.
func answer(next http.Handler, r *http.Request) *response {
	a := &response{header: http.Header{}}
	next.ServeHTTP(a, r)
	a.WriteHeader(http.StatusOK)
	if a.header.Get("Date") == "" {
		a.header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	return a
}

// Header implements [http.ResponseWriter].
func (a *response) Header() http.Header { return a.header }

// WriteHeader implements [http.ResponseWriter].
func (a *response) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements [http.ResponseWriter].
func (a *response) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.body = append(a.body, p[:min(len(p), maxBody-len(a.body))]...)
	return len(p), nil
}

// Flush implements [http.Flusher]: what is held is sent when the handler has
// returned.
func (a *response) Flush() {}

// half is the part of the body that is sent before something goes wrong.
func (a *response) half() []byte { return a.body[:len(a.body)/2] }

// length is how long the body claims to be; at least 1, so that a body of
// nothing can be cut short as well.
func (a *response) length() int {
	if n, err := strconv.Atoi(a.header.Get("Content-Length")); err == nil && n > 0 {
		return n
	}
	return max(len(a.body), 1)
}

// head is the response's head as it goes over the wire, with more lines that
// name headers which a map could not hold.
func (a *response) head(reason string, lines ...string) []byte {
	if reason == "" {
		reason = http.StatusText(a.status)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %03d %s\r\n", a.status, reason)
	_ = a.header.Write(&b) // a Buffer does not fail
	for _, line := range append(lines, "Connection: close") {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// copyHeader makes to's headers those of the response.
func (a *response) copyHeader(to http.Header) {
	maps.Copy(to, a.header)
}
