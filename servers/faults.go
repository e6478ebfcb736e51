package servers

import (
	"net/http"
	"time"
)

// delayed waits until a time before it lets next answer. It ends without an answer when the client, or the server, goes away meanwhile.
func delayed(until time.Time, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(time.Until(until))
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

// carriedOut is content as the fate of a request has it that arrived at a time. What was done for the answer since then is part of the
// planned latency.
func (f Fate) carriedOut(arrived time.Time, content http.Handler) http.Handler {
	if f.Fault == StatusFault {
		content = refused(f.Status)
	}
	if f.Latency > 0 {
		content = delayed(arrived.Add(f.Latency), content)
	}
	return content
}
