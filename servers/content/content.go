// Package content holds what test servers serve: the flags, bodies of any size
// that are made from a seed, and the files of a directory.
//
// All of it is served as real servers do. GET and HEAD are allowed; ranges and
// conditional requests work by ETag and Last-Modified; text of a kilobyte or
// more is compressed when the client asks for gzip. Every representation has
// its SHA-256 in the field Repr-Digest (RFC 9530), so that a client can verify
// what it got, however it got it: in the header, or, where the representation
// is compressed on its way, in the trailer. Nothing is held in memory but the
// flags; equal seeds give equal bytes, on every platform.
package content

import "net/http"

// A Preparer is content that does slow work, such as hashing, before it
// answers. A server calls Prepare when a request arrives, so that this work is
// a part of the planned latency. It calls the returned handler after the
// latency, at most once. Like ServeHTTP, Prepare may be called by several
// goroutines at a time. ServeHTTP does both without a wait between them.
type Preparer interface {
	http.Handler
	Prepare(r *http.Request) http.Handler
}

// serve is the ServeHTTP of a preparer.
func serve(p Preparer, w http.ResponseWriter, r *http.Request) { p.Prepare(r).ServeHTTP(w, r) }
