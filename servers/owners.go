package servers

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// owners knows for which task a client has taken a connection. net/http says
// so, before it sends a request, to a trace in the request's context. Over
// HTTP/1 the next request on that connection is the task's, whatever it says.
//
// A client whose requests do not have the context of their task is not known
// so. The zero value is ready for use.
type owners struct {
	direct bool // requests have the contexts of their tasks, as there are no connections

	some atomic.Bool // some connection was taken

	mu   sync.Mutex
	task map[string]*runningTask // by the client's address, until the request comes
}

// ownerKey is the key of a running task in the context of its requests.
type ownerKey struct{}

// trace returns a context whose requests are known as the task's.
func (o *owners) trace(ctx context.Context, t *runningTask) context.Context {
	if o.direct {
		return context.WithValue(ctx, ownerKey{}, t)
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.task == nil {
			o.task = map[string]*runningTask{}
		}
		o.task[info.Conn.LocalAddr().String()] = t
		o.some.Store(true)
	}})
}

// take returns the task for which the connection of a request was taken, and
// nil if that is not known. It must be called once for each request.
func (o *owners) take(r *http.Request) *runningTask {
	if o.direct {
		t, _ := r.Context().Value(ownerKey{}).(*runningTask)
		return t
	}
	if !o.some.Load() {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.task[r.RemoteAddr]
	delete(o.task, r.RemoteAddr)
	if r.ProtoMajor > 1 {
		return nil // a connection has many requests at once
	}
	return t
}

// forget forgets the connections of a task that is over.
func (o *owners) forget(t *runningTask) {
	if o.direct {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	maps.DeleteFunc(o.task, func(_ string, u *runningTask) bool { return u == t })
}
