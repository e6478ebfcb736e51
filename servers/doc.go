// Package servers starts HTTP test servers that misbehave exactly as planned.
//
// A [Plan] is a pure function of a seed, a key and an attempt: it says how long
// a request waits and what goes wrong with it. It never looks at the order in
// which requests arrive, so every client under test meets the same world, and a
// seed brings a world back; only a fault that says from when until when it
// strikes looks at the time as well. A [Server] carries a plan out, over
// loopback or over in-memory connections, and keeps a journal of what it did to
// each request.
//
// It speaks HTTP/1.1 or HTTP/2, in the clear or over TLS. In memory every one
// of these works inside a testing/synctest bubble, where an hour's wait takes
// no time and a test ends with an error if anything is left behind.
//
// A server whose Config names no other content serves the flags of package
// flags as /flags/cc/cc.gif, lower case; anything else is not found. Package
// content has bodies of any size and directories; any other handler will do.
// The key of a request is the upper-case country code of a flag's path, or the
// path itself.
//
// Package limits bounds how much a server takes on; package admin lets
// Prometheus and people look into it.
package servers
