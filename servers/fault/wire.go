package fault

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
)

// onWire takes the connection from the server and calls f to answer on it. It
// closes the connection when f returns, or when the request's context ends. It
// aborts the answer if the connection cannot be taken, such as one of HTTP/2.
//
// The first Write of f must hold the whole status line, and the end of the head
// must be the end of a Write: the journal tells the head from the body by it.
func onWire(w http.ResponseWriter, r *http.Request, f func(c net.Conn)) {
	if !take(w, r, func(c net.Conn, _ <-chan struct{}) { f(c) }) {
		panic(http.ErrAbortHandler)
	}
}

// take is onWire for a caller that can also answer without the connection: it
// reports whether the connection was taken. The channel gone is closed when the
// client closes its end.
func take(w http.ResponseWriter, r *http.Request, f func(c net.Conn, gone <-chan struct{})) bool {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	// Without TLS's close_notify, which would wait for a client that does not
	// read.
	bare := bottom(conn)
	stop := context.AfterFunc(r.Context(), func() { bare.Close() })
	defer stop()
	var taken sync.WaitGroup
	gone := make(chan struct{})
	taken.Go(func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, bare) // as the kernel takes what the client still sends
	})
	defer taken.Wait()
	defer bare.Close()
	defer ends(conn)
	f(conn, gone)
	return true
}

// bottom returns the connection below all wrappers.
func bottom(c net.Conn) net.Conn {
	for {
		around, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return c
		}
		c = around.NetConn()
	}
}

// ends tells the wrappers of a connection that it is about to be closed: what
// its client does next is later than that.
func ends(c net.Conn) {
	for {
		if recorded, ok := c.(interface{ Ends() }); ok {
			recorded.Ends()
		}
		around, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return
		}
		c = around.NetConn()
	}
}

// resetConn closes a connection with a reset instead of an orderly end.
func resetConn(c net.Conn) {
	ends(c)
	c = bottom(c)
	if l, ok := c.(interface{ SetLinger(seconds int) error }); ok {
		_ = l.SetLinger(0) // if that fails, the connection is closed already
	}
	_ = c.Close()
}

// skipBodyWait ends a latency that would be spent within the body: no byte of a
// body will come.
func skipBodyWait(w http.ResponseWriter) {
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

// send writes a head and a body. It leaves the body out for a HEAD request.
// Errors do not matter: the caller closes the connection in any case.
func send(c net.Conn, r *http.Request, head, body []byte) {
	if _, err := c.Write(head); err != nil || r.Method == http.MethodHead || len(body) == 0 {
		return
	}
	_, _ = c.Write(body)
}
