package fault

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// status answers with a status instead of what next would say.
func status(f Fault, _ http.Handler) http.Handler {
	body := cmp.Or(f.Body, http.StatusText(f.Status), fmt.Sprintf("status %d", f.Status))
	plain := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if f.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter/time.Second)))
		}
		http.Error(w, body, f.Status)
	})
	if f.Reason == "" {
		return plain
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			plain(w, r)
			return
		}
		a := answer(plain, r)
		a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
		onWire(w, r, func(c net.Conn) { send(c, r, a.head(f.Reason), a.body) })
	})
}

// send writes a head and, unless the request is for the head alone, a body. An
// error means that the client has had enough, and the connection is about to be
// closed either way.
func send(c net.Conn, r *http.Request, head, body []byte) {
	if _, err := c.Write(head); err != nil || r.Method == http.MethodHead || len(body) == 0 {
		return
	}
	_, _ = c.Write(body)
}
