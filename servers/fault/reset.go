package fault

import (
	"net"
	"net/http"
)

// reset resets the connection before the first byte.
func reset(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { onWire(w, r, abort) })
}

// resetHead sends the head that next answers with up to the middle of its last
// value, and resets the connection. Not up to the middle of a name: some
// parsers, net/http's among them, take what is there for a whole line, and the
// reset for a line without a colon.
func resetHead(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := answer(next, r).head("")
		onWire(w, r, func(c net.Conn) {
			send(c, r, head[:len(head)-len("ose\r\n\r\n")], nil)
			abort(c)
		})
	})
}

// resetBody sends half of the body that next answers with, and resets the
// connection.
func resetBody(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answer(next, r)
		a.header.Set("Content-Length", itoa(a.length()))
		if len(a.half()) == 0 {
			noBody(w)
		}
		onWire(w, r, func(c net.Conn) {
			send(c, r, a.head(""), a.half())
			abort(c)
		})
	})
}
