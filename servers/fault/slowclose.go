package fault

import (
	"bytes"
	"cmp"
	"net"
	"net/http"
	"strings"
	"time"
)

// slowClose answers as next does, to the end, and announces the connection's
// end, which it then puts off. Only a client of HTTP/1.0 that is told no length
// has to wait for it. Over HTTP/2, where a connection is not one request's to
// close, nothing is put off.
func slowClose(f Fault, next http.Handler) http.Handler {
	delay := cmp.Or(f.Delay, time.Second)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			next.ServeHTTP(w, r)
			return
		}
		chunked := false
		a := &watched{ResponseWriter: w, before: func(status int) {
			chunked = r.ProtoAtLeast(1, 1) && r.Method != http.MethodHead && bodyAllowed(status) && w.Header().Get("Content-Length") == ""
			w.Header().Set("Connection", "close")
		}}
		next.ServeHTTP(a, r)
		if !a.wrote {
			noBody(w)
		}
		if a.FlushError() != nil {
			return // the client is gone, or is not to be told anything before the end
		}
		take(w, r, func(c net.Conn, gone <-chan struct{}) {
			if chunked {
				_, _ = c.Write(lastChunk(w.Header()))
			}
			timer := time.NewTimer(delay)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-gone:
			case <-r.Context().Done():
			}
		})
	})
}

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// lastChunk ends a chunked body, with the trailers that net/http finds in
// headers.
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
	_ = trailers.Write(b) // a Buffer does not fail
	b.WriteString("\r\n")
	return b.Bytes()
}
