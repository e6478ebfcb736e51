package fault

import "net/http"

// empty closes the connection without an answer.
func empty(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}
