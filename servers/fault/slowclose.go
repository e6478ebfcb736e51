package fault

import (
	"bytes"
	"net"
	"net/http"
	"strings"
	"time"
)

// slowClose sends next's whole answer, announces that it will close the
// connection, and closes it late. Only a client of HTTP/1.0 that is not told a
// length has to wait for that. Over HTTP/2 only next answers, because a
// connection does not belong to one request.
func slowClose(f Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			next.ServeHTTP(w, r)
			return
		}
		chunked := false
		a := &headHook{ResponseWriter: w, before: func(status int) {
			chunked = r.ProtoAtLeast(1, 1) && r.Method != http.MethodHead &&
				bodyAllowed(status) && w.Header().Get("Content-Length") == ""
			announceEnd(w, status)
		}}
		if next.ServeHTTP(a, r); a.taken {
			return // it speaks another protocol now
		}
		if !a.wrote {
			skipBodyWait(w)
		}
		if a.FlushError() != nil {
			return // the client is gone, or the answer cannot be flushed
		}
		take(w, r, func(c net.Conn, gone <-chan struct{}) {
			if chunked {
				_, _ = c.Write(lastChunk(w.Header()))
			}
			timer := time.NewTimer(f.Delay)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-gone:
			case <-r.Context().Done():
			}
		})
	})
}

// bodyAllowed reports whether an answer with this status may have a body.
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// lastChunk returns the end of a chunked body, with the trailers that net/http
// would find in h.
func lastChunk(h http.Header) []byte {
	trailers := http.Header{}
	for name, values := range h {
		if name, ok := strings.CutPrefix(name, http.TrailerPrefix); ok {
			trailers[name] = values
		}
	}
	for _, names := range h["Trailer"] {
		for name := range strings.SplitSeq(names, ",") {
			name = http.CanonicalHeaderKey(strings.TrimSpace(name))
			if values, ok := h[name]; ok {
				trailers[name] = values
			}
		}
	}
	b := bytes.NewBufferString("0\r\n")
	_ = trailers.Write(b) // a Buffer never fails
	b.WriteString("\r\n")
	return b.Bytes()
}
