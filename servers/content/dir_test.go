package content

import (
	"bytes"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tree makes a directory to serve beside a secret that is not in it.
func tree(t *testing.T) (dir, secret string) {
	t.Helper()
	top := t.TempDir()
	dir, secret = filepath.Join(top, "tree"), filepath.Join(top, "secret.txt")
	files := map[string]string{
		secret: "secret", filepath.Join(dir, "index.html"): "<p>index</p>",
		filepath.Join(dir, "sub", "a b.txt"):  strings.Repeat("tea ", 500),
		filepath.Join(dir, "sub", "..hidden"): "hidden", filepath.Join(dir, "data.bin"): "\x00\x01\x02",
		filepath.Join(dir, "empty"): "",
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"within": "sub/a b.txt", "out": "../secret.txt", "absolute": secret, "up": "..", "loop": "loop",
		"dangling": "nothing", "device": os.DevNull,
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
	}
	return dir, secret
}

func openTree(t *testing.T) (d *Dir, secret string) {
	t.Helper()
	dir, secret := tree(t)
	d, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d, secret
}

func TestDir(t *testing.T) {
	d, secret := openTree(t)
	for _, test := range []struct {
		path string
		body string // "" for what is not found
		mime string
	}{
		{"/", "<p>index</p>", "text/html"},
		{"/index.html", "<p>index</p>", "text/html"},
		{"/sub/a b.txt", strings.Repeat("tea ", 500), "text/plain"},
		{"/within", strings.Repeat("tea ", 500), "text/plain"},
		{"/sub/..hidden", "hidden", "text/plain"},
		{"/data.bin", "\x00\x01\x02", "application/octet-stream"},

		{"", "", ""},
		{"index.html", "", ""},
		{"/index.html/", "", ""},
		{"/nothing", "", ""},
		{"/out", "", ""},
		{"/absolute", "", ""},
		{"/up/secret.txt", "", ""},
		{"/loop", "", ""},
		{"/dangling", "", ""},
		{"/device", "", ""},
		{"/../secret.txt", "", ""},
		{"/sub/../../secret.txt", "", ""},
		{"/sub/../index.html", "", ""},
		{"/./index.html", "", ""},
		{"//index.html", "", ""},
		{"//" + secret, "", ""},
		{secret, "", ""},
		{"/..", "", ""},
		{"/.", "", ""},
		{`/..\secret.txt`, "", ""},
		{"/index.html\x00", "", ""},
		{"/%2e%2e/secret.txt", "", ""},
		{"/" + strings.Repeat("x", 60_000), "", ""},
		{"/" + strings.Repeat("sub/../", 5000) + "index.html", "", ""},
	} {
		a, body := get(d, http.MethodGet, test.path)
		if test.body == "" {
			if a.StatusCode != http.StatusNotFound || bytes.Contains(body, []byte("secret")) {
				t.Errorf("%.40q: got %d %.40q, want 404", test.path, a.StatusCode, body)
			}
			continue
		}
		if a.StatusCode != http.StatusOK || string(body) != test.body ||
			!strings.HasPrefix(a.Header.Get("Content-Type"), test.mime) {
			t.Errorf("%s: got %d, %s and %.40q, want %s and %.40q", test.path, a.StatusCode,
				a.Header.Get("Content-Type"), body, test.mime, test.body)
		}
		verify(t, test.path, a.Header.Get("Repr-Digest"), []byte(test.body))
	}
	if a, body := get(d, http.MethodGet, "/empty"); a.StatusCode != http.StatusOK || len(body) != 0 {
		t.Errorf("an empty file: got %d and %d bytes", a.StatusCode, len(body))
	}
	if a, body := get(d, http.MethodGet, "/sub/a b.txt", "Accept-Encoding",
		"gzip"); string(unzip(t, body)) != strings.Repeat("tea ", 500) {
		t.Errorf("gzip: got %d and %v", a.StatusCode, a.Header)
	}
	if a, _ := get(d, http.MethodDelete, "/index.html"); a.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("DELETE: got %d", a.StatusCode)
	}
}

