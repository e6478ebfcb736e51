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
