package fault

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
)

// hang sends nothing until the client or the server closes the connection.
func hang(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		// To read would ask for the body with a 1xx response.
		if r.Header.Get("Expect") == "" {
			readAll(r)
		}
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// hangBody sends half of the body of next's answer, and then nothing.
func hangBody(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := record(next, r)
		if a.sentBare(w, r) {
			return
		}
		a.copyHeader(w.Header())
		w.Header().Set("Content-Length", strconv.Itoa(a.length()))
		// Else net/http reads a part of the body before it answers, no more.
		_ = http.NewResponseController(w).EnableFullDuplex()
		a.sendHalf(w)
		readAll(r)
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// readAll reads the body of a request until it or the request's context ends.
// Only behind the body does net/http look whether a client of HTTP/1 has left.
func readAll(r *http.Request) {
	if r.Body == nil {
		return
	}
	if body, ok := r.Body.(interface{ WaitForever() }); ok {
		body.WaitForever()
	}
	// The body of a request without a connection is the client's own: its Read
	// need not end with the context, but does with Close.
	closed := make(chan struct{})
	stop := context.AfterFunc(r.Context(), func() {
		defer close(closed)
		_ = r.Body.Close()
	})
	_, _ = io.Copy(io.Discard, r.Body) // its error ends the context
	if !stop() {
		<-closed
	}
}

// halfOpen sends nothing, and keeps the connection open after the client has
// closed its end, as if the server's machine had lost its power. It discards
// what the client sends. Only the end of the server ends it.
func halfOpen(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		onWire(w, r, func(net.Conn) { <-r.Context().Done() })
	})
}