// TestDirListing asks for folders without an index.html: each is a page of
// links that lead to what is in it, and to nothing outside of the directory.
func TestDirListing(t *testing.T) {
	dir, _ := tree(t)
	for _, name := range []string{"a:b", "<i>", "50%", "q?#"} {
		if err := os.WriteFile(filepath.Join(dir, "sub", name), []byte(name), 0o644); err != nil {
			t.Skip(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "sub", "deeper"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../secret.txt", filepath.Join(dir, "sub", "out")); err != nil {
		t.Fatal(err)
	}
	d, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	a, body := get(d, http.MethodGet, "/sub/")
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("got %d, %s", a.StatusCode, a.Header.Get("Content-Type"))
	}
	base, got := &url.URL{Scheme: "http", Host: "teapot.invalid", Path: "/sub/"}, []string{}
	for _, m := range regexp.MustCompile(`<a href="([^"]*)">`).FindAllSubmatch(body, -1) {
		link, err := base.Parse(html.UnescapeString(string(m[1])))
		if err != nil || link.Host != base.Host {
			t.Fatalf("%s: got %v, %v", m[1], link, err)
		}
		name := strings.TrimPrefix(link.Path, "/sub/")
		got = append(got, name)
		if answer, text := get(d, http.MethodGet, link.Path); answer.StatusCode != http.StatusOK ||
			!strings.HasSuffix(name, "/") && len(name) < 6 && string(text) != name {
			t.Errorf("%s: got %d %.20q", link.Path, answer.StatusCode, text)
		}
	}
	if want := []string{"..hidden", "50%", "<i>", "a b.txt", "a:b", "deeper/", "q?#"}; !slices.Equal(got, want) {
		t.Errorf("got links to %q, want %q", got, want)
	}
	if bytes.Contains(body, []byte("<i>")) {
		t.Error("a name is not escaped")
	}
	for asked, want := range map[string]string{"/sub": "/sub/", "/sub/deeper": "/sub/deeper/"} {
		if a, _ := get(d, http.MethodGet, asked); a.StatusCode != http.StatusMovedPermanently ||
			a.Header.Get("Location") != want {
			t.Errorf("%s: got %d to %s, want 301 to %s", asked, a.StatusCode, a.Header.Get("Location"), want)
		}
	}
	if a, _ := get(d, http.MethodGet, "/up/"); a.StatusCode != http.StatusNotFound {
		t.Errorf("a folder above: got %d, want 404", a.StatusCode)
	}
	if a, _ := get(d, http.MethodPost, "/sub/"); a.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d, want 405", a.StatusCode)
	}
}

// TestDirChanges changes a file that was served: its tag and its digest are
// other ones.
func TestDirChanges(t *testing.T) {
	dir, _ := tree(t)
	d, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	before, _ := get(d, http.MethodGet, "/data.bin")
	if err := os.WriteFile(filepath.Join(dir, "data.bin"), []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	after, body := get(d, http.MethodGet, "/data.bin", "If-None-Match", before.Header.Get("ETag"))
	if after.StatusCode != http.StatusOK || string(body) != "changed" {
		t.Errorf("got %d and %q", after.StatusCode, body)
	}
	verify(t, "changed", after.Header.Get("Repr-Digest"), body)
	answer := d.Prepare(mustRequest(t, "/data.bin"))
	if err := os.Remove(filepath.Join(dir, "data.bin")); err != nil {
		t.Fatal(err)
	}
	if a, _ := get(answer, http.MethodGet, "/data.bin"); a.StatusCode != http.StatusNotFound {
		t.Errorf("removed before it is served: got %d, want 404", a.StatusCode)
	}
}

func mustRequest(t *testing.T, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://teapot.invalid"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOpenDir(t *testing.T) {
	for _, name := range []string{"nothing here", "dir_test.go"} {
		if _, err := OpenDir(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	d, _ := openTree(t)
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if a, _ := get(d, http.MethodGet, "/index.html"); a.StatusCode != http.StatusNotFound {
		t.Errorf("after Close: got %d, want 404", a.StatusCode)
	}
}
