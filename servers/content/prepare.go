package content

import "net/http"

// A Preparer is content that does what takes time before it answers: it hashes,
// opens, draws. A server calls Prepare when a request arrives, so that this is
// a part of the planned latency, and what Prepare returns when the latency is
// over. What Prepare returns is used once, or not at all.
type Preparer interface {
	http.Handler
	Prepare(r *http.Request) http.Handler
}

// serve answers a request with a preparer, for whoever knows it only as a
// handler.
func serve(p Preparer, w http.ResponseWriter, r *http.Request) { p.Prepare(r).ServeHTTP(w, r) }
