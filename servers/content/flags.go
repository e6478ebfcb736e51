package content

import (
	"bytes"
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/teapot-go/teapot/servers/flags"
)

// FlagPath returns the path of the flag of a country code: /flags/cc/cc.gif,
// lower case.
func FlagPath(code string) string {
	cc := strings.ToLower(code)
	return "/flags/" + cc + "/" + cc + ".gif"
}

// codes are all there could be, so that no request has to allocate its key.
var codes = flags.Every()

// Key returns the key of a path: the upper-case country code of a flag's path,
// or the path itself.
func Key(path string) string {
	cc, ok := strings.CutPrefix(path, "/flags/")
	if ok && len(cc) == len("cc/cc.gif") && isCode(cc[:2]) && cc[2] == '/' && cc[3:5] == cc[:2] && cc[5:] == ".gif" {
		return codes[26*int(cc[0]-'a')+int(cc[1]-'a')]
	}
	return path
}

// isCode reports whether code is two lower-case letters of ASCII.
func isCode(code string) bool {
	return min(code[0], code[1]) >= 'a' && max(code[0], code[1]) <= 'z'
}

// NewFlags returns content that serves the flag of every country under its
// FlagPath, and nothing else. If size is not nil, it serves in place of the
// picture the text that NewBodies makes of the seed, the code and the size.
func NewFlags(seed uint64, size Size) Preparer {
	if size == nil {
		return &pictures{}
	}
	return &sized{bodies: bodies{seed: seed, size: size}}
}

type (
	pictures struct{ known sync.Map } // from a code to its *picture, of which there are 194
	sized    struct{ bodies bodies }
)

var (
	_ Preparer = (*pictures)(nil)
	_ Preparer = (*sized)(nil)
)

// Prepare holds nothing of a request's own, of which tens of thousands may
// wait.
func (p *pictures) Prepare(r *http.Request) http.Handler {
	key := Key(r.URL.Path)
	if known, ok := p.known.Load(key); ok {
		return known.(*picture)
	}
	bytes, ok := flags.GIF(key)
	if !ok {
		return http.NotFoundHandler()
	}
	digest := sha256.Sum256(bytes)
	made := newPicture(bytes, entity{
		mime: "image/gif", name: key, modified: made, tag: tagOf(digest), digest: digest,
		size: int64(len(bytes)),
	})
	p.known.Store(key, made)
	return made
}

// A picture is an entity that is served again and again.
type picture struct {
	bytes  []byte
	entity entity // without a body, of which everyone who is served needs one
	head   []field
}

// A field is a header field. Its values have no room for more, so that all who
// are served can share them.
type field struct {
	name   string
	values []string
}

// newPicture makes a picture, with the header fields of an answer that has all
// of it.
func newPicture(bytes []byte, e entity) *picture {
	p := &picture{bytes: bytes, entity: e}
	all := headerOnly{}
	p.serve(all, &http.Request{Method: http.MethodHead})
	for name, values := range all {
		p.head = append(p.head, field{name, slices.Clip(values)})
	}
	return p
}

// headerOnly is a ResponseWriter that keeps the header alone.
type headerOnly http.Header

func (h headerOnly) Header() http.Header         { return http.Header(h) }
func (h headerOnly) Write(p []byte) (int, error) { return len(p), nil }
func (h headerOnly) WriteHeader(int)             {}

// Sum implements [Summer].
func (p *picture) Sum() Sum { return p.entity.Sum() }

// ServeHTTP serves the picture. Most requests ask for all of it, which costs a
// third of http.ServeContent.
func (p *picture) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || conditional(r.Header) {
		p.serve(w, r)
		return
	}
	h := w.Header()
	for _, f := range p.head {
		h[f.name] = f.values
	}
	_, _ = w.Write(p.bytes) // fails if the client has gone
}

func (p *picture) serve(w http.ResponseWriter, r *http.Request) {
	e := p.entity
	e.body = bytes.NewReader(p.bytes)
	e.ServeHTTP(w, r)
}

func (p *pictures) ServeHTTP(w http.ResponseWriter, r *http.Request) { serve(p, w, r) }

func (s *sized) Prepare(r *http.Request) http.Handler {
	key := Key(r.URL.Path)
	if !flags.Has(key) {
		return http.NotFoundHandler()
	}
	return s.bodies.of(key)
}

func (s *sized) ServeHTTP(w http.ResponseWriter, r *http.Request) { serve(s, w, r) }
