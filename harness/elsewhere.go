package harness

import (
	"slices"
	"strings"
	"time"
)

// A program may keep connections to other hosts than the run's server: to one
// that counts or logs, to a proxy, to a database. The server does not see them,
// and does not end them with the run. What is known of them is in this file:
//
//	what is left                     | verdict
//	idle connections of net/http     | as many as tasks ran at once: nothing;
//	                                 | more: in doubt
//	goroutines of a server from      | nothing: they are not the client's
//	before the run                   |
//	sockets, under the real clock on | surely, in doubt or nothing: see
//	Linux                            | [run.judgeSockets]

// reads are the functions that read from a connection of a transport of
// net/http, one goroutine each, and writes those that write to it.
var (
	reads = []string{
		"net/http.(*persistConn).readLoop", "net/http.(*http2ClientConn).readLoop",
		"net/http/internal/http2.(*ClientConn).readLoop", "golang.org/x/net/http2.(*ClientConn).readLoop",
	}
	writes = []string{"net/http.(*persistConn).writeLoop"}
)

// carries reports whether a goroutine of net/http carries a connection. One
// that waits for a body is left by a client that has not closed it, and
// [run.findBodies] finds that.
func (g goroutine) carries() bool { return g.calls(reads...) || g.calls(writes...) }

// awaitsBody reports whether the goroutine waits until a client has read a
// body, or closed it.
func (g goroutine) awaitsBody() bool {
	return strings.HasPrefix(g.state(), "select") && len(g.frames) > 0 &&
		g.frames[0].function == "net/http.(*persistConn).readLoop"
}

// carried counts the connections that transports of net/http keep and that are
// of the run: all, or those that are idle and that the trial does not ignore.
func (r *run) carried(all bool) (n int) {
	dump, _ := dumpStacks(0)
	for g := range goroutines(dump) {
		if g.calls(reads...) && r.owns(g, "") && (all || !g.awaitsBody() && !r.trial.ignores(g)) {
			n++
		}
	}
	return n
}

// findElsewhere counts the connections that are left when the server has closed
// its own. A transport keeps as many as it had requests at once. It is not
// known of a task how many requests it makes at once to another host.
func (r *run) findElsewhere() {
	peak := newUsage(r.recorder, time.Now(), r.trial.slots()).peak
	n := 0
	if r.settle(func() bool { n = r.carried(false); return n <= peak }) {
		return
	}
	r.held.add(false, plural(n, "idle connection")+" to other hosts left open where at most "+
		plural(peak, "task")+" ran at once",
		"share one transport between all tasks, close its idle connections, or leaks: {ignore: [net/http.*]}")
}

// ofServers returns the ids of the goroutines that serve for servers from
// before the run. They are what goroutines start that accept connections, and
// what those start.
func ofServers(before map[string]bool) map[string]bool {
	dump, _ := dumpStacks(0)
	all := slices.Collect(goroutines(dump))
	serve := map[string]bool{}
	for _, g := range all {
		if before[g.id()] && g.calls("net.(*TCPListener).Accept", "net.(*UnixListener).Accept") {
			serve[g.id()] = true
		}
	}
	if len(serve) == 0 {
		return serve
	}
	for grown := true; grown; {
		grown = false
		for _, g := range all {
			if id := g.id(); serve[g.parent] && !serve[id] && !before[id] {
				serve[id], grown = true, true
			}
		}
	}
	return serve
}
