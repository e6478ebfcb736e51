package servers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"

	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/latency"
)

// directMost is the size of the largest body, in bytes, that is kept as a whole
// for its client.
const directMost = 64 << 10

// direct is the transport of a server without connections: it calls the
// server's handler. What goes over no wire costs a tenth of what does.
//
// An answer that is small, and waits for nothing after its head, is made in the
// goroutine of the client. Any other has a goroutine of its own, which writes
// while the client reads.
type direct struct{ server *Server }

var _ http.RoundTripper = direct{}

// RoundTrip implements [http.RoundTripper].
func (t direct) RoundTrip(sent *http.Request) (*http.Response, error) {
	if turns := t.server.turns.Load(); turns != nil && sent.URL != nil {
		name := "request for " + sent.URL.Path
		turns.Yield(name)
		defer turns.Yield(name)
	}
	return t.roundTrip(sent)
}

func (t direct) roundTrip(sent *http.Request) (*http.Response, error) {
	s, ctx := t.server, sent.Context()
	closeBody := func() {
		if sent.Body != nil {
			sent.Body.Close()
		}
	}
	switch {
	case sent.URL == nil || sent.URL.Scheme != "http":
		closeBody()
		return nil, errors.New("servers: want a URL that begins with http://")
	case ctx.Err() != nil:
		closeBody()
		return nil, context.Cause(ctx)
	case !s.begin():
		closeBody()
		return nil, errClosed
	}
	s.contexts.add(ctx)
	d := &directed{server: s, answer: answer{server: s, client: sent, header: http.Header{}, declared: -1}}
	d.answer.body.init(1 << 62)
	d.answer.ctx.Context, d.answer.ctx.client = s.base, ctx
	d.receive(sent)
	if d.begin() {
		return d.answer.wait()
	}
	closeBody()
	if err := ctx.Err(); err != nil && !d.answer.done {
		return nil, context.Cause(ctx)
	}
	return d.answer.result()
}

// A directed is a request that has come without a connection.
type directed struct {
	server  *Server
	request *http.Request // as the server sees it
	url     url.URL       // of request
	answer  answer
}

// receive makes the request that the server sees of the one that the client has
// sent, as if it had read it from a connection.
func (d *directed) receive(sent *http.Request) {
	r := sent.WithContext(&d.answer.ctx)
	d.request = r
	d.url = url.URL{Path: sent.URL.Path, RawPath: sent.URL.RawPath, RawQuery: sent.URL.RawQuery}
	if d.url.Path == "" {
		d.url.Path = "/"
	}
	r.URL, r.RequestURI, r.RemoteAddr = &d.url, d.url.RequestURI(), directAddr
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	if r.Host == "" {
		r.Host = sent.URL.Host
	}
	switch {
	case r.Body == nil || r.Body == http.NoBody:
		r.Body, r.ContentLength = http.NoBody, 0
	case r.ContentLength == 0:
		r.ContentLength = -1
	}
	s := d.server
	if s.recorded != nil || !s.prompt { // else nothing reads these
		r.Header = sent.Header.Clone()
		if r.Header == nil {
			r.Header = http.Header{}
		}
		if _, has := r.Header["User-Agent"]; !has {
			r.Header.Set("User-Agent", "Go-http-client/1.1") // as net/http
		}
		if r.ContentLength > 0 {
			r.Header.Set("Content-Length", fmt.Sprint(r.ContentLength))
		}
	}
	trace := httptrace.ContextClientTrace(sent.Context())
	d.answer.trace = trace
	if trace != nil && trace.GotConn != nil {
		c := &memoryConn{local: memoryAddr(1024 + s.direct.Add(1)%60000), remote: memoryListens}
		r.RemoteAddr = c.local.String()
		trace.GotConn(httptrace.GotConnInfo{Conn: c})
	}
}

const directAddr = "127.0.0.1:1024"

// begin serves the request, or begins to: then it returns true, and another
// goroutine does the rest.
func (d *directed) begin() (more bool) {
	s := d.server
	defer func() {
		if !more {
			_ = recover() // as net/http does; a panic of the content has been logged
			d.finish()
		}
	}()
	x := s.receive(&d.answer, d.request, nil, 0)
	x.direct = true
	defer func() {
		if !more {
			s.end(x, d.request)
		}
	}()
	switch {
	case !s.admit(x, d.request):
	case s.atOnce(x, d.request):
		s.serve(x, d.request)
	default:
		d.answer.headed = make(chan struct{})
		d.answer.body.room = streamRoom
		s.requests.Add(1) // beside that of the exchange, which ends before the answer
		go d.rest(x)
		return true
	}
	d.answer.done = true
	return false
}

// rest serves a request in a goroutine of its own, for which Close waits.
func (d *directed) rest(x *exchange) {
	defer d.server.requests.Done()
	defer func() {
		_ = recover()
		d.finish()
		if body := d.answer.client.Body; body != nil {
			body.Close()
		}
	}()
	defer d.server.end(x, d.request)
	d.server.serve(x, d.request)
	d.answer.done = true
}

// finish ends the answer, as the handler has returned or panicked.
func (d *directed) finish() {
	d.answer.finish()
	d.answer.ctx.end()
}

// atOnce reports whether what is left of an exchange waits for nothing after
// the head of its answer, and is small.
func (s *Server) atOnce(x *exchange, r *http.Request) bool {
	f := x.rec.entry.Planned
	end := f.Fault.End()
	whole := end == fault.EndAnswer || end == fault.EndWrongType || end == fault.EndRedirects
	early := f.Latency == 0 || f.Spend == "" || f.Spend == latency.BeforeHead
	if !s.prompt || !whole || !early || f.Fault.Body() == fault.PartialBody || s.plan.Bandwidth > 0 {
		return false
	}
	x.act = s.prepared(x, r)
	return x.rec.entry.Entity.Size <= directMost
}

// isPrompt reports whether content does not wait for anything once it has been
// prepared.
func isPrompt(c http.Handler) bool {
	_, is := c.(content.Preparer)
	return is
}

// A directContext is the context of a request that has come without a
// connection. It ends with the client's, with the server, or with the exchange.
// It has the values of the server's, as the client's do not go over a wire.
type directContext struct {
	context.Context // the server's
	client          context.Context

	mu   sync.Mutex
	over bool
	all  context.Context // nil until something waits for it
	stop func()
}

// Done implements [context.Context].
func (c *directContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		all, cancel := context.WithCancel(c.Context)
		stop := context.AfterFunc(c.client, cancel)
		c.all, c.stop = all, func() { stop(); cancel() }
		if c.over {
			c.stop()
		}
	}
	return c.all.Done()
}

// Err implements [context.Context].
func (c *directContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.client.Err() != nil {
		return context.Canceled
	}
	return c.Context.Err()
}

// Value implements [context.Context].
func (c *directContext) Value(key any) any {
	if key == (ownerKey{}) {
		return c.client.Value(key)
	}
	return c.Context.Value(key)
}

// end ends the context.
func (c *directContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over = true; c.stop != nil {
		c.stop()
	}
}

// A dateCache has the value of a Date header, which changes once a second.
type dateCache struct {
	mu   sync.Mutex
	at   int64
	text []string // no room for more, so that answers can share it
}

func (c *dateCache) now() []string {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := now.Unix(); c.text == nil || at != c.at {
		c.at, c.text = at, []string{now.UTC().Format(http.TimeFormat)}
	}
	return c.text
}
