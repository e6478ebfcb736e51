// Package servers starts HTTP test servers that misbehave exactly as planned.
//
// A [Plan] is a pure function of a seed, a key and an attempt: it decides how
// long a request waits and which fault it meets. It does not depend on the
// order in which requests arrive, so every client under test meets the same
// faults, and a seed reproduces them. Only a fault with From or Until depends
// on time. A [Server] carries out a plan over loopback or over in-memory
// connections, and keeps a journal of what it did to each request.
//
// It serves HTTP/1.1 or HTTP/2, with or without TLS. In memory all of them work
// inside a testing/synctest bubble, where a wait of an hour takes no time, and
// a test fails if a goroutine is left behind.
//
// By default a server serves the flags of package flags as /flags/cc/cc.gif, in
// lower case; any other path is not found. Package content has bodies of any
// size and directories; [Config.Content] may be any other handler. The key of a
// request is the upper-case country code of a flag's path, or the path itself;
// Config.Key may be any other, and package keys has some.
//
// Package limits bounds how many requests a server takes on. Package admin
// shows a running server to people and to Prometheus.
package servers
