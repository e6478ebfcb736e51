package servers

import (
	"sync"
	"time"
)

// resent knows the requests whose connections were closed before the first byte of an answer. A transport that had used the connection
// before takes it for a stale one, and sends the request again at once, as often as it finds such a connection, without telling anybody.
// That is one request still: it meets the fate that was drawn for it, without another wait.
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

// A request is one in the eyes of whoever plans: on the wire it may be several.
type request struct {
	key     string
	attempt int
}

type cut struct {
	fate Fate
	at   time.Time
}

// note remembers that the connection of a request is about to be closed.
func (r *resent) note(key string, attempt int, fate Fate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cut == nil {
		r.cut = map[request]cut{}
	}
	q := request{key, attempt}
	if _, known := r.cut[q]; !known {
		delete(r.cut, r.ring[r.next])
		r.ring[r.next] = q
		r.next = (r.next + 1) % resentLimit
	}
	r.cut[q] = cut{fate, time.Now()}
}

// again returns the fate of a request that was sent before, and whether it was.
func (r *resent) again(key string, attempt int) (Fate, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, known := r.cut[request{key, attempt}]
	if !known || time.Since(c.at) > resentWithin {
		return Fate{}, false
	}
	return c.fate, true
}
