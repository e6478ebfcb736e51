package fault

import (
	"net"
	"net/http"
	"strconv"
)

// empty closes the connection without an answer.
func empty(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// reset resets the connection before the first byte, or the stream over HTTP/2.
func reset(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { onWire(w, r, resetConn) })
}

// resetHead sends the head of next's answer up to the middle of its last value,
// and resets the connection. A head that ended within a name would be read
// differently: some parsers, net/http's among them, take the rest for a whole
// line, and report a line without a colon instead of the reset.
func resetHead(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := record(next, r).head("")
		onWire(w, r, func(c net.Conn) {
			send(c, r, head[:len(head)-len("ose\r\n\r\n")], nil)
			resetConn(c)
		})
	})
}

// resetBody sends half of the body of next's answer, and resets the connection,
// or the stream over HTTP/2.
func resetBody(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := record(next, r)
		if a.sentBare(w, r) {
			return
		}
		a.header.Set("Content-Length", strconv.Itoa(a.length()))
		if r.ProtoMajor > 1 {
			a.copyHeader(w.Header())
			a.sendHalf(w)
			panic(http.ErrAbortHandler) // resets the stream
		}
		if len(a.half()) == 0 {
			skipBodyWait(w)
		}
		onWire(w, r, func(c net.Conn) {
			send(c, r, a.head(""), a.half())
			resetConn(c)
		})
	})
}
