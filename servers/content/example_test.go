package content_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/teapot-go/teapot/servers/content"
)

// Bodies of any size from a seed, in any handler or server. The same seed and
// path give the same bytes, so a range can be checked too.
func ExampleNewBodies() {
	bodies := content.NewBodies(418, content.Fixed(64<<10))
	for _, wanted := range []string{"", "bytes=0-9"} {
		r := httptest.NewRequest(http.MethodGet, "/archive", nil)
		if wanted != "" {
			r.Header.Set("Range", wanted)
		}
		w := httptest.NewRecorder()
		bodies.ServeHTTP(w, r)
		fmt.Printf("%d, %d bytes, range %q\n", w.Code, w.Body.Len(), w.Header().Get("Content-Range"))
	}
	// Output:
	// 200, 65536 bytes, range ""
	// 206, 10 bytes, range "bytes 0-9/65536"
}
