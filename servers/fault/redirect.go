package fault

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"github.com/teapot-go/teapot/servers/taskid"
)

// Hop returns the number of redirects that have led to a request.
func Hop(r *http.Request) int {
	if r.URL.RawQuery == "" {
		return 0
	}
	n, _ := strconv.Atoi(r.URL.Query().Get(taskid.Hop))
	return max(n, 0)
}

// redirect answers with redirects to the same path. At the end of the chain
// next answers.
func redirect(f Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hop := Hop(r); hop < f.Hops {
			redirectTo(w, r, f, hop+1)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// redirectLoop answers with a redirect to a URL that redirects to itself.
func redirectLoop(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		redirectTo(w, r, Fault{Status: http.StatusFound}, 1)
	})
}

// redirectTo redirects a request to its own path, as the given hop.
func redirectTo(w http.ResponseWriter, r *http.Request, f Fault, hop int) {
	if r.Body != nil {
		_, _ = io.CopyN(io.Discard, r.Body, maxRecorded) // so that the journal knows it
	}
	query := taskid.Hop + "=" + strconv.Itoa(hop)
	if own := taskid.Without(r.URL.RawQuery, taskid.Hop); own != "" {
		query = own + "&" + query
	}
	to := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: query}
	if f.OtherHost {
		if to.Scheme, to.Host = "http", otherHost(r.Host); r.TLS != nil {
			to.Scheme = "https"
		}
	}
	w.Header().Set("Location", to.String())
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(f.Status)
}

// otherHost returns another name of the host that a request names, with its
// port.
func otherHost(host string) string {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, ""
	}
	other := "localhost"
	if name == other {
		other = "127.0.0.1"
	}
	if port == "" {
		return other
	}
	return net.JoinHostPort(other, port)
}
