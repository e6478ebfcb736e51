package fault

import (
	"cmp"
	"net/http"
	"time"
)

// slowClose answers as next does and announces the connection's end, which it then puts off. A client that knows where a body ends
// does not wait for it.
func slowClose(f Fault, next http.Handler) http.Handler {
	delay := cmp.Or(f.Delay, time.Second)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		next.ServeHTTP(w, r)
		_ = http.NewResponseController(w).Flush() // a client that is gone ends the context
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
	})
}
