package loopback_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/teapot-go/teapot/servers/loopback"
)

func TestName(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "localhost:80": true, "LocalHost": true, "localhost.": true, "localhost.:80": true,
		"tea.localhost": true, "tea.LOCALHOST:8000": true,
		"127.0.0.1": true, "127.0.0.1:8000": true, "127.1.2.3": true, "[::1]": true, "[::1]:80": true, "::1": true,
		"[::ffff:127.0.0.1]:80": true,

		"": false, ":80": false, "example.org": false, "localhost.example.org": false, "notlocalhost": false,
		"127.0.0.1.example.org": false, "127.0.0.1.nip.io:8000": false, "0.0.0.0": false, "[::]:80": false,
		"192.168.0.1": false, "10.0.0.1:80": false, "2130706433": false, "0x7f.1": false, "[::1%25lo]": false,
		"localhost@example.org": false, "localhost/": false,
	} {
		if got := loopback.Name(host); got != want {
			t.Errorf("Name(%q) = %v, want %v", host, got, want)
		}
	}
}

func TestOnly(t *testing.T) {
	h := loopback.Only(http.NotFoundHandler(), "no", "Tea.test", "[fd00::1]")
	for host, want := range map[string]int{
		"localhost:1": http.StatusNotFound, "tea.test": http.StatusNotFound, "TEA.test.:8000": http.StatusNotFound,
		"[fd00::1]:80": http.StatusNotFound, "": http.StatusNotFound,
		"evil.test": http.StatusForbidden, "sub.tea.test": http.StatusForbidden, "192.168.0.1": http.StatusForbidden,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("a request for %q: got %d, want %d", host, w.Code, want)
		}
	}
}
