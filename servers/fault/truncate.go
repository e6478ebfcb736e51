package fault

import (
	"net/http"
	"strconv"
)

// truncate announces the body of next's answer, sends half of it and closes the
// connection.
func truncate(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := record(next, r)
		a.copyHeader(w.Header())
		w.Header().Set("Content-Length", strconv.Itoa(a.length()))
		tellClose(w, r, a.status)
		a.sendHalf(w)
		panic(http.ErrAbortHandler)
	})
}

// truncateChunked sends half of the body in one chunk, without a last chunk.
func truncateChunked(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := record(next, r)
		a.copyHeader(w.Header())
		w.Header().Del("Content-Length")
		tellClose(w, r, a.status)
		a.sendHalf(w)
		panic(http.ErrAbortHandler)
	})
}

// tellClose announces the end of the connection in an answer without a body,
// which is complete for its client. The client would otherwise send its next
// request on a connection that closes.
func tellClose(w http.ResponseWriter, r *http.Request, status int) {
	if r.Method == http.MethodHead || !bodyAllowed(status) {
		w.Header().Set("Connection", "close")
	}
}
