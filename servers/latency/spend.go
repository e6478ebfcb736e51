package latency

import (
	"bufio"
	"cmp"
	"context"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/teapot-go/teapot/servers/timer"
)

// A Phase is the part of an answer in which a wait is spent.
type Phase string

// The phases. An answer without a body always spends its wait before the head.
const (
	BeforeHead Phase = "before_head" // before the first byte: the default
	BeforeBody Phase = "before_body" // between the head and the body
	OverBody   Phase = "over_body"   // the body is sent in pieces, the last one at the end of the wait
)

// A Wait describes a wait, and how an answer spends it.
type Wait struct {
	Begin  time.Time // what is done after it is part of the wait
	For    time.Duration
	Phase  Phase // "" for before the head
	Pieces int   // of the body, for OverBody; 0 for ten

	Timer *timer.Timer // nil for the runtime's timers

	// Bandwidth is how many bytes of the body are sent in a second, after the
	// wait or during it; 0 for no limit.
	Bandwidth int
}

// Before returns a handler that waits, and then calls next. It aborts the
// answer if the request's context ends during the wait.
func (wait Wait) Before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { wait.Serve(next, w, r) })
}

// Serve waits, and then calls next.
func (wait Wait) Serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	early := wait.Phase == "" || wait.Phase == BeforeHead || r.Method == http.MethodHead
	if early {
		until(r.Context(), wait.Timer, wait.Begin.Add(wait.For))
	}
	if early && wait.Bandwidth == 0 {
		next.ServeHTTP(w, r)
		return
	}
	wait.slowly(next, w, r, early)
}

// until waits for a time. If the context ends first, it aborts the handler.
func until(ctx context.Context, t *timer.Timer, at time.Time) {
	if t.Wait(ctx, at) != nil {
		panic(http.ErrAbortHandler)
	}
}

// slowly calls next, and delays its answer after the head, or limits the
// bandwidth of its body.
func (wait Wait) slowly(next http.Handler, w http.ResponseWriter, r *http.Request, early bool) {
	s := &slowWriter{ResponseWriter: w, ctx: r.Context(), wait: wait, early: early}
	next.ServeHTTP(s, r)
	s.end()
}

// A slowWriter waits before the body, or while it is sent.
type slowWriter struct {
	http.ResponseWriter
	ctx   context.Context
	wait  Wait
	early bool // the wait is over: only the bandwidth is limited
	begun bool // WriteHeader was called
	taken bool // the connection was hijacked
	total int  // the length of the body, 0 if it is not known
	pace  *pace

	// A head that does not say whether a body follows is held, with its
	// headers, until a body begins or the handler returns.
	held    int
	headers http.Header
}

var (
	_ http.Flusher  = (*slowWriter)(nil)
	_ http.Hijacker = (*slowWriter)(nil)
)

// WriteHeader waits before a head without a body.
func (s *slowWriter) WriteHeader(status int) {
	if status < 200 && status != http.StatusSwitchingProtocols {
		s.ResponseWriter.WriteHeader(status) // a 1xx response
		return
	}
	if s.begun {
		return
	}
	s.begun = true
	length := s.Header().Get("Content-Length")
	s.total, _ = strconv.Atoi(length)
	switch {
	case status < 200, status == http.StatusNoContent, status == http.StatusNotModified, length == "0":
		s.NoBody()
	case length == "" && !s.early:
		s.held, s.headers = status, s.Header().Clone()
		return
	}
	s.ResponseWriter.WriteHeader(status)
}

// release sends a head that is held.
func (s *slowWriter) release() {
	if s.held == 0 {
		return
	}
	h := s.Header()
	later := maps.Clone(h) // trailers may be among them
	clear(h)
	maps.Copy(h, s.headers)
	s.ResponseWriter.WriteHeader(s.held)
	clear(h)
	maps.Copy(h, later)
	s.held, s.headers = 0, nil
}

// NoBody waits at once. A handler that knows that no byte of a body will follow
// calls it, if its head does not say so.
func (s *slowWriter) NoBody() {
	if !s.early {
		until(s.ctx, s.wait.Timer, s.wait.Begin.Add(s.wait.For))
		s.early = true
	}
}

// end waits if the handler has returned without a body.
func (s *slowWriter) end() {
	if s.pace == nil && !s.taken {
		s.NoBody()
		s.release()
	}
}

