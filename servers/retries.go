package servers

import (
	"hash/fnv"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// retries finds the requests that a client's transport sends again by itself. A
// transport does so when a used connection closes before the first byte of the
// answer: it takes the connection for a stale one, and sends the same request
// again at once, on as many connections as fail so.
//
// For the plan that is one request: it meets the fate that was drawn for it,
// without a second wait. Every closed connection allows for one such request.
// Any other is a new request. On a connection that has carried no request
// before, only one that says its attempt again is taken for the same: a
// transport may have dialled the connection long before it used it, which no
// server can know.
//
// A transport also sends a request again that was not processed (see
// [fault.Kind.Unprocessed]), whatever its method and its connection. Its fate
// is then still to come, and so is its wait.
type retries struct {
	mu       sync.Mutex
	closings map[request]closing
	ring     [retriesLimit]request // in order; the oldest is forgotten first
	next     int
}

const (
	retriesLimit  = 1 << 12
	retriesWithin = time.Second      // a transport does not wait; a client that comes later makes a new request
	refusedWithin = 40 * time.Second // it may wait if the next connection refuses the request too: net/http up to 35 s
)

// A request is one request of the plan. The client's transport may send it
// several times, with the same headers.
type request struct {
	key                 string
	occurrence, attempt int
	hash                uint64 // of the method, the address and the headers
}

// A closing is that of the connections of one request.
type closing struct {
	fate  Fate
	at    time.Time
	times int // closed connections for which the request has not come again
}

// add notes that the connection of a request is about to close.
func (r *retries) add(q request, fate Fate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closings == nil {
		r.closings = map[request]closing{}
	}
	c, known := r.closings[q]
	if !known {
		delete(r.closings, r.ring[r.next])
		r.ring[r.next] = q
		r.next = (r.next + 1) % retriesLimit
	}
	r.closings[q] = closing{fate, time.Now(), c.times + 1}
}

// take returns the fate of a request that the transport sends again, and
// reports whether it does. It must be called once for each request.
func (r *retries) take(key string, id identity, sent *http.Request) (Fate, bool) {
	return r.find(key, id, sent, 1)
}

// pending reports whether take would find the request.
func (r *retries) pending(key string, id identity, sent *http.Request) bool {
	_, found := r.find(key, id, sent, 0)
	return found
}

// find returns the fate of a request that the transport sends again, and counts
// it as often as taken.
func (r *retries) find(key string, id identity, sent *http.Request, taken int) (Fate, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.closings) == 0 {
		return Fate{}, false
	}
	q := request{kept(key), id.occurrence, id.attempt, hashOf(sent)}
	c := r.closings[q]
	within := retriesWithin
	if c.fate.Fault.Unprocessed() {
		within = refusedWithin
	}
	if c.times == 0 || time.Since(c.at) > within {
		return Fate{}, false
	}
	c.times -= taken
	r.closings[q] = c
	return c.fate, true
}

// hashOf returns a hash of what a transport would send again unchanged.
func hashOf(r *http.Request) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, r.Method+" "+r.Host+r.RequestURI+"\n") // a hash never fails
	_ = r.Header.Write(h)
	return h.Sum64()
}

// resendable reports whether a transport will send a request again when a used
// connection closes. RFC 9110 (9.2.2) allows that for idempotent requests;
// net/http recognises them so.
func resendable(r *http.Request) bool {
	safe := slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace}, r.Method)
	return r.ProtoMajor == 1 && (safe || idempotencyField(r) != "")
}
