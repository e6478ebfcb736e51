package servers

import (
	"context"
	"net/http"
	"net/url"
	"sync"
)

// contexts has the contexts of the requests that a server's client has sent
// last, up to a bound. The end of such a context ends a response body that the
// client has forgotten. The zero value is empty.
type contexts struct {
	mu   sync.Mutex
	last []context.Context
	next int // which of them is replaced next
}

// mostContexts is how many there are at most.
const mostContexts = 4096

// note is the Proxy of a transport, which net/http calls with each request
// before it sends it. There is no proxy.
func (c *contexts) note(r *http.Request) (*url.URL, error) {
	c.add(r.Context())
	return nil, nil
}

func (c *contexts) add(ctx context.Context) {
	if ctx.Done() == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.last) < mostContexts {
		c.last = append(c.last, ctx)
		return
	}
	c.last[c.next] = ctx
	c.next = (c.next + 1) % mostContexts
}

// live returns those that have not ended.
func (c *contexts) live() (live []context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ctx := range c.last {
		if ctx.Err() == nil {
			live = append(live, ctx)
		}
	}
	return live
}

// Contexts returns the contexts of the last few thousand requests of the
// server's client, also of clones of its transport, that have not ended.
func (s *Server) Contexts() []context.Context { return s.contexts.live() }
