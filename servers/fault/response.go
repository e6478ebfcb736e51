package fault

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// A response is the recorded answer of a handler.
type response struct {
	status int
	header http.Header
	body   []byte
	limit  int // of the body; the rest is dropped
}

// maxRecorded is the number of bytes of a body that faults keep which send a
// part of it on their own.
const maxRecorded = 1 << 20

var _ http.Flusher = (*response)(nil)

// record calls a handler and returns the beginning of its answer.
func record(next http.Handler, r *http.Request) *response { return recordTo(maxRecorded, next, r) }

// recordTo records no more than so many bytes of the body.
func recordTo(limit int, next http.Handler, r *http.Request) *response {
	a := &response{header: http.Header{}, limit: limit}
	next.ServeHTTP(a, r)
	a.WriteHeader(http.StatusOK)
	if a.header.Get("Date") == "" {
		a.header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	return a
}

// Header implements [http.ResponseWriter].
func (a *response) Header() http.Header { return a.header }

// WriteHeader implements [http.ResponseWriter].
func (a *response) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements [http.ResponseWriter].
func (a *response) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.body = append(a.body, p[:min(len(p), a.limit-len(a.body))]...)
	return len(p), nil
}

// Flush implements [http.Flusher]. It does nothing: the answer is sent when the
// handler has returned.
func (a *response) Flush() {}

// half returns the part of the body that is sent before the fault.
func (a *response) half() []byte { return a.body[:len(a.body)/2] }

// length returns the announced length of the body: at least 1, so that an empty
// body can be truncated too.
func (a *response) length() int {
	if n, err := strconv.Atoi(a.header.Get("Content-Length")); err == nil && n > 0 {
		return n
	}
	return max(len(a.body), 1)
}

// head returns the head as it is sent, with additional lines for headers that a
// map cannot hold, such as two of one name.
func (a *response) head(reason string, lines ...string) []byte {
	if reason == "" {
		reason = http.StatusText(a.status)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %03d %s\r\n", a.status, reason)
	_ = a.header.Write(&b) // a Buffer never fails
	for _, line := range append(lines, "Connection: close") {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// copyHeader adds the headers of the response to others.
func (a *response) copyHeader(to http.Header) { maps.Copy(to, a.header) }

// sentBare sends the answer if it has no body, which no fault within that can
// strike, and reports whether it has.
func (a *response) sentBare(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodHead && bodyAllowed(a.status) {
		return false
	}
	skipBodyWait(w)
	a.ServeHTTP(w, r)
	return true
}

// sendHalf sends the head and half of the body through w. If the client has
// gone away, the server notices.
func (a *response) sendHalf(w http.ResponseWriter) {
	half := a.half()
	if len(half) == 0 {
		skipBodyWait(w)
	}
	w.WriteHeader(a.status)
	if len(half) > 0 {
		_, _ = w.Write(half)
	}
	_ = http.NewResponseController(w).Flush()
}
