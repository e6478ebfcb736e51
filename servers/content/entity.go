package content

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// An entity is something to serve.
type entity struct {
	mime     string // "" to go by the name
	name     string
	modified time.Time
	tag      string // a strong entity tag, with its quotes
	digest   [sha256.Size]byte
	size     int64
	body     io.ReadSeeker
}

// A Sum is what the bytes of an entity come to: how many there are, and their
// SHA-256. The zero Sum is that of no entity. A Size of -1 is that of content
// that is no entity, and SHA256 is then of the one answer that was sent.
type Sum struct {
	Size   int64
	SHA256 [sha256.Size]byte
}

// Known reports whether s is the Sum of an entity.
func (s Sum) Known() bool { return s.Size >= 0 && s != Sum{} }

// Sent returns the SHA-256 of the answer of content that is no entity, and
// whether s has that.
func (s Sum) Sent() (digest [sha256.Size]byte, ok bool) { return s.SHA256, s.Size < 0 }

// A Summer is a handler that knows the entity that it serves. The handlers that
// the Prepare of this package's content returns are Summers, but for those that
// serve no entity.
type Summer interface {
	http.Handler
	Sum() Sum
}

var (
	_ Summer = (*entity)(nil)
	_ Summer = (*picture)(nil)
	_ Summer = (*file)(nil)
)

// Sum implements [Summer].
func (e *entity) Sum() Sum { return Sum{e.size, e.digest} }

// made is the time of change of everything that is not a file. It is before the
// time of every clock, also that of a bubble.
var made = time.Date(1999, time.December, 31, 0, 0, 0, 0, time.UTC)

// tagOf returns the entity tag for a digest.
func tagOf(digest [sha256.Size]byte) string { return `"` + hex.EncodeToString(digest[:12]) + `"` }

// digestField returns the value of a Repr-Digest (RFC 9530).
func digestField(sum []byte) string {
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":"
}

// allowed reports whether the method of a request is GET or HEAD. Otherwise it
// answers the request.
func allowed(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	return false
}

// conditional reports whether a request asks for a part, or on a condition (RFC
// 9110, sections 13 and 14).
func conditional(h http.Header) bool {
	for _, name := range [...]string{
		"Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since",
	} {
		if _, has := h[name]; has {
			return true
		}
	}
	return false
}

// ServeHTTP serves the entity as the request asks: whole, in ranges,
// compressed, or not at all.
func (e *entity) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r) {
		return
	}
	h := w.Header()
	if e.mime != "" {
		h.Set("Content-Type", e.mime)
	}
	if compressible(e.mime) && e.size >= minCompressed {
		h.Add("Vary", "Accept-Encoding")
		// A range is one of the bytes as they are: a client cannot resume a
		// compressed stream, which may differ each time.
		if r.Header.Get("Range") == "" && acceptsGzip(r.Header.Values("Accept-Encoding")) {
			e.serveCompressed(w, r)
			return
		}
	}
	h.Set("Etag", e.tag)
	h.Set("Repr-Digest", digestField(e.digest[:]))
	if r.Header.Get("Range") != "" {
		w = &ranged{w}
	}
	http.ServeContent(w, r, e.name, e.modified, e.body)
}

// ranged is an answer to a request for ranges. Where there are none such, what
// is sent instead has no digest.
type ranged struct{ http.ResponseWriter }

func (w *ranged) WriteHeader(status int) {
	if status == http.StatusRequestedRangeNotSatisfiable {
		w.Header().Del("Repr-Digest")
	}
	w.ResponseWriter.WriteHeader(status)
}

// digests remembers the SHA-256 of what was hashed before, up to a number of
// keys.
type digests[K comparable] struct {
	mu    sync.Mutex
	known map[K][sha256.Size]byte
}

// maxDigests bounds what is remembered: some 300 KB with short keys.
const maxDigests = 4096

// of returns the digest of what body reads, which is read only if the key is
// not known. The body is left at its beginning.
func (d *digests[K]) of(key K, body io.ReadSeeker) (sum [sha256.Size]byte, err error) {
	d.mu.Lock()
	sum, ok := d.known[key]
	d.mu.Unlock()
	if ok {
		return sum, nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, body); err != nil {
		return sum, err
	}
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return sum, err
	}
	h.Sum(sum[:0])
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known == nil || len(d.known) >= maxDigests { // rare enough for the simplest way to forget
		d.known = map[K][sha256.Size]byte{}
	}
	d.known[key] = sum
	return sum, nil
}

// compressible reports whether gzip makes bodies of a type smaller.
func compressible(mime string) bool {
	kind, _, _ := strings.Cut(mime, ";")
	switch kind {
	case "application/json", "application/javascript", "application/xml", "image/svg+xml", "application/wasm":
		return true
	}
	return strings.HasPrefix(kind, "text/")
}
