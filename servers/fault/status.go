package fault

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// status answers with another status, and with a body of its own.
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
		a := record(plain, r)
		a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
		onWire(w, r, func(c net.Conn) { send(c, r, a.head(f.Reason), a.body) })
	})
}
