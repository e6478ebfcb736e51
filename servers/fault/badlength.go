package fault

import (
	"fmt"
	"net"
	"net/http"
)

// badLength sends two Content-Length headers, of which the first is right. RFC
// 9112 (6.3) has a client give such a response up.
func badLength(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answer(next, r)
		a.header.Del("Content-Length")
		n := len(a.body)
		head := a.head("", fmt.Sprintf("Content-Length: %d", n), fmt.Sprintf("Content-Length: %d", n+1))
		onWire(w, r, func(c net.Conn) { send(c, r, head, a.body) })
	})
}
