package servers_test

import (
	"bytes"
	"log"
	"net/http"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// TestPanic has content that panics: it is told with its stack, and what was
// planned is not.
func TestPanic(t *testing.T) {
	was := log.Writer()
	defer log.SetOutput(was)
	over(t, func(t *testing.T, c servers.Config) {
		var told bytes.Buffer
		log.SetOutput(&told)
		c.Plan.Faults = []servers.Fault{
			{Kind: fault.Empty, Keys: []string{"/empty"}},
			{Kind: fault.WrongType, Keys: []string{"/wrong"}},
		}
		c.Content = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/abort":
				panic(http.ErrAbortHandler)
			case "/tea", "/wrong":
				panic("no tea left")
			}
		})
		s := open(t, c)
		for _, path := range []string{"/abort", "/tea", "/wrong", "/empty"} {
			if a, err := ask(t.Context(), s, http.MethodGet, s.URL()+path, 0); err == nil {
				t.Errorf("%s: got %d", path, a.status)
			}
		}
		mustClose(t, s)
		if n := strings.Count(told.String(), ": no tea left\n"); n != 2 ||
			strings.Count(told.String(), "panic serving") != 2 {
			t.Errorf("got %d times, want 2, in\n%s", n, &told)
		}
		if !strings.Contains(told.String(), "servers/panic_test.go:") {
			t.Errorf("no stack names the handler:\n%s", &told)
		}
		if n := len(s.Journal()); n != 4 {
			t.Errorf("the journal has %d entries, want 4", n)
		}
	})
}
