package content

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// TestWholePicture asks for all of a picture without a word, and with one that
// changes nothing: the answers are alike. What one of those who are served adds
// to the header, no other gets.
func TestWholePicture(t *testing.T) {
	flags := NewFlags(0, nil)
	ask := func(method, name, value string) *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequest(method, FlagPath("JP"), nil)
		if name != "" {
			r.Header.Set(name, value)
		}
		flags.ServeHTTP(w, r)
		return w
	}
	want := ask(http.MethodGet, "If-Match", "*")
	for name := range want.Header() {
		ask(http.MethodGet, "", "").Header().Add(name, "mine")
	}
	for what, got := range map[string]*httptest.ResponseRecorder{
		"GET": ask(http.MethodGet, "", ""), "HEAD": ask(http.MethodHead, "", ""),
		"a later time": ask(http.MethodGet, "If-Unmodified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"),
	} {
		if got.Code != want.Code || !maps.EqualFunc(got.Header(), want.Header(), slices.Equal[[]string]) {
			t.Errorf("%s: got %d %v, want %d %v", what, got.Code, got.Header(), want.Code, want.Header())
		}
		if what != "HEAD" && got.Body.String() != want.Body.String() {
			t.Errorf("%s: got %d other bytes", what, got.Body.Len())
		}
	}
	for name, status := range map[string]int{
		"Range": http.StatusPartialContent, "If-None-Match": http.StatusNotModified,
		"If-Modified-Since": http.StatusNotModified,
	} {
		value := map[string]string{
			"Range": "bytes=0-9", "If-None-Match": want.Header().Get("Etag"),
			"If-Modified-Since": want.Header().Get("Last-Modified"),
		}[name]
		if got := ask(http.MethodGet, name, value).Code; got != status {
			t.Errorf("%s: got %d, want %d", name, got, status)
		}
	}
}

func TestKey(t *testing.T) {
	for _, test := range []struct{ path, want string }{
		{FlagPath("BR"), "BR"},
		{FlagPath("br"), "BR"},
		{"/flags/zz/zz.gif", "ZZ"},
		{"/flags/BR/BR.gif", "/flags/BR/BR.gif"},
		{"/flags/br/cn.gif", "/flags/br/cn.gif"},
		{"/flags/br/br.gif/", "/flags/br/br.gif/"},
		{"/flags/b/b.gif", "/flags/b/b.gif"},
		{"/flags/bra/bra.gif", "/flags/bra/bra.gif"},
		{"/flags/br/br", "/flags/br/br"},
		{"/x/flags/br/br.gif", "/x/flags/br/br.gif"},
		{"flags/br/br.gif", "flags/br/br.gif"},
		{"br.gif", "br.gif"},
		{"/flags/../...gif", "/flags/../...gif"},
		{"/flags/ı/ı.gif", "/flags/ı/ı.gif"}, // two bytes, the upper case of which is the letter I
		{"/", "/"},
		{"*", "*"},
		{"", ""},
	} {
		if got := Key(test.path); got != test.want {
			t.Errorf("%q: got the key %q, want %q", test.path, got, test.want)
		}
	}
}
