package servers

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"time"
)

// A witness is a ResponseWriter that notes what goes through it.
type witness struct {
	http.ResponseWriter
	head    bool // the request is a HEAD, whose body net/http drops
	taken   bool // the connection was taken over: what goes through it goes past the witness
	failed  bool // something could not be written
	whole   bool // the handler has come to its end, and all that it has written was
	arrived time.Time
	entry   Entry
}

var (
	_ http.Flusher  = (*witness)(nil)
	_ http.Hijacker = (*witness)(nil)
	_ io.ReaderFrom = (*witness)(nil)
)

func (w *witness) WriteHeader(status int) {
	w.answers(status)
	w.ResponseWriter.WriteHeader(status)
}

// answers notes the first status that is an answer and not only a sign of life.
func (w *witness) answers(status int) {
	if w.entry.Status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.entry.Status, w.entry.Waited = status, time.Since(w.arrived)
	}
}

func (w *witness) Write(p []byte) (int, error) {
	w.answers(http.StatusOK)
	n, err := w.ResponseWriter.Write(p)
	w.sent(int64(n))
	w.failed = w.failed || err != nil
	return n, err
}

// ReadFrom lets net/http copy without a buffer of the witness's own, and a file
// without any.
func (w *witness) ReadFrom(r io.Reader) (int64, error) {
	w.answers(http.StatusOK)
	n, err := io.Copy(w.ResponseWriter, r)
	w.sent(n)
	w.failed = w.failed || err != nil
	return n, err
}

func (w *witness) sent(n int64) {
	if !w.head {
		w.entry.Bytes += n
	}
}

// Flush implements [http.Flusher].
func (w *witness) Flush() { _ = w.FlushError() }

// FlushError is for [http.ResponseController].
func (w *witness) FlushError() error {
	w.answers(http.StatusOK)
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack implements [http.Hijacker], which HTTP/2 does not support.
func (w *witness) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.taken = true
	return &noted{Conn: c, witness: w}, rw, nil
}

// silent says that no answer has begun.
func (w *witness) silent() bool { return !w.taken && w.entry.Status == 0 }

// returned notes that the handler has come to its end: net/http sends a status
// that it has not sent itself.
func (w *witness) returned() {
	if !w.taken {
		w.answers(http.StatusOK)
		w.whole = !w.failed
	}
}

// Unwrap is for [http.ResponseController].
func (w *witness) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// end completes the entry of a request that is over.
func (w *witness) end() Entry {
	w.entry.Took, w.entry.Done = time.Since(w.arrived), w.whole
	if w.entry.Status == 0 {
		w.entry.Waited = w.entry.Took
	}
	return w.entry
}
