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
)

// A Place is where in an answer a wait is spent.
type Place string

// The places. An answer without a body spends its wait before the head,
// wherever it is to be spent.
const (
	BeforeHead Place = "before_head" // before the first byte: the default
	BeforeBody Place = "before_body" // between the head and the body
	OverBody   Place = "over_body"   // the body comes in pieces, the last one at the end of the wait
)

// A Wait is a wait and how it is spent.
type Wait struct {
	Begin  time.Time // when it begins: what is done since is part of it
	For    time.Duration
	Place  Place // "" for before the head
	Pieces int   // of a body that is spread; 0 for ten

	Alarm *Alarm // nil for the runtime's timers

	// Bandwidth is how many bytes of the body are sent in a second, from the
	// end of the wait on or over it; 0 for no limit.
	Bandwidth int
}

// Before is next behind a wait. Next ends without an answer when the client or
// the server goes away meanwhile.
func (wait Wait) Before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { wait.Serve(next, w, r) })
}

// Serve is Before at once.
func (wait Wait) Serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	early := wait.Place == "" || wait.Place == BeforeHead || r.Method == http.MethodHead
	if early {
		wait.Alarm.until(r.Context(), wait.Begin.Add(wait.For))
	}
	if early && wait.Bandwidth == 0 {
		next.ServeHTTP(w, r)
		return
	}
	wait.slowly(next, w, r, early)
}

// slowly has an answer wait within, or its body limited in its bandwidth.
func (wait Wait) slowly(next http.Handler, w http.ResponseWriter, r *http.Request, early bool) {
	s := &slow{ResponseWriter: w, ctx: r.Context(), wait: wait, early: early}
	next.ServeHTTP(s, r)
	s.end()
}

// A slow response waits before its body, or within it.
type slow struct {
	http.ResponseWriter
	ctx   context.Context
	wait  Wait
	early bool // the wait is over, and only the bandwidth is left
	begun bool // the head is said
	taken bool // the connection was taken over
	total int  // the body's length, 0 if it is not known
	pace  *pace

	// A head that does not say whether a body follows is held, with the headers
	// of that moment, until one does or none.
	held    int
	headers http.Header
}

var (
	_ http.Flusher  = (*slow)(nil)
	_ http.Hijacker = (*slow)(nil)
)

// WriteHeader spends the wait before a head that no body follows.
func (s *slow) WriteHeader(status int) {
	if status < 200 && status != http.StatusSwitchingProtocols {
		s.ResponseWriter.WriteHeader(status) // a sign of life
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
func (s *slow) release() {
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

// NoBody spends the wait: it is for who knows that no byte of a body comes,
// although the head does not say so.
func (s *slow) NoBody() {
	if !s.early {
		s.wait.Alarm.until(s.ctx, s.wait.Begin.Add(s.wait.For))
		s.early = true
	}
}

// end spends what is left of the wait when the handler has returned without a
// body.
func (s *slow) end() {
	if s.pace == nil && !s.taken {
		s.NoBody()
		s.release()
	}
}

// Write waits, writes a piece, and flushes it.
func (s *slow) Write(p []byte) (int, error) {
	if !s.begun {
		s.WriteHeader(http.StatusOK)
	}
	if len(p) == 0 {
		return 0, nil
	}
	s.release()
	controller := http.NewResponseController(s.ResponseWriter)
	if s.pace == nil {
		_ = controller.Flush() // the head; what fails here fails at the write
		s.pace = s.wait.paced(max(s.total, len(p)), s.early)
	}
	return s.pace.write(s.ctx, p, func(piece []byte) (int, error) {
		n, err := s.ResponseWriter.Write(piece)
		_ = controller.Flush()
		return n, err
	})
}

// Flush implements [http.Flusher].
func (s *slow) Flush() { _ = s.FlushError() }

// FlushError is for [http.ResponseController].
func (s *slow) FlushError() error {
	if !s.begun {
		s.WriteHeader(http.StatusOK)
	}
	s.release()
	return http.NewResponseController(s.ResponseWriter).Flush()
}

// Hijack hands out a connection that is as slow: what is written first is the
// head, whatever follows the body. One on which an answer has begun is handed
// out as it is: what is left of it is no body.
func (s *slow) Hijack() (net.Conn, *bufio.ReadWriter, error) {
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
func (s *slow) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// A slowConn is a connection on which a fault answers by itself.
type slowConn struct {
	net.Conn
	slow *slow
}

// NetConn is the connection itself.
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

// A pace says when each byte of a body may be sent.
type pace struct {
	begin     time.Time
	spread    time.Duration // over the body
	pieces    int           // of the spread
	bandwidth int           // bytes a second
	total     int           // bytes of the body
	sent      int
	alarm     *Alarm
}

// paced begins a body of so many bytes, after the wait if it is not spread over
// it.
func (wait Wait) paced(total int, early bool) *pace {
	p := &pace{begin: wait.Begin, bandwidth: wait.Bandwidth, total: max(total, 1), alarm: wait.Alarm}
	switch {
	case early:
		p.begin = time.Now()
	case wait.Place == OverBody:
		p.spread, p.pieces = wait.For, cmp.Or(wait.Pieces, 10)
	default:
		p.begin = wait.Begin.Add(wait.For)
	}
	return p
}

// due is when so many bytes may have been sent.
func (p *pace) due(bytes int) time.Time {
	share := float64(min(bytes, p.total)) / float64(p.total)
	at := p.begin.Add(time.Duration(share * float64(p.spread)))
	if p.bandwidth > 0 {
		at = at.Add(time.Duration(bytes) * time.Second / time.Duration(p.bandwidth))
	}
	return at
}

// next is how many bytes are sent at once, of those that are left: up to the
// end of a piece, and what the bandwidth lets through in ten milliseconds.
func (p *pace) next(left int) int {
	if p.spread > 0 && p.sent < p.total {
		k := p.sent * p.pieces / p.total // pieces that are sent
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
		p.alarm.until(ctx, p.due(p.sent+len(piece)))
		var m int
		m, err = send(piece)
		n, p.sent = n+m, p.sent+m
	}
	return n, err
}
