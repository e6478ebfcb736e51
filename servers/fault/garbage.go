package fault

import (
	"net"
	"net/http"
)

// garbage answers with what is no HTTP.
func garbage(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		onWire(w, r, func(c net.Conn) {
			send(c, r, []byte("\x16\x03short and stout\x00: here is my handle\r\nhere is my spout\r\n\r\n"), nil)
		})
	})
}
