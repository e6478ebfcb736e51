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
		if a.sentBare(w, r) {
			return
		}
		a.copyHeader(w.Header())
		w.Header().Set("Content-Length", strconv.Itoa(a.length()))
		a.sendHalf(w)
		panic(http.ErrAbortHandler)
	})
}

// truncateChunked sends half of the body in one chunk, without a last chunk.
func truncateChunked(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := record(next, r)
		if a.sentBare(w, r) {
			return
		}
		a.copyHeader(w.Header())
		w.Header().Del("Content-Length")
		a.sendHalf(w)
		panic(http.ErrAbortHandler)
	})
}
