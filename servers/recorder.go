package servers

import (
	"bufio"
	"bytes"
	"hash"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/teapot-go/teapot/servers/limits"
)

// A recorder is a ResponseWriter that records what is sent through it.
type recorder struct {
	http.ResponseWriter
	head    bool // the request is a HEAD, whose body net/http drops
	taken   bool // the connection was hijacked: the rest is recorded by a recordedConn
	flushed bool // the answer has begun to leave
	failed  bool // a Write failed
	whole   bool // the handler has returned, and no Write failed
	arrived time.Time
	// declared is the Content-Length of the answer's header
	declared string
	ended    time.Duration // when the connection was about to be closed by a fault, from arrival
	entry    Entry
	sum      hash.Hash // of the body, nil if the content knows its own or the answer has none
}

var (
	_ http.Flusher  = (*recorder)(nil)
	_ http.Hijacker = (*recorder)(nil)
	_ io.ReaderFrom = (*recorder)(nil)
)

func (w *recorder) WriteHeader(status int) {
	w.answers(status)
	w.ResponseWriter.WriteHeader(status)
}

// answers records the first status that is not that of a 1xx response.
func (w *recorder) answers(status int) {
	if w.entry.Status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.entry.Status, w.entry.Waited = status, time.Since(w.arrived)
		if !w.taken {
			w.declared = field(w.Header(), "Content-Length")
		}
		switch {
		case w.taken:
		case status >= 300:
			w.retryAfter(field(w.Header(), "Retry-After"))
		default:
			w.entry.Compressed = field(w.Header(), "Content-Encoding") != ""
		}
	}
}

// retryAfter records the value of a Retry-After header.
func (w *recorder) retryAfter(value string) {
	if value != "" {
		w.entry.RetryAfter, _ = limits.RetryAfter(value, time.Now())
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.answers(http.StatusOK)
	n, err := w.ResponseWriter.Write(p)
	if w.sum != nil {
		w.sum.Write(p[:n])
	}
	w.sent(int64(n))
	w.failed = w.failed || err != nil
	return n, err
}

// ReadFrom implements [io.ReaderFrom]. net/http sends a file without a buffer,
// but sends the head before it: anything else goes through a buffer, so that a
// small answer is a single packet.
func (w *recorder) ReadFrom(r io.Reader) (int64, error) {
	if w.sum != nil || !isFile(r) {
		buffer := copying.Get().(*[]byte)
		defer copying.Put(buffer)
		return io.CopyBuffer(writing{w}, r, *buffer)
	}
	w.answers(http.StatusOK)
	n, err := io.Copy(w.ResponseWriter, r)
	w.sent(n)
	w.failed = w.failed || err != nil
	return n, err
}

// isFile reports whether r reads a file, or a part of one.
func isFile(r io.Reader) bool {
	if part, ok := r.(*io.LimitedReader); ok {
		r = part.R
	}
	_, is := r.(*os.File)
	return is
}

// writing is a recorder without its ReadFrom.
type writing struct{ to *recorder }

func (w writing) Write(p []byte) (int, error) { return w.to.Write(p) }

// copying has buffers of the size that io.Copy takes.
var copying = sync.Pool{New: func() any { return new(make([]byte, 32<<10)) }}

func (w *recorder) sent(n int64) {
	if !w.head {
		w.entry.Bytes += n
	}
}

// Flush implements [http.Flusher].
func (w *recorder) Flush() { _ = w.FlushError() }

// FlushError is for [http.ResponseController].
func (w *recorder) FlushError() error {
	w.answers(http.StatusOK)
	w.flushed = true
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack implements [http.Hijacker]. It fails for HTTP/2.
func (w *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.taken = true
	return &recordedConn{Conn: c, recorder: w}, rw, nil
}

// silent reports whether no answer has begun.
func (w *recorder) silent() bool { return !w.taken && w.entry.Status == 0 }

// returned records that the handler has returned: net/http sends a status if
// the handler sent none.
func (w *recorder) returned() {
	if !w.taken {
		w.answers(http.StatusOK)
		w.whole = !w.failed
	}
}

// short reports whether the handler has written less than it has declared.
func (w *recorder) short() bool {
	declared, err := strconv.ParseInt(w.declared, 10, 64)
	bodiless := w.head || w.entry.Status == http.StatusNotModified || w.entry.Status == http.StatusNoContent
	return err == nil && declared > w.entry.Bytes && !bodiless
}

// Unwrap is for [http.ResponseController].
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// end completes the entry of a request that has ended.
func (w *recorder) end() Entry {
	w.entry.Took, w.entry.Done = time.Since(w.arrived), w.whole
	if w.ended > 0 {
		w.entry.Took = w.ended
	}
	if w.entry.Status == 0 {
		w.entry.Waited = w.entry.Took
	}
	if w.sum != nil && w.whole && w.entry.Status == http.StatusOK && !w.entry.Compressed && !w.taken {
		w.entry.Entity.Size = -1
		w.sum.Sum(w.entry.Entity.SHA256[:0])
	}
	return w.entry
}

// A recordedConn is a hijacked connection on which a fault answers. The writes
// up to the one that ends with an empty line are the head; the rest is body.
type recordedConn struct {
	net.Conn
	recorder *recorder
	begun    bool // there was a Write
	headDone bool // the head has been written
}

// NetConn returns the connection below.
func (c *recordedConn) NetConn() net.Conn { return c.Conn }

// Ends records when the answer ended: before the connection closes, as its
// client may act before the server goes on.
func (c *recordedConn) Ends() {
	if w := c.recorder; w.ended == 0 {
		w.ended = time.Since(w.arrived)
	}
}

func (c *recordedConn) Write(p []byte) (int, error) {
	if !c.begun {
		c.begun = true
		c.recorder.answers(statusOf(p))
		if _, value, found := bytes.Cut(p, []byte("\r\nRetry-After: ")); found {
			value, _, _ = bytes.Cut(value, []byte("\r\n"))
			c.recorder.retryAfter(string(value))
		}
		c.recorder.entry.Compressed = bytes.Contains(p, []byte("\r\nContent-Encoding: "))
	}
	if !c.headDone {
		c.headDone = bytes.HasSuffix(p, []byte("\r\n\r\n"))
		return c.Conn.Write(p)
	}
	n, err := c.Conn.Write(p)
	c.recorder.sent(int64(n))
	return n, err
}

// statusOf returns the status in the head of an answer, or 0 for bytes that are
// not HTTP.
func statusOf(head []byte) int {
	rest, ok := bytes.CutPrefix(head, []byte("HTTP/1.1 "))
	if !ok || len(rest) < 3 {
		return 0
	}
	status, _ := strconv.Atoi(string(rest[:3]))
	return status
}
