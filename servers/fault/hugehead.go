package fault

import (
	"bytes"
	"cmp"
	"net"
	"net/http"
)

// MinHugeHead is the least size of a huge head: a byte more than net/http's
// clients read. One that they read would be a good answer.
const MinHugeHead = 10<<20 + 1

const paddingName, paddingEnd = "Teapot-Padding: ", "\r\n"

// padding is the header of which a huge head has many, so that a thousand heads
// at once need no more memory than one.
var padding = []byte(paddingName + string(bytes.Repeat([]byte("tea and "), 1<<13)) + paddingEnd)

// hugeHead sends the answer of next with a head that is longer than clients
// read, and closes the connection.
func hugeHead(f Fault, next http.Handler) http.Handler {
	size := cmp.Or(f.Size, 11<<20)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answer(next, r)
		status, headers, _ := bytes.Cut(a.head(""), []byte("\r\n"))
		onWire(w, r, func(c net.Conn) {
			if _, err := c.Write(append(status, "\r\n"...)); err != nil {
				return
			}
			const least = len(paddingName + paddingEnd)
			for left := size - len(status) - len("\r\n") - len(headers); left >= least; {
				n := min(left, len(padding))
				if rest := left - n; rest > 0 && rest < least {
					n -= least // so that the last one has room for its name
				}
				line := padding
				if n < len(padding) {
					line = append(bytes.Clone(padding[:n-len(paddingEnd)]), paddingEnd...)
				}
				if _, err := c.Write(line); err != nil {
					return
				}
				left -= n
			}
			send(c, r, headers, a.body)
		})
	})
}