// Write waits, writes a piece, and flushes it.
func (s *slowWriter) Write(p []byte) (int, error) {
	if !s.begun {
		s.WriteHeader(http.StatusOK)
	}
	if len(p) == 0 {
		return 0, nil
	}
	s.release()
	controller := http.NewResponseController(s.ResponseWriter)
	if s.pace == nil {
		_ = controller.Flush() // the head; an error will occur again in the Write
		s.pace = s.wait.paced(max(s.total, len(p)), s.early)
	}
	return s.pace.write(s.ctx, p, func(piece []byte) (int, error) {
		n, err := s.ResponseWriter.Write(piece)
		_ = controller.Flush()
		return n, err
	})
}

// Flush implements [http.Flusher].
func (s *slowWriter) Flush() { _ = s.FlushError() }

// FlushError is for [http.ResponseController].
func (s *slowWriter) FlushError() error {
	if !s.begun {
		s.WriteHeader(http.StatusOK)
	}
	s.release()
	return http.NewResponseController(s.ResponseWriter).Flush()
}

// Hijack returns a connection that is as slow: its first Write is the head, the
// others are the body. If an answer has begun, it returns the connection
// unchanged, because the rest is not a body.
func (s *slowWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, buffered, err := http.NewResponseController(s.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if s.taken = true; s.begun {
		return c, buffered, nil
	}
	return &slowConn{Conn: c, slow: s}, buffered, nil
}

// Unwrap is for [http.ResponseController].
func (s *slowWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// A slowConn is a hijacked connection on which a fault answers.
type slowConn struct {
	net.Conn
	slow *slowWriter
}

// NetConn returns the connection below.
func (c *slowConn) NetConn() net.Conn { return c.Conn }

func (c *slowConn) Write(p []byte) (int, error) {
	if !c.slow.begun {
		c.slow.begun = true
		return c.Conn.Write(p)
	}
	if c.slow.pace == nil {
		c.slow.pace = c.slow.wait.paced(len(p), c.slow.early)
	}
	return c.slow.pace.write(c.slow.ctx, p, c.Conn.Write)
}

// A pace decides when each byte of a body may be sent.
type pace struct {
	begin     time.Time
	spread    time.Duration // over the body
	pieces    int           // of the spread
	bandwidth int           // bytes a second
	total     int           // bytes of the body
	sent      int
	timer     *timer.Timer
}

// paced returns the pace of a body of total bytes. The body begins after the
// wait, unless the wait is spread over it.
func (wait Wait) paced(total int, early bool) *pace {
	p := &pace{begin: wait.Begin, bandwidth: wait.Bandwidth, total: max(total, 1), timer: wait.Timer}
	switch {
	case early:
		p.begin = time.Now()
	case wait.Phase == OverBody:
		p.spread, p.pieces = wait.For, cmp.Or(wait.Pieces, 10)
	default:
		p.begin = wait.Begin.Add(wait.For)
	}
	return p
}

// due returns when the given number of bytes may have been sent.
func (p *pace) due(bytes int) time.Time {
	share := float64(min(bytes, p.total)) / float64(p.total)
	at := p.begin.Add(time.Duration(share * float64(p.spread)))
	if p.bandwidth > 0 {
		at = at.Add(time.Duration(bytes) * time.Second / time.Duration(p.bandwidth))
	}
	return at
}

// next returns how many of the bytes that are left are sent at once: at most to
// the end of a piece, and what the bandwidth allows in ten milliseconds.
func (p *pace) next(left int) int {
	if p.spread > 0 && p.sent < p.total {
		k := p.sent * p.pieces / p.total // pieces that have been sent
		left = min(left, ((k+1)*p.total+p.pieces-1)/p.pieces-p.sent)
	}
	if p.bandwidth > 0 {
		left = min(left, max(p.bandwidth/100, 1))
	}
	return left
}

// write sends a body in pieces, each when its last byte is due.
func (p *pace) write(ctx context.Context, body []byte, send func([]byte) (int, error)) (n int, err error) {
	for n < len(body) && err == nil {
		piece := body[n:]
		piece = piece[:p.next(len(piece))]
		until(ctx, p.timer, p.due(p.sent+len(piece)))
		var m int
		m, err = send(piece)
		n, p.sent = n+m, p.sent+m
	}
	return n, err
}
