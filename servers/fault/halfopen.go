package fault

import (
	"net"
	"net/http"
)

// halfOpen neither reads nor writes the connection any more, nor does it close it when the client does, as if the machine were gone.
// The server's end is the end of it.
func halfOpen(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		onWire(w, r, func(net.Conn) { <-r.Context().Done() })
	})
}
