package content

import (
	"math/rand/v2"
	"net/http"
)

// NewBodies returns content that serves a text under every path. Its size is
// drawn from size; a nil size is 0 bytes. Its bytes are made from the seed and
// the Key of the path while they are sent. Equal seeds, keys and sizes give
// equal bytes. The query is ignored.
//
// To compute the digest, the text is made a second time, which takes a few
// milliseconds for a megabyte. The digests of some thousand keys are kept.
func NewBodies(seed uint64, size Size) Preparer { return &bodies{seed: seed, size: size} }

type bodies struct {
	seed    uint64
	size    Size
	digests digests[bodyID]
}

var _ Preparer = (*bodies)(nil)

// A bodyID identifies a text of one seed.
type bodyID struct {
	hash uint64 // of the key
	size int64
}

func (b *bodies) Prepare(r *http.Request) http.Handler { return b.of(Key(r.URL.Path)) }

func (b *bodies) ServeHTTP(w http.ResponseWriter, r *http.Request) { serve(b, w, r) }

func (b *bodies) of(key string) http.Handler {
	id := bodyID{hash: hashOf(key)}
	if b.size != nil {
		id.size = b.size.Draw(rand.NewPCG(b.seed, hashOf("size of "+key)))
	}
	body := &text{seed: b.seed, hash: id.hash, size: id.size}
	digest, _ := b.digests.of(id, body) // a text can be read
	return &entity{
		mime: "text/plain; charset=us-ascii", name: key, modified: made, tag: tagOf(digest), digest: digest,
		size: id.size, body: body,
	}
}
