package fault

import (
	"net"
	"net/http"
	"strconv"
)

// hang sends nothing until the client or the server closes the connection.
func hang(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// hangBody sends half of the body of next's answer, and then nothing.
func hangBody(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := record(next, r)
		a.copyHeader(w.Header())
		w.Header().Set("Content-Length", strconv.Itoa(a.length()))
		a.sendHalf(w)
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// halfOpen sends nothing, and keeps the connection open after the client has
// closed its end, as if the server's machine had lost its power. It discards
// what the client sends. Only the end of the server ends it.
func halfOpen(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		onWire(w, r, func(net.Conn) { <-r.Context().Done() })
	})
}
