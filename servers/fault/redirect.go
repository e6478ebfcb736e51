package fault

import (
	"cmp"
	"net/http"
	"strconv"
)

// hopParameter is the parameter of a URL's query in which a chain of redirects
// counts.
const hopParameter = "teapot-hop"

// Hop is how many redirects have led to a request, 0 for none.
func Hop(r *http.Request) int {
	if r.URL.RawQuery == "" {
		return 0
	}
	n, _ := strconv.Atoi(r.URL.Query().Get(hopParameter))
	return max(n, 0)
}

// redirect answers with redirects to the same place, and with what next says
// when the chain is at its end.
func redirect(f Fault, next http.Handler) http.Handler {
	hops := cmp.Or(f.Hops, 3)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hop := Hop(r); hop < hops {
			sendOn(w, r, hop+1)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// redirectLoop answers with a redirect to an address that redirects to itself.
func redirectLoop(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { sendOn(w, r, 1) })
}

func sendOn(w http.ResponseWriter, r *http.Request, hop int) {
	query := r.URL.Query()
	query.Set(hopParameter, strconv.Itoa(hop))
	w.Header().Set("Location", r.URL.EscapedPath()+"?"+query.Encode())
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusFound)
}
