package fault

import (
	"net/http"
	"strconv"
)

func itoa(n int) string { return strconv.Itoa(n) }

// truncate promises the body that next answers with, sends half of it and
// closes the connection.
func truncate(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answer(next, r)
		a.copyHeader(w.Header())
		w.Header().Set("Content-Length", itoa(a.length()))
		a.begin(w)
		panic(http.ErrAbortHandler)
	})
}

// truncateChunked sends half of the body in a chunk that no last one follows.
func truncateChunked(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answer(next, r)
		a.copyHeader(w.Header())
		w.Header().Del("Content-Length")
		a.begin(w)
		panic(http.ErrAbortHandler)
	})
}

// begin sends the head and half of the body. The client may have gone away;
// that is the server's to notice.
func (a *response) begin(w http.ResponseWriter) {
	half := a.half()
	if len(half) == 0 {
		noBody(w)
	}
	w.WriteHeader(a.status)
	if len(half) > 0 {
		_, _ = w.Write(half)
	}
	_ = http.NewResponseController(w).Flush()
}
