package fault

import (
	"bytes"
	"net"
	"net/http"
)

const paddingName, paddingEnd = "Teapot-Padding: ", "\r\n"

// padding is a header that a huge head repeats. All huge heads share it, so
// that a thousand of them at once need no more memory than one.
var padding = []byte(paddingName + string(bytes.Repeat([]byte("tea and "), 1<<13)) + paddingEnd)

// hugeHead sends next's answer with a head that is larger than clients read,
// and closes the connection.
func hugeHead(f Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := record(next, r)
		status, headers, _ := bytes.Cut(a.head(""), []byte("\r\n"))
		onWire(w, r, func(c net.Conn) {
			if _, err := c.Write(append(status, "\r\n"...)); err != nil {
				return
			}
			const least = len(paddingName + paddingEnd)
			for left := f.Size - len(status) - len("\r\n") - len(headers); left >= least; {
				n := min(left, len(padding))
				if rest := left - n; rest > 0 && rest < least {
					n -= least // leaves room for the name in the last line
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
