package fault

import (
	"net/http"
	"strconv"
)

// hopParameter is the query parameter that counts the redirects of a chain.
const hopParameter = "teapot-hop"

// Hop returns the number of redirects that have led to a request.
func Hop(r *http.Request) int {
	if r.URL.RawQuery == "" {
		return 0
	}
	n, _ := strconv.Atoi(r.URL.Query().Get(hopParameter))
	return max(n, 0)
}

// redirect answers with redirects to the same path. At the end of the chain
// next answers.
func redirect(f Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hop := Hop(r); hop < f.Hops {
			redirectTo(w, r, hop+1)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// redirectLoop answers with a redirect to a URL that redirects to itself.
func redirectLoop(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { redirectTo(w, r, 1) })
}

// redirectTo redirects a request to its own path, as the given hop.
func redirectTo(w http.ResponseWriter, r *http.Request, hop int) {
	query := r.URL.Query()
	query.Set(hopParameter, strconv.Itoa(hop))
	w.Header().Set("Location", r.URL.EscapedPath()+"?"+query.Encode())
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusFound)
}
