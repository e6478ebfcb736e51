package harness

import (
	"slices"

	"github.com/teapot-go/teapot/servers"
)

// underWay are the goroutines that wait for an answer when the contexts of
// their tasks have ended: nothing but the end of the server ends them, so that
// it would hide them. They are descriptions by the id of each goroutine.
type underWay struct {
	requests map[string]string // of clients made with net/http, whose functions tell
	readers  map[string]string // that read from a connection for some other client
}

// findRequests finds the goroutines that wait for an answer. It must be called
// before the server closes.
func (r *run) findRequests(s *servers.Server) {
	if !r.whole() {
		return
	}
	r.settle(func() bool {
		r.waits = r.waitingForAnswers()
		return len(r.waits.requests) == 0 && (len(r.waits.readers) == 0 || !busy(s))
	})
	if !busy(s) {
		r.waits.readers = nil // a client may keep a goroutine for each connection that it keeps
	}
}

// findStrays notes the processes that programs of the workload have left.
func (r *run) findStrays(w *Workload) {
	names, sure := w.Strays(r.trial.ignored)
	if len(names) == 0 || !r.whole() {
		return
	}
	r.held.add(sure, plural(len(names), "process")+" left by a command ("+tally(names)+")",
		"teapot ended the command before: have it end its own processes at SIGTERM, or leaks: {ignore: ["+names[0]+"]}")
}

func busy(s *servers.Server) bool {
	return slices.ContainsFunc(s.Connections().Open, func(c servers.Connection) bool { return c.Busy })
}

// waitingForAnswers returns the goroutines of the run that wait for an answer
// now.
func (r *run) waitingForAnswers() underWay {
	dump, _ := dumpStacks(0)
	id, _ := r.bubble.Load().(string)
	u := underWay{map[string]string{}, map[string]string{}}
	for g := range goroutines(dump) {
		_, users := g.user()
		switch {
		case !r.owns(g, id) || r.trial.ignores(g) || g.carries() || g.calls(serves...):
		case g.calls(asks...):
			u.requests[g.id()] = g.place()
		case users && g.calls("net.(*conn).Read", "github.com/teapot-go/teapot/servers.(*memoryConn).Read"):
			u.readers[g.id()] = g.place()
		}
	}
	return u
}

// asks are the functions in which a client of net/http waits for an answer or
// its body, and serves those in which a server runs a handler.
var (
	asks = []string{
		"net/http.(*Transport).roundTrip", "net/http.(*bodyEOFSignal).Read", "net/http.http2transportResponseBody.Read",
		"net/http/internal/http2.transportResponseBody.Read", "golang.org/x/net/http2.(*Transport).RoundTrip",
		"golang.org/x/net/http2.transportResponseBody.Read",
	}
	serves = []string{
		"net/http.(*conn).serve", "net/http.(*http2serverConn).", "net/http/internal/http2.(*serverConn).",
		"golang.org/x/net/http2.(*serverConn).",
	}
)

// judgeRequests notes the goroutines that have ended with the server. Those
// that live on are leaks like any other.
func (r *run) judgeRequests() {
	if len(r.waits.requests)+len(r.waits.readers) == 0 {
		return
	}
	alive := ids()
	ended := func(those map[string]string) (places []string) {
		for id, place := range those {
			if !alive[id] {
				places = append(places, place)
			}
		}
		return places
	}
	if those := ended(r.waits.requests); len(those) > 0 {
		r.held.add(true, plural(len(those), "request")+" still under way after all tasks ("+tally(those)+")", "")
	}
	if those := ended(r.waits.readers); len(those) > 0 {
		r.held.add(false, plural(len(those), "goroutine")+" waited for an answer after all tasks ("+tally(those)+")",
			"end what a task starts with the task, or leaks: {ignore: [a function of it]}")
	}
}
