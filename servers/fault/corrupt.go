package fault

import "net/http"

// corrupt sends next's answer with wrong bytes in its body: in the last byte of
// every piece that next writes, the lowest bit is inverted. The head is that of
// the right body, and so are its digest and its entity tag: a client that
// verifies what it got finds the fault, and no other client can. The answer is
// not compressed, because a compressed one has a checksum of its own.
func corrupt(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&corrupter{w}, without(r, "Accept-Encoding"))
	})
}

// A corrupter spoils the body that is written through it.
type corrupter struct{ http.ResponseWriter }

var _ http.Flusher = (*corrupter)(nil)

func (w *corrupter) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return w.ResponseWriter.Write(p)
	}
	wrong := append([]byte(nil), p...) // a Writer must not change what it is given
	wrong[len(p)-1] ^= 1
	return w.ResponseWriter.Write(wrong)
}

// Flush implements [http.Flusher].
func (w *corrupter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap is for [http.ResponseController].
func (w *corrupter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// without returns a request as it is but for some headers.
func without(r *http.Request, names ...string) *http.Request {
	r = r.Clone(r.Context())
	for _, name := range names {
		r.Header.Del(name)
	}
	return r
}
