package content

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/teapot-go/teapot/servers/flags"
)

// FlagPath is the path of the flag of a country code: /flags/cc/cc.gif, lower case.
func FlagPath(code string) string {
	cc := strings.ToLower(code)
	return "/flags/" + cc + "/" + cc + ".gif"
}

// codes are all there could be, so that a key is not made anew for every request.
var codes = flags.Every()

// Key returns the key of a path: the upper-case country code of a flag's path, or the path itself.
func Key(path string) string {
	cc, ok := strings.CutPrefix(path, "/flags/")
	if ok && len(cc) == len("cc/cc.gif") && isCode(cc[:2]) && cc[2] == '/' && cc[3:5] == cc[:2] && cc[5:] == ".gif" {
		return codes[26*int(cc[0]-'a')+int(cc[1]-'a')]
	}
	return path
}

// isCode says whether code is two lower-case letters of ASCII.
func isCode(code string) bool {
	return min(code[0], code[1]) >= 'a' && max(code[0], code[1]) <= 'z'
}

// NewFlags serves the flag of every country under its [FlagPath], and nothing else: the picture, or, where size is not nil, such a text as
// [NewBodies] makes of the seed, the code and the size.
func NewFlags(seed uint64, size Size) Preparer {
	if size == nil {
		return &pictures{}
	}
	return &sized{bodies: bodies{seed: seed, size: size}}
}

type (
	pictures struct{ digests digests[string] }
	sized    struct{ bodies bodies }
)

var (
	_ Preparer = (*pictures)(nil)
	_ Preparer = (*sized)(nil)
)

func (p *pictures) Prepare(r *http.Request) http.Handler {
	key := Key(r.URL.Path)
	picture, ok := flags.GIF(key)
	if !ok {
		return http.NotFoundHandler()
	}
	body := bytes.NewReader(picture)
	digest, _ := p.digests.of(key, body) // a slice can be read
	return &entity{mime: "image/gif", name: key, modified: made, tag: tagOf(digest), digest: digest, size: int64(len(picture)), body: body}
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
