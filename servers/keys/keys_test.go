package keys_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/teapot-go/teapot/servers/keys"
)

func TestKeys(t *testing.T) {
	const order = `{"order": {"id": 17, "lines": [{"sku": "a/b"}], "a/b": "slash", "paid": true, "note": null}}`
	large := `{"id": 1, "fill": "` + strings.Repeat("x", 1<<20) + `"}`
	for _, test := range []struct {
		form, method, url, body string
		want                    string
	}{
		{"path", "GET", "/items?page=3", "", "/items"},
		{"path", "GET", "/a%20b", "", "/a b"},
		{"uri", "GET", "/items?page=3", "", "/items?page=3"},
		{"uri", "GET", "/items", "", "/items"},
		{"uri", "GET", "/items?", "", "/items"},
		{"uri", "GET", "/items?page=3&teapot-task=17&n=1", "", "/items?page=3&n=1"},
		{"uri", "GET", "/items?teapot-task=17", "", "/items"},
		{"uri", "GET", "/items?page=3&b=%20&a=1&teapot-hop=2", "", "/items?page=3&b=%20&a=1"},
		{"uri", "GET", "/items?teapot-hop=1", "", "/items"},
		{"uri", "GET", "/items?not-teapot-task=17", "", "/items?not-teapot-task=17"},
		{"method_uri", "DELETE", "/items/3?force=1", "", "DELETE /items/3?force=1"},
		{"header(Idempotency-Key)", "POST", "/orders", "", "k-1"},
		{"header(idempotency-key)", "POST", "/orders", "", "k-1"},
		{"header(X-Other)", "GET", "/items?page=3", "", "/items?page=3"},
		{"json(/order/id)", "POST", "/orders", order, "17"},
		{"json(/order/lines/0/sku)", "POST", "/orders", order, "a/b"},
		{"json(/order/a~1b)", "POST", "/orders", order, "slash"},
		{"json(/order/paid)", "POST", "/orders", order, "true"},
		{"json(/order/note)", "POST", "/orders?x=1", order, "/orders?x=1"},
		{"json(/order/lines/7)", "POST", "/orders", order, "/orders"},
		{"json(/order/lines/-1)", "POST", "/orders", order, "/orders"},
		{"json(/order)", "POST", "/orders", order, "/orders"},
		{"json(/id)", "POST", "/orders", "no JSON", "/orders"},
		{"json(/id)", "POST", "/orders", `{"id": 1`, "/orders"},
		{"json(/id)", "POST", "/orders", large, "/orders"},
		{"json(/id)", "GET", "/orders", "", "/orders"},
	} {
		key, err := keys.Parse(test.form)
		if err != nil {
			t.Errorf("%s: %v", test.form, err)
			continue
		}
		r := httptest.NewRequest(test.method, test.url, strings.NewReader(test.body))
		r.Header.Set("Idempotency-Key", "k-1")
		if got := key(r); got != test.want {
			t.Errorf("%s of %s %s: got %q, want %q", test.form, test.method, test.url, got, test.want)
		}
		if body, err := io.ReadAll(r.Body); err != nil || string(body) != test.body {
			t.Errorf("%s of %s %s: the handler then reads %d bytes of %d, %v", test.form, test.method, test.url,
				len(body), len(test.body), err)
		}
	}
}

// TestBrokenBody: a handler meets what the key met.
func TestBrokenBody(t *testing.T) {
	key, err := keys.Parse("json(/id)")
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the connection is gone")
	body := io.MultiReader(strings.NewReader(`{"id"`), iotest.ErrReader(broken))
	r, err := http.NewRequest(http.MethodPost, "/orders", io.NopCloser(body))
	if err != nil {
		t.Fatal(err)
	}
	if got := key(r); got != "/orders" {
		t.Errorf("the key is %q", got)
	}
	if got, err := io.ReadAll(r.Body); string(got) != `{"id"` || !errors.Is(err, broken) {
		t.Errorf("the handler reads %q, %v", got, err)
	}
}

func TestForms(t *testing.T) {
	for _, bad := range []string{
		"", "url", "path()", "path(x)", "uri()", "method_uri(GET)", "header", "header()", "header(a b)", "json",
		"json()", "json(id)", "Path", "path ", "header(X", "json(/id))x",
	} {
		if _, err := keys.Parse(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func FuzzKeys(f *testing.F) {
	f.Add("json(/a/0)", "/x?y=1", `{"a": ["b"]}`)
	f.Add("header(A)", "/", "")
	f.Fuzz(func(t *testing.T, form, url, body string) {
		key, err := keys.Parse(form)
		r, bad := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
		if err != nil || bad != nil {
			return
		}
		first := key(r)
		if again := key(r); again != first {
			t.Errorf("%s: %q, and then %q", form, first, again)
		}
		if got, err := io.ReadAll(r.Body); string(got) != body || err != nil {
			t.Errorf("%s: the handler reads %q of %q, %v", form, got, body, err)
		}
	})
}
