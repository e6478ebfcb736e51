package servers

import (
	"hash/fnv"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// resent knows the requests that a transport will send again: those whose
// connection was closed before the first byte of an answer, and had been used
// before. A transport takes it for a stale one, and sends the same request
// again at once, as often as it finds such a connection, without telling
// anybody. That is one request still: it meets the fate that was drawn for it,
// without another wait. Every closed connection is good for one request that
// comes again; whoever asks after it, or for the first time on a connection
// that is closed, asks anew.
type resent struct {
	mu   sync.Mutex
	cut  map[request]cut
	ring [resentLimit]request // in order of the cuts; the oldest is forgotten first
	next int
}

const (
	resentLimit  = 1 << 12
	resentWithin = time.Second // a transport does not wait; a client that comes later asks anew
)

// A request is one in the eyes of whoever plans: on the wire it may be several,
// of the same headers.
type request struct {
	key     string
	attempt int
	print   uint64 // of the method, the address and the headers
}

type cut struct {
	fate  Fate
	at    time.Time
	times int // how many connections were closed that nothing has come again for
}

// note remembers that the connection of a request is about to be closed.
func (r *resent) note(q request, fate Fate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cut == nil {
		r.cut = map[request]cut{}
	}
	c, known := r.cut[q]
	if !known {
		delete(r.cut, r.ring[r.next])
		r.ring[r.next] = q
		r.next = (r.next + 1) % resentLimit
	}
	r.cut[q] = cut{fate, time.Now(), c.times + 1}
}

// again returns the fate of a request that was sent before, and whether it was.
// It is asked once for each.
func (r *resent) again(key string, attempt int, sent *http.Request) (Fate, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.cut) == 0 {
		return Fate{}, false
	}
	q := request{kept(key), attempt, printOf(sent)}
	c := r.cut[q]
	if c.times == 0 || time.Since(c.at) > resentWithin {
		return Fate{}, false
	}
	c.times--
	r.cut[q] = c
	return c.fate, true
}

// printOf tells requests apart as far as they are not the same on the wire.
func printOf(r *http.Request) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, r.Method+" "+r.Host+r.RequestURI+"\n") // a hash does not fail
	_ = r.Header.Write(h)
	return h.Sum64()
}

// A line is a connection in the eyes of its requests.
type line struct {
	used   atomic.Bool // one has come before
	parked *parkedConn // if it was
}

type lineKey struct{}

// lineOf is the connection of a request; nil, which no request has come on, for
// one that no server of ours has accepted.
func lineOf(r *http.Request) *line {
	l, _ := r.Context().Value(lineKey{}).(*line)
	return l
}

// use notes that a request comes, and says whether one has come before.
func (l *line) use() bool { return l != nil && l.used.Swap(true) }

// willResend says whether a transport will send a request again when its
// connection is closed, of which it has had an answer before. RFC 9110 (9.2.2)
// has it do so for what may be done twice; net/http takes nothing but these for
// that.
func willResend(r *http.Request) bool {
	safe := slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace}, r.Method)
	return r.ProtoMajor == 1 && (safe || r.Header.Get("Idempotency-Key") != "" || r.Header.Get("X-Idempotency-Key") != "")
}
