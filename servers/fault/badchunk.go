package fault

import (
	"fmt"
	"net"
	"net/http"
)

// badChunk sends half of the body in a chunk, and the rest in one whose length
// is no number.
func badChunk(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answer(next, r)
		a.header.Del("Content-Length")
		half := a.half()
		var body []byte
		if len(half) > 0 {
			body = fmt.Appendf(body, "%x\r\n%s\r\n", len(half), half)
		}
		body = fmt.Appendf(body, "teapot\r\n%s\r\n0\r\n\r\n", a.body[len(half):])
		onWire(w, r, func(c net.Conn) { send(c, r, a.head("", "Transfer-Encoding: chunked"), body) })
	})
}
