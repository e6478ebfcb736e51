package fault

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"net"
	"net/http"
	"strings"
)

// handshake wraps a handler for a fault that strikes within a body. The answer
// to a handshake, such as that of a WebSocket, has none: what follows its head
// is the other protocol. The fault then strikes right behind that head, and the
// answer of any other request as it does else.
func handshake(f Fault, next http.Handler, wrap func(Fault, http.Handler) http.Handler) http.Handler {
	whole := wrap(f, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor > 1 || !asksToUpgrade(r) {
			whole.ServeHTTP(w, r)
			return
		}
		a := recordTo(math.MaxInt, next, r) // it may be another answer, which a fault sends whole
		if a.status != http.StatusSwitchingProtocols {
			wrap(f, a).ServeHTTP(w, r)
			return
		}
		skipBodyWait(w)
		var head bytes.Buffer
		fmt.Fprintf(&head, "HTTP/1.1 %03d %s\r\n", a.status, http.StatusText(a.status))
		_ = a.header.Write(&head) // a Buffer never fails
		head.WriteString("\r\n")
		if !take(w, r, func(c net.Conn, gone <-chan struct{}) { f.strike(c, head.Bytes(), gone) }) {
			panic(http.ErrAbortHandler)
		}
	})
}

// strike sends a head, and then strikes. gone is closed when the client has
// left.
func (f Fault) strike(c net.Conn, head []byte, gone <-chan struct{}) {
	if _, err := c.Write(head); err != nil {
		return
	}
	switch f.Kind.End() {
	case EndReset:
		resetConn(c)
	case EndTimeout:
		<-gone
	case EndMalformed, EndAnswer: // bytes that are no frame
		_, _ = c.Write([]byte("teapot\r\n"))
	}
}

// asksToUpgrade reports whether a request asks for another protocol.
func asksToUpgrade(r *http.Request) bool {
	for _, value := range r.Header["Connection"] {
		for token := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(token), "Upgrade") && r.Header.Get("Upgrade") != "" {
				return true
			}
		}
	}
	return false
}

// ServeHTTP gives the recorded answer once more.
func (a *response) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	a.copyHeader(w.Header())
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// Hijack implements [http.Hijacker], for a handler that answers a handshake.
// Its connection takes no more than the head of the answer.
func (a *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	one, other := net.Pipe()
	_ = other.Close() // whatever is read or written fails, but for the head
	c := &headConn{Conn: one, answer: a}
	return c, bufio.NewReadWriter(bufio.NewReader(c), bufio.NewWriter(c)), nil
}

// A headConn takes the head of a hijacked answer.
type headConn struct {
	net.Conn
	answer *response
	head   []byte
}

// Write takes bytes up to the end of the head, and fails then.
func (c *headConn) Write(p []byte) (int, error) {
	if c.answer.status != 0 {
		return 0, net.ErrClosed
	}
	c.head = append(c.head, p...)
	if bytes.Contains(c.head, []byte("\r\n\r\n")) {
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(c.head)), nil)
		if err != nil {
			return 0, err
		}
		_ = resp.Body.Close()
		c.answer.status, c.answer.header = resp.StatusCode, resp.Header
	}
	return len(p), nil
}

// Read fails: a handler that goes on would wait for what no client sends.
func (c *headConn) Read([]byte) (int, error) { return 0, net.ErrClosed }
