package fault

import "net/http"

// earlyHints sends an informational response (RFC 8297) before next's answer.
func earlyHints(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoAtLeast(1, 1) { // RFC 9110 (15.2) forbids it before
			w.Header().Set("Link", "</teapot.css>; rel=preload; as=style")
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Del("Link")
		}
		next.ServeHTTP(w, r)
	})
}

// trailers sends next's answer without its length, and a trailer field after
// the body.
func trailers(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&headHook{ResponseWriter: w, before: func(status int) {
			if bodyAllowed(status) && r.Method != http.MethodHead {
				w.Header().Del("Content-Length")
				w.Header().Set("Trailer", "Teapot-Trailer")
			}
		}}, r)
		w.Header().Set("Teapot-Trailer", "short and stout")
	})
}

// announceEnd says that the connection takes no other request. The answer to a
// handshake has a Connection of its own, and the next protocol an end.
func announceEnd(w http.ResponseWriter, status int) {
	if status != http.StatusSwitchingProtocols {
		w.Header().Set("Connection", "close")
	}
}

// goAway sends next's answer, and says that the connection takes no other
// request: by GOAWAY over HTTP/2, and by Connection: close over HTTP/1.
func goAway(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&headHook{ResponseWriter: w, before: func(status int) { announceEnd(w, status) }}, r)
	})
}
