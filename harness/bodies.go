package harness

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A client may read a body, or close it, a little after its task: in a
// goroutine that it has for that. Or it has forgotten the body, and a timeout
// of its own ends that. So it matters what was there when a body was last seen
// open, and what happened until it was not:
//
//	goroutines of the client | a request's timeout | verdict
//	went on, or ended        | either              | right
//	stood still              | ran out             | in doubt
//	stood still              | did not             | right
//	there were none          | ran out             | not closed
//	there were none          | did not             | in doubt: a timer did it
//
// Without goroutines a body is right, too, if a context was cancelled.
//
// A body that is still open after the grace is not closed.

// findBodies finds response bodies that have been neither read to the end nor
// closed.
func (r *run) findBodies() {
	began, watch := time.Now(), r.watchContexts()
	var timedOut, perhaps int
	seen := r.lookAtBodies()
	for wait := time.Millisecond; seen.open > 0; wait = min(2*wait, 100*time.Millisecond) {
		left := r.trial.grace() - time.Since(began)
		if left <= 0 || r.stopped() {
			r.held.surely = append(r.held.surely, plural(seen.open, "response body")+" not closed")
			break
		}
		waitUntil(context.Background(), watch.next(time.Now().Add(min(wait, left))))
		next := r.lookAtBodies()
		sure, maybe := seen.until(next, watch)
		timedOut, perhaps, seen = timedOut+sure, perhaps+maybe, next
	}
	if timedOut > 0 {
		r.held.surely = append(r.held.surely, fmt.Sprintf("%s not closed until a timeout of the client ended %s",
			plural(timedOut, "response body"), oneOf(timedOut, "it", "them")))
	}
	if perhaps > 0 {
		r.held.add(false, fmt.Sprintf("%s still open after the tasks, and closed by a timer or a timeout",
			plural(perhaps, "response body")),
			"read or close every body before its task ends, or in a goroutine that ends then, or leaks: any")
	}
}

// oneOf returns one if n is 1, and else several.
func oneOf(n int, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}

// A bodiesSeen is what there was at an instant.
type bodiesSeen struct {
	open     int
	requests int               // under way
	clients  map[string]string // by id, where each goroutine stands that is of the client
}

// lookAtBodies counts the goroutines that wait for the end of a response body,
// less those that read one. A goroutine of net/http waits for each body, unless
// it has come without a connection.
func (r *run) lookAtBodies() bodiesSeen {
	dump, _ := dumpStacks(0)
	id, _ := r.bubble.Load().(string)
	seen := bodiesSeen{clients: map[string]string{}}
	for g := range goroutines(dump) {
		if !r.owns(g, id) || r.trial.ignores(g) {
			continue
		}
		switch {
		case g.awaitsBody():
			seen.open++
		case g.calls("net/http.(*bodyEOFSignal).Read"):
			seen.open--
		}
		if g.ofClient() {
			seen.clients[g.id()] = g.state() + " " + g.place()
		}
	}
	seen.open = max(seen.open, 0)
	if r.workload.Server != nil {
		load := r.workload.Server.Load()
		seen.open += load.Unread // which no goroutine waits for
		seen.requests = load.Requests
	}
	return seen
}

// ofClient reports whether the code under test runs in a goroutine, or has
// started it to run what is the standard library's.
func (g goroutine) ofClient() bool {
	_, runs := g.user()
	return runs || foreign(g.starter.function) && !ours(g.starter.function)
}

// until returns how many bodies a timeout of the client has certainly ended
// since seen, and how many perhaps.
func (seen bodiesSeen) until(next bodiesSeen, watch *contextWatch) (sure, perhaps int) {
	expired, cancelled := watch.ended()
	closed := seen.open - next.open
	if closed <= 0 {
		return 0, 0
	}
	for id, place := range seen.clients {
		if next.clients[id] != place {
			return 0, 0
		}
	}
	by := min(closed, expired)
	watch.used += by
	switch {
	case len(seen.clients) > 0:
		return 0, by
	case cancelled > 0 || seen.requests > 0: // the server may have ended one that it was still sending
		return by, 0
	}
	return by, closed - by
}

// A contextWatch watches the contexts of requests.
type contextWatch struct {
	live []context.Context // of those that had not ended
	used int               // how many that ran out have ended a body
}

func (r *run) watchContexts() *contextWatch {
	if r.workload.Server == nil {
		return new(contextWatch)
	}
	return &contextWatch{live: r.workload.Server.Contexts()}
}

// ended counts the contexts that have run out and have not ended a body, and
// those that were cancelled.
func (w *contextWatch) ended() (expired, cancelled int) {
	for _, ctx := range w.live {
		switch err := ctx.Err(); {
		case errors.Is(err, context.DeadlineExceeded):
			expired++
		case err != nil:
			cancelled++
		}
	}
	return expired - w.used, cancelled
}

// next returns a time up to at: just before the next context runs out, or just
// after, so that nothing else happens between two looks.
func (w *contextWatch) next(at time.Time) time.Time {
	now := time.Now()
	for _, ctx := range w.live {
		deadline, has := ctx.Deadline()
		if !has || ctx.Err() != nil {
			continue
		}
		for _, edge := range []time.Time{deadline.Add(-1), deadline.Add(1)} {
			if edge.After(now) && edge.Before(at) {
				at = edge
			}
		}
	}
	return at
}
