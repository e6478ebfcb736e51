package keys_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/keys"
)

// TestPaths: a request at the path of a key is for that key, and so is one at
// the path of the flag that a client makes of a key.
func TestPaths(t *testing.T) {
	all := []string{"item-1", "a1", "BR", "ZZ", "de", "a b", "a/b", "what?", "50%", "x#y", "ü", "7", "/x", "/y?z=1"}
	of := keys.OfPaths(all)
	at := func(path string) string { return of(httptest.NewRequest(http.MethodGet, path, nil)) }
	for _, key := range all {
		if got := at(keys.Path(key)); got != key {
			t.Errorf("%q: got %q at %s", key, got, keys.Path(key))
		}
	}
	for key, want := range map[string]string{
		"item-1": "item-1", "a1": "a1", "BR": "BR", "7": "7", "de": "DE", "unknown": "/flags/unknown/unknown.gif",
	} {
		if got := at(content.FlagPath(key)); got != want {
			t.Errorf("%q: got %q at %s, want %q", key, got, content.FlagPath(key), want)
		}
	}
}
