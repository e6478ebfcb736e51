package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
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
// A body is right, too, if a context was cancelled.
//
// A body that is still open after the grace is not closed.

// findBodies finds response bodies that have been neither read to the end nor
// closed.
func (r *run) findBodies() {
	began, watch := time.Now(), r.watchContexts()
	var timedOut, perhaps int
	seen := r.lookAtBodies()
	for wait := time.Millisecond; seen.open > 0; wait = min(max(2*wait, time.Millisecond), 100*time.Millisecond) {
		left := r.trial.grace() - time.Since(began)
		if left <= 0 || r.stopped() {
			r.held.surely = append(r.held.surely, plural(seen.open, "response body")+" not closed")
			break
		}
		waitUntil(context.Background(), watch.next(time.Now().Add(min(wait, left))))
		next := r.lookAtBodies()
		sure, maybe := seen.until(next, watch)
		if watch.expired > 0 {
			wait = 0 // so that little else happens until their bodies have ended
		}
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
	if closed = max(closed-cancelled, 0); closed == 0 {
		return 0, 0
	}
	by := min(closed, expired)
	switch {
	case len(seen.clients) > 0:
		return 0, by
	case seen.requests > 0: // the server may have ended one that it was still sending
		return by, 0
	}
	return by, closed - by
}

// A contextWatch watches the contexts of requests.
type contextWatch struct {
	live []context.Context // of those that had not ended
	late bool              // a body may end a little after its context
	// how many ran out, and how many were cancelled, before the last look
	expired, cancelled int
}

func (r *run) watchContexts() *contextWatch {
	if r.workload.Server == nil {
		return new(contextWatch)
	}
	return &contextWatch{live: r.workload.Server.Contexts(), late: r.trial.Clock == record.Real}
}

// ended counts the contexts that have run out since the last look, and those
// that were cancelled. Under the real clock those of the look before count too.
func (w *contextWatch) ended() (expired, cancelled int) {
	w.live = slices.DeleteFunc(w.live, func(ctx context.Context) bool {
		err := ctx.Err()
		if errors.Is(err, context.DeadlineExceeded) {
			expired++
		} else if err != nil {
			cancelled++
		}
		return err != nil
	})
	before := *w
	if w.expired, w.cancelled = expired, cancelled; w.late {
		return expired + before.expired, cancelled + before.cancelled
	}
	return expired, cancelled
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
