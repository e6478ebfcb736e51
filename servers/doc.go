// Package servers starts HTTP test servers that misbehave exactly as planned.
//
// A [Plan] is a pure function of a seed, a key and an attempt: it says how long a request waits and what goes wrong with it. It
// never looks at the order in which requests arrive, so every client under test meets the same world, and a seed brings a world
// back; only a fault that says from when until when it strikes looks at the time as well. A [Server] carries a plan out, over loopback or over in-memory connections, and keeps a journal of what it did to each
// request.
//
// Every server serves the flags of package flags as /flags/cc/cc.gif, lower case; anything else is not found. The key of a request
// is the upper-case country code of such a path, or the path itself.
package servers
