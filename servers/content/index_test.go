package content_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/servers/content"
)

// TestIndex follows every link from the root on, as wget -r does: it comes to
// every picture, and to nothing that is not there.
func TestIndex(t *testing.T) {
	h := content.WithIndex(content.NewFlags(0, nil))
	get := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w
	}
	link := regexp.MustCompile(`href="([^"]*)"`)
	pictures, todo := 0, []string{"/"} // of the pictures every tenth is drawn
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		w := get(http.MethodGet, path)
		switch kind := w.Header().Get("Content-Type"); {
		case w.Code != http.StatusOK:
			t.Fatalf("%s: %d", path, w.Code)
		case kind == "image/gif":
		case !strings.HasPrefix(kind, "text/html"):
			t.Errorf("%s: %s", path, kind)
		default:
			for _, l := range link.FindAllStringSubmatch(w.Body.String(), -1) {
				if strings.HasSuffix(l[1], ".gif") {
					if pictures++; pictures%10 != 0 {
						continue
					}
				}
				todo = append(todo, path+l[1])
			}
		}
	}
	if pictures != 194 {
		t.Errorf("got %d pictures, want 194", pictures)
	}
	for _, path := range []string{"/flags", "/flags/xx/", "/flags/BR/", "/flags/br", "/flags/br/x", "/flags//", "/x/"} {
		if got := get(http.MethodGet, path).Code; got != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, got)
		}
	}
	if w := get(http.MethodHead, "/flags/"); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD: got %d and %d bytes", w.Code, w.Body.Len())
	}
	if got := get(http.MethodPost, "/flags/").Code; got != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d", got)
	}
}
