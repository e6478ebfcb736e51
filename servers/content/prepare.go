package content

import "net/http"

// A Preparer is content that does its slow work before it answers, such as
// hashing. A server calls Prepare when a request arrives, so that this work is
// a part of the planned latency, and calls the returned handler after the
// latency. It uses that handler once, or not at all.
type Preparer interface {
	http.Handler
	Prepare(r *http.Request) http.Handler
}

// serve answers a request with a preparer that is used as a plain handler.
func serve(p Preparer, w http.ResponseWriter, r *http.Request) { p.Prepare(r).ServeHTTP(w, r) }
