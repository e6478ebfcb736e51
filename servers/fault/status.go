package fault

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// status answers with another status, and with a body of its own.
func status(f Fault, _ http.Handler) http.Handler {
	body := cmp.Or(f.Body, http.StatusText(f.Status), fmt.Sprintf("status %d", f.Status))
	plain := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, line := range f.Headers {
			name, value, _ := strings.Cut(line, ":")
			w.Header().Add(name, strings.TrimSpace(value))
		}
		if value := f.retryAfter(time.Now()); value != "" {
			w.Header().Set("Retry-After", value)
		}
		if !bodyAllowed(f.Status) {
			w.WriteHeader(f.Status)
			return
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
		if bodyAllowed(f.Status) {
			a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
		}
		onWire(w, r, func(c net.Conn) { send(c, r, a.head(f.Reason), a.body) })
	})
}

// retryAfter returns the value of the Retry-After header of an answer that is
// sent now, and "" for none.
func (f Fault) retryAfter(now time.Time) string {
	at := f.RetryAt
	switch {
	case f.RetryDate:
		at = now.Add(f.RetryAfter + time.Second - 1)
	case at.IsZero() && f.RetryAfter > 0:
		return strconv.Itoa(int(f.RetryAfter / time.Second))
	case at.IsZero():
		return ""
	}
	return at.UTC().Format(http.TimeFormat)
}
