package keys

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"github.com/teapot-go/teapot/servers/content"
)

// folder is where the keys are that are neither paths nor codes of flags.
const folder = "/keys/"

// Path returns the path at which a server of flags, or of a body for every key,
// has a key. A path is its own, the code of a flag has its [content.FlagPath],
// and any other key is in the folder /keys.
func Path(key string) string {
	if strings.HasPrefix(key, "/") {
		return key
	}
	if path := content.FlagPath(key); content.Key(path) == key {
		return path
	}
	return folder + url.PathEscape(key)
}

// OfPaths returns a Func for such a server, which knows requests for the [Path]
// of any key. Of the keys that are listed it also knows the [content.FlagPath],
// which a client may have made of any key.
func OfPaths(listed []string) Func {
	named := map[string]string{}
	for _, key := range listed {
		if path := content.FlagPath(key); content.Key(path) == path && cmp.Or(named[path], key) == key {
			named[path] = key
		}
	}
	return func(r *http.Request) string {
		if rest, ok := strings.CutPrefix(r.URL.EscapedPath(), folder); ok {
			if key, err := url.PathUnescape(rest); err == nil {
				return key
			}
		}
		if key, ok := named[r.URL.Path]; ok {
			return key
		}
		if key := content.Key(r.URL.Path); key != r.URL.Path {
			return key
		}
		return uri(r)
	}
}
