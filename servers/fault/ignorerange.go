package fault

import "net/http"

// ignoreRange sends next's whole answer, with status 200, where the client asks
// for a part. RFC 9110 (14.2) allows that to every server. The answer may still
// say that the server accepts ranges, so that clients ask for them.
func ignoreRange(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, without(r, "Range", "If-Range"))
	})
}
