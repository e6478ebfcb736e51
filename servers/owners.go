package servers

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"
)

// owners knows for which task a client has taken a connection, and whether it
// had kept that connection. net/http says so, before it sends a request, to a
// trace in the request's context. Over HTTP/1 the next request on that
// connection is the task's, whatever it says.
//
// A client whose requests do not have the context of their task is not known
// so. The zero value is ready for use.
type owners struct {
	direct bool // requests have the contexts of their tasks, as there are no connections

	some atomic.Bool // some connection was taken

	mu    sync.Mutex
	taken map[string]taking // by the client's address, until the request comes
}

// A tracing is of the requests of one task.
type tracing struct {
	task  *runningTask // nil if requests of its key need none
	taken int          // connections from which its next request has not come
	ended time.Time    // when the task ended, the zero time before
}

// underWay is for how long after the end of a task a request may come that the
// client has sent before it, or as it ended.
const underWay = time.Second

// A taking is what a client has said when it took a connection.
type taking struct {
	by  *tracing // nil if it has said nothing
	use use
}

// A use is what a client has said of the connection of a request. A transport
// of net/http sends a request again if a connection that it had kept closes
// before the answer, and only then. It also keeps one that it has dialled for a
// request that another connection has carried in the end.
type use uint8

const (
	unsaid use = iota
	fresh      // dialled for this request
	reused     // kept from before
)

// ownerKey is the key of a running task in the context of its requests.
type ownerKey struct{}

// trace returns a context whose requests are known as the task's, until end is
// called. t may be nil.
func (o *owners) trace(ctx context.Context, t *runningTask) (traced context.Context, end func()) {
	if o.direct {
		return context.WithValue(ctx, ownerKey{}, t), func() {}
	}
	by := &tracing{task: t}
	traced = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		o.take(info.Conn.LocalAddr().String(), by, info.Reused)
	}})
	return traced, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		if by.ended = time.Now(); by.taken == 0 {
			return
		}
		maps.DeleteFunc(o.taken, func(_ string, t taking) bool { // requests that did not come
			gone := t.by != nil && !t.by.ended.IsZero() && by.ended.Sub(t.by.ended) > underWay
			if gone {
				t.by.taken--
			}
			return gone
		})
	}
}

// take notes that a client has taken a connection.
func (o *owners) take(from string, by *tracing, used bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drop(from)
	if o.taken == nil {
		o.taken = map[string]taking{}
	}
	t := taking{by, fresh}
	if used {
		t.use = reused
	}
	o.taken[from] = t
	by.taken++
	o.some.Store(true)
}

// drop forgets what a client has said of a connection, and returns it.
func (o *owners) drop(from string) taking {
	t := o.taken[from]
	if t.by != nil {
		t.by.taken--
		delete(o.taken, from)
	}
	return t
}

// came returns for which task the connection of a request was taken, which is
// nil if that is not known, and what the client has said of the connection. It
// must be called once for each request.
func (o *owners) came(r *http.Request) (*runningTask, use) {
	if o.direct {
		t, _ := r.Context().Value(ownerKey{}).(*runningTask)
		return t, unsaid
	}
	if !o.some.Load() {
		return nil, unsaid
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.drop(r.RemoteAddr)
	if t.by == nil || r.ProtoMajor > 1 { // over HTTP/2 a connection has many requests at once
		return nil, unsaid
	}
	return t.by.task, t.use
}
