package fault

import (
	"bytes"
	"cmp"
	"io"
	"net"
	"net/http"
)

// padding is what a huge head is made of, so that a thousand of them at once need no more memory than one.
var padding = bytes.Repeat([]byte("tea and "), 1<<13)

// hugeHead sends a head with one header that is longer than clients read, and closes the connection.
func hugeHead(f Fault, next http.Handler) http.Handler {
	size := cmp.Or(f.Size, 11<<20)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answer(next, r)
		onWire(w, r, func(c net.Conn) {
			if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nTeapot-Padding: "); err != nil {
				return
			}
			for left := size; left > 0; left -= len(padding) {
				if _, err := c.Write(padding[:min(left, len(padding))]); err != nil {
					return
				}
			}
			send(c, r, append([]byte("\r\n"), a.head("")...), a.body)
		})
	})
}
