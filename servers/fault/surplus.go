package fault

import (
	"net"
	"net/http"
)

// surplus sends what next answers with and more than its Content-Length says. A
// client that takes the length at its word has the whole answer; one that reads
// to the end of the connection has too much.
func surplus(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answer(next, r)
		a.header.Set("Content-Length", itoa(len(a.body)))
		if len(a.body) == 0 {
			noBody(w)
		}
		body := append(a.body, "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n"...)
		onWire(w, r, func(c net.Conn) { send(c, r, a.head(""), body) })
	})
}
