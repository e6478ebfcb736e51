package servers

import (
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A receivedBody notes what is read of a request's body.
type receivedBody struct {
	io.ReadCloser
	entry *Entry
	hash  hash.Hash64
}

// Read implements [io.Reader].
func (b *receivedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		_, _ = b.hash.Write(p[:n]) // a hash never fails
		b.entry.Received += int64(n)
		b.entry.Digest = b.hash.Sum64()
	}
	return n, err
}

// idempotent reports whether a request may be sent again without doing more
// than once: its method is idempotent (RFC 9110, 9.2.2), or it has a key by
// which the server can tell.
func idempotent(r *http.Request) bool {
	switch r.Method {
	case http.MethodPost, http.MethodPatch, http.MethodConnect:
		return r.Header.Get("Idempotency-Key") != "" || r.Header.Get("X-Idempotency-Key") != ""
	}
	return true
}

// credentials reports whether a request has what a client must not send to
// another host on its own.
func credentials(r *http.Request) bool {
	return r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != ""
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
	value := r.Header.Get("Range")
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
