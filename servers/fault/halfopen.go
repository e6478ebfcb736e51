package fault

import (
	"net"
	"net/http"
)

// halfOpen answers nothing, and does not close the connection when the client
// does, as if the machine were gone. What the client still sends is taken, as
// its own kernel would take it. The server's end is the end of it.
func halfOpen(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		onWire(w, r, func(net.Conn) { <-r.Context().Done() })
	})
}
