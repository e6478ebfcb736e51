// Package fault makes HTTP handlers misbehave in one of the ways in which peers
// do.
//
// A [Fault] has a [Kind], and conditions that select the requests that it
// strikes. [Fault.Wrap] turns a handler into one that misbehaves; the result is
// a handler, so faults nest. Most kinds need nothing but HTTP and work with any
// version of it. Those for which [Kind.HTTP2] is false take the connection from
// an HTTP/1.1 server, and abort the stream of an HTTP/2 server.
//
// Two kinds strike before there is a request, [Refuse] and [Close]. No handler
// can do that: a wrapped one closes the connection without an answer. To be
// refused, a client must dial an address at which nothing listens, of which a
// server has one.
package fault
