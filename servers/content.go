package servers

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/teapot-go/teapot/servers/flags"
)

// FlagPath is the path under which a server serves the flag of a country code.
func FlagPath(code string) string {
	cc := strings.ToLower(code)
	return "/flags/" + cc + "/" + cc + ".gif"
}

// keyOf returns the key of a request: the country code of a flag's path, or the path itself.
func keyOf(path string) string {
	if code := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".gif"); isCode(code) && path == FlagPath(code) {
		return strings.ToUpper(code)
	}
	return path
}

// isCode says whether code is two lower-case letters of ASCII.
func isCode(code string) bool {
	return len(code) == 2 && min(code[0], code[1]) >= 'a' && max(code[0], code[1]) <= 'z'
}

// flagOf is a handler that answers with the image of a flag, drawn by now, or with 404 if there is none.
func flagOf(key string) http.Handler {
	image, ok := flags.GIF(key)
	if !ok {
		return http.NotFoundHandler()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "image/gif")
		w.Header().Set("Content-Length", strconv.Itoa(len(image)))
		w.WriteHeader(http.StatusOK) // nothing else tells the journal of an answer to HEAD
		if r.Method == http.MethodGet {
			_, _ = w.Write(image) // a client that has gone away is the journal's business
		}
	})
}
