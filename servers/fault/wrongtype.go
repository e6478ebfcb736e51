package fault

import "net/http"

// wrongType says of whatever next answers with that it is a page of HTML.
func wrongType(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&watched{ResponseWriter: w, before: func(int) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		}}, r)
	})
}
