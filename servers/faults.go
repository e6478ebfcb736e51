package servers

import (
	"net/http"
	"time"
)

// delayed waits before it lets next answer. It returns without an answer when the client, or the server, goes away meanwhile.
func delayed(d time.Duration, next http.Handler) http.Handler {
	if d <= 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	})
}

// refused answers with a status instead of what next would say.
func refused(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, http.StatusText(status), status)
	})
}

// carriedOut is content as the fate has it.
func (f Fate) carriedOut(content http.Handler) http.Handler {
	if f.Fault == StatusFault {
		content = refused(f.Status)
	}
	return delayed(f.Latency, content)
}
