package content

import (
	"compress/gzip"
	"crypto/sha256"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// minCompressed is the size below which gzip is not worth its header.
const minCompressed = 1000

// acceptsGzip reports whether the values of an Accept-Encoding allow gzip: by
// name, or by a star where it is not named.
func acceptsGzip(values []string) bool {
	star := false
	for _, value := range values {
		for coding := range strings.SplitSeq(value, ",") {
			name, params, _ := strings.Cut(coding, ";")
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "gzip", "x-gzip":
				return weighs(params)
			case "*":
				star = weighs(params)
			}
		}
	}
	return star
}

// weighs reports whether the weight of a coding is above 0.
func weighs(params string) bool {
	name, value, has := strings.Cut(params, "=")
	if !has || strings.ToLower(strings.TrimSpace(name)) != "q" {
		return true
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err == nil && q > 0
}

// serveCompressed serves the entity with gzip. It is another representation,
// with an entity tag and a digest of its own; the digest is known when all is
// sent, so it stands in the trailer.
func (e *entity) serveCompressed(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Etag", strings.TrimSuffix(e.tag, `"`)+`-gzip"`)
	z := &compressor{ResponseWriter: w, head: r.Method == http.MethodHead}
	http.ServeContent(z, r, e.name, e.modified, e.body)
	z.end()
}

// A compressor compresses an answer of status 200 and leaves every other one as
// it is.
type compressor struct {
	http.ResponseWriter
	head bool
	zip  *gzip.Writer
	hash hash.Hash
}

func (z *compressor) WriteHeader(status int) {
	h := z.Header()
	h.Del("Accept-Ranges")
	if status == http.StatusOK {
		h.Del("Content-Length")
		h.Set("Content-Encoding", "gzip")
		if !z.head {
			h.Set("Trailer", "Repr-Digest")
			z.hash = sha256.New()
			z.zip, _ = gzip.NewWriterLevel(io.MultiWriter(z.ResponseWriter, z.hash), gzip.BestSpeed)
		}
	}
	z.ResponseWriter.WriteHeader(status)
}

func (z *compressor) Write(p []byte) (int, error) {
	if z.zip == nil {
		return z.ResponseWriter.Write(p)
	}
	return z.zip.Write(p)
}

// end sends what is still to be sent. A client that has gone away gets no
// digest.
func (z *compressor) end() {
	if z.zip != nil && z.zip.Close() == nil {
		z.Header().Set("Repr-Digest", digestField(z.hash.Sum(nil)))
	}
}
