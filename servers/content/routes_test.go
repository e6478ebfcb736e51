package content_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/servers/content"
)

// answered returns the status, the body and the header of an answer.
func answered(h http.Handler, method, url, body string) (int, string, http.Header) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, url, strings.NewReader(body)))
	return w.Code, w.Body.String(), w.Header()
}

func TestRoutes(t *testing.T) {
	h, err := content.NewRoutes([]content.Route{
		{Path: "/items", Body: `[1, 2]`, JSON: true, Header: http.Header{"X-Total": {"2"}}},
		{Path: "/items/{id}", Body: `{"id": "{id}", "other": "{other}"}`, JSON: true},
		{Path: "/items/7", Body: "seven"},
		{Path: "/items", Method: "POST", Status: 201, Body: "made"},
		{Path: "/files/{rest...}", Body: "file {rest}"},
		{Path: "/none", Status: 204},
		{Path: "/xml", Body: "<a/>", JSON: true, Header: http.Header{"content-type": {"text/xml"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		method, url string
		status      int
		body        string
	}{
		{"GET", "/items", 200, `[1, 2]`},
		{"GET", "/items?page=2", 200, `[1, 2]`},
		{"HEAD", "/items", 200, `[1, 2]`}, // which a server does not send
		{"POST", "/items", 201, "made"},
		{"PUT", "/items", 405, "Method Not Allowed\n"},
		{"GET", "/items/3", 200, `{"id": "3", "other": "{other}"}`},
		{"GET", "/items/a%22b", 200, `{"id": "a\"b", "other": "{other}"}`},
		{"GET", "/items/7", 200, "seven"},
		{"GET", "/files/a/b.txt", 200, "file a/b.txt"},
		{"GET", "/none", 204, ""},
		{"GET", "/nothing", 404, "404 page not found\n"},
	} {
		status, body, _ := answered(h, test.method, test.url, "a body")
		if status != test.status || body != test.body {
			t.Errorf("%s %s: got %d %q, want %d %q", test.method, test.url, status, body, test.status, test.body)
		}
	}
	if _, _, header := answered(h, "GET", "/items", ""); header.Get("Content-Type") != "application/json" ||
		header.Get("X-Total") != "2" {
		t.Errorf("got %v", header)
	}
	if _, _, header := answered(h, "GET", "/xml", ""); header.Get("Content-Type") != "text/xml" {
		t.Errorf("got %v", header)
	}
}

func TestBadRoutes(t *testing.T) {
	for _, bad := range [][]content.Route{
		{{Path: "items"}},
		{{Path: ""}},
		{{Path: "/{id"}},
		{{Path: "/{id}/{id}"}},
		{{Path: "/a", Method: "not one"}},
		{{Path: "/a"}, {Path: "/a"}},
		{{Path: "/a/{x}"}, {Path: "/{y}/b"}},
		{{Path: "/a?x=1"}},
		{{Path: "/a#b"}},
		{{Path: "/a b"}},
		{{Path: "/a\tb"}},
		{{Path: "//a"}},
		{{Path: "/a", Status: 204, Body: "x"}},
		{{Path: "/a", Status: 304, Body: "null", JSON: true}},
		{{Path: "/a", Status: 101}},
		{{Path: "/a", Status: 600}},
	} {
		if _, err := content.NewRoutes(bad); err == nil || !strings.HasPrefix(err.Error(), "content: route ") {
			t.Errorf("%v: got %v", bad, err)
		}
	}
}

// TestAllBadRoutes: everything that is wrong is told at once.
func TestAllBadRoutes(t *testing.T) {
	_, err := content.NewRoutes([]content.Route{
		{Path: "a", Method: "a b", Status: 204, Body: "x"}, {Path: "/b"}, {Path: "/b"}, {Path: "/{"},
	})
	want := `content: route 1: path: "a": want a path that begins with a slash, such as /items/{id}
content: route 1: method: "a b": want one such as POST
content: route 1: body: an answer of status 204 has no body: remove it, or choose another status
content: route 3: path: "/b": another route matches the same requests, and neither is more specific
content: route 4: path: "/{": bad wildcard segment (must end with '}')`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

const archive = `{"log": {"version": "1.2", "entries": [
  {"request": {"method": "GET", "url": "https://shop.example/items?page=1"}, "response": {"status": 503,
    "headers": [], "content": {"text": "busy"}}},
  {"request": {"method": "GET", "url": "https://shop.example/items?page=1"}, "response": {"status": 200,
    "headers": [{"name": "content-type", "value": "application/json"}, {"name": "content-length", "value": "99"},
      {"name": "content-encoding", "value": "br"}, {"name": "transfer-encoding", "value": "chunked"},
      {"name": ":status", "value": "200"}, {"name": "set-cookie", "value": "a=1"},
      {"name": "set-cookie", "value": "b=2"}],
    "content": {"mimeType": "application/json", "text": "[1]"}}},
  {"request": {"method": "GET", "url": "https://shop.example/items?page=2"}, "response": {"status": 200,
    "headers": [], "content": {"mimeType": "text/plain", "text": "WzJd", "encoding": "base64"}}},
  {"request": {"method": "POST", "url": "https://shop.example/items"}, "response": {"status": 201, "content": {}}},
  {"request": {"method": "GET", "url": "https://shop.example"}, "response": {"status": 301,
    "headers": [{"name": "Location", "value": "/items"}], "content": {}}},
  {"request": {"method": "GET", "url": "https://shop.example/blocked"}, "response": {"status": 0}}
]}}`

func TestRecorded(t *testing.T) {
	h, err := content.NewRecorded([]byte(archive))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		method, url string
		status      int
		body        string
	}{
		{"GET", "/items?page=1", 200, "[1]"},
		{"GET", "/items?page=2", 200, "[2]"},
		{"GET", "/items?page=3", 200, "[1]"},
		{"GET", "/items", 200, "[1]"},
		{"HEAD", "/items", 200, "[1]"},
		{"POST", "/items", 201, ""},
		{"DELETE", "/items", 404, "404 page not found\n"},
		{"GET", "/", 301, ""},
		{"GET", "/blocked", 404, "404 page not found\n"},
	} {
		for range 2 { // the same each time
			status, body, header := answered(h, test.method, test.url, "a body")
			if status != test.status || body != test.body {
				t.Errorf("%s %s: got %d %q, want %d %q", test.method, test.url, status, body, test.status, test.body)
			}
			for _, name := range []string{"Content-Length", "Content-Encoding", "Transfer-Encoding", ":status"} {
				if header[name] != nil {
					t.Errorf("%s %s has %s: %v", test.method, test.url, name, header[name])
				}
			}
		}
	}
	_, _, header := answered(h, "GET", "/items?page=1", "")
	if header.Get("Content-Type") != "application/json" || len(header["Set-Cookie"]) != 2 {
		t.Errorf("got %v", header)
	}
}

func TestBadArchives(t *testing.T) {
	entry := func(method, url string, status int, text string) string {
		return fmt.Sprintf(`{"log": {"entries": [{"request": {"method": %q, "url": %q}, "response": {"status": %d, `+
			`"content": {"text": %q, "encoding": "base64"}}}]}}`, method, url, status, text)
	}
	for _, bad := range []string{
		"", "{}", "[]", `{"log": {}}`, `{"log": {"entries": []}}`, `{"log": {"entries": [{}]}}`,
		`{"log": {"entries": [{"request": {"url": "/"}, "response": {"status": 99}}]}}`,
		entry("GET", "http://[::1", 200, ""), entry("GET", "/", 200, "not base64!"),
		strings.Replace(archive, `"content-type"`, `""`, 1), strings.Replace(archive, `"content-type"`, `"a b"`, 1),
		strings.Replace(archive, `{"name": "content-type", `, `{`, 1),
	} {
		if _, err := content.NewRecorded([]byte(bad)); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func FuzzRecorded(f *testing.F) {
	f.Add(archive, "/items?page=1")
	f.Add("{}", "/")
	f.Fuzz(func(t *testing.T, har, url string) {
		h, err := content.NewRecorded([]byte(har))
		r, bad := http.NewRequest(http.MethodGet, url, http.NoBody)
		if err != nil || bad != nil {
			return
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if _, err := io.Copy(io.Discard, w.Result().Body); err != nil {
			t.Error(err)
		}
	})
}
