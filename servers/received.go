package servers

import (
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teapot-go/teapot/servers/fault"
)

// A receivedBody notes what is read of a request's body.
type receivedBody struct {
	io.ReadCloser
	entry    *Entry
	hash     hash.Hash64
	conn     *http.ResponseController
	patience time.Duration // for the next bytes; 0 for ever
	until    time.Time     // when all of it is given up; zero for never
}

// Read implements [io.Reader].
func (b *receivedBody) Read(p []byte) (int, error) {
	b.wait()
	n, err := b.ReadCloser.Read(p)
	b.entry.Unread = b.entry.Unread && err != io.EOF
	if err == io.EOF && (b.patience > 0 || !b.until.IsZero()) {
		_ = b.conn.SetReadDeadline(time.Time{}) // what the server awaits now is the next request
	}
	if n > 0 {
		_, _ = b.hash.Write(p[:n]) // a hash never fails
		b.entry.Received += int64(n)
		b.entry.Digest = b.hash.Sum64()
	}
	return n, err
}

// wait gives the client time for the next bytes of the body. The deadline is
// that of the connection, which a body of HTTP/2 has for itself. The server
// reads what a handler has left of a body, so that this is called after it too.
func (b *receivedBody) wait() {
	if b.patience > 0 && b.until.IsZero() {
		_ = b.conn.SetReadDeadline(time.Now().Add(b.patience)) // a connection without deadlines has none
	}
}

// WaitForever ends the limit for the next bytes: a server that hangs does not
// end a connection on which its client is slow. Package fault calls it.
func (b *receivedBody) WaitForever() {
	if b.patience > 0 {
		b.patience = 0
		_ = b.conn.SetReadDeadline(time.Time{})
	}
}

// maxRest is how much net/http reads of what a handler has left of a body.
const maxRest = 256 << 10

// readRest reads what nothing has read of a request's body, so that the journal
// knows what the client has sent. A body without a length may be one that the
// client goes on with when it has an answer: before an answer it is read if it
// has come, and if that is the end of its connection. One that awaits a 100 is
// not sent without.
func (x *exchange) readRest(r *http.Request) {
	body, ok := r.Body.(*receivedBody)
	if !ok || !x.rec.entry.Unread || len(r.Header["Expect"]) > 0 || r.Context().Err() != nil {
		return
	}
	if r.ContentLength >= 0 || x.rec.entry.Status != 0 {
		_, _ = io.CopyN(io.Discard, body, maxRest+1) // it is noted how far that comes
		return
	}
	if met := x.rec.entry.Met; met.Body() == fault.NoBody && !met.Chain() && met.End() != fault.EndTimeout {
		body.readBriefly()
	}
}

// briefly is how long a server waits for what a client is sending, once the
// latency is over. In a testing/synctest bubble, whose clock begins in the year
// 2000, whatever can be sent has come when the clock moves at all.
func briefly(now time.Time) time.Duration {
	if now.Year() < 2010 {
		return time.Nanosecond
	}
	return 50 * time.Millisecond
}

// readBriefly reads what comes of the body at once, where a body that has not
// ended then cannot be read any more.
func (b *receivedBody) readBriefly() {
	now := time.Now()
	b.until = now.Add(briefly(now))
	if b.conn.SetReadDeadline(b.until) == nil {
		_, _ = io.CopyN(io.Discard, b, maxRest+1)
		_ = b.conn.SetReadDeadline(time.Time{})
	}
	b.until = time.Time{}
}

// field returns the first value of a header field, whose name is in canonical
// form already: net/http brings it into that form at each call of Header.Get.
func field(h http.Header, canonical string) string {
	if values := h[canonical]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// idempotencyField returns the key by which the server can tell that a request
// comes again, and "" if it has none.
func idempotencyField(r *http.Request) string {
	return field(r.Header, "Idempotency-Key") + field(r.Header, "X-Idempotency-Key")
}

// idempotencyKey returns a hash of the key by which the server can tell that a
// request comes again; 0 if it has none.
func idempotencyKey(r *http.Request) uint64 {
	key := idempotencyField(r)
	if key == "" {
		return 0
	}
	return hashed(key)
}

// target returns a hash of what a request asks for.
func target(r *http.Request) uint64 { return hashed(r.URL.Path, "?", r.URL.RawQuery) }

// hashed is FNV-1a, as package hash/fnv has it, without an allocation for each
// request.
func hashed(parts ...string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, part := range parts {
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * prime
		}
	}
	return h
}

// idempotent reports whether a request may be sent again without doing more
// than once: its method is idempotent (RFC 9110, 9.2.2), or it has a key by
// which the server can tell.
func idempotent(r *http.Request) bool {
	switch r.Method {
	case http.MethodPost, http.MethodPatch, http.MethodConnect:
		return idempotencyField(r) != ""
	}
	return true
}

// credentials reports whether a request has what a client must not send to
// another host on its own.
func credentials(r *http.Request) bool {
	return field(r.Header, "Authorization") != "" || field(r.Header, "Cookie") != ""
}

// partialHeaders are the request headers that ask for a part, or on a
// condition.
var partialHeaders = []string{"Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"}

func partial(r *http.Request) bool {
	return slices.ContainsFunc(partialHeaders, func(name string) bool { return len(r.Header[name]) > 0 })
}

// asked returns the part that a request asks for, of an entity of a size.
func asked(r *http.Request, size int64) Part {
	if r.Method != http.MethodGet {
		return Part{}
	}
	value := field(r.Header, "Range")
	if value == "" {
		return Part{0, size}
	}
	first, last, ok := strings.Cut(strings.TrimPrefix(value, "bytes="), "-")
	from, errFrom := strconv.ParseInt(strings.TrimSpace(first), 10, 64)
	to, errTo := strconv.ParseInt(strings.TrimSpace(last), 10, 64)
	switch first, last = strings.TrimSpace(first), strings.TrimSpace(last); {
	case !ok || !strings.HasPrefix(value, "bytes="):
		return Part{}
	case first == "" && errTo == nil: // the last bytes
		return Part{max(size-to, 0), size}
	case errFrom != nil || from < 0 || from >= size:
		return Part{}
	case last == "":
		return Part{from, size}
	case errTo != nil || to < from:
		return Part{}
	}
	return Part{from, min(to, size-1) + 1}
}
