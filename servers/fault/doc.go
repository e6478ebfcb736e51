// Package fault has the ways in which an HTTP peer goes wrong, one a file.
//
// A [Fault] says what goes wrong and which requests it strikes; [Fault.Wrap]
// makes a handler misbehave so. A wrapped handler is a handler again, so faults
// nest. Most of them need nothing but HTTP and work over any version of it;
// those that spoil the wire itself take the connection from an HTTP/1.1 server,
// and abort the stream of an HTTP/2 one.
//
// Two faults strike before there is a request, [Refuse] and [Close]: no handler
// can carry them out, so a wrapped one does what comes next to it and closes
// the connection without an answer. It is for the client's dialler to find
// nobody at the address.
package fault
