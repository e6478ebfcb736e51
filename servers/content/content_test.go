package content

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/servers/flags"
)

// get asks a handler, with pairs of a field's name and value. The answer is as
// a client has it, with its trailer.
func get(h http.Handler, method, path string, fields ...string) (*http.Response, []byte) {
	r := httptest.NewRequest(method, "/", nil)
	r.URL.Path = path
	for i := 0; i < len(fields); i += 2 {
		r.Header.Add(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), w.Body.Bytes()
}

// verify holds bytes to the digest of an answer.
func verify(t *testing.T, what, field string, body []byte) {
	t.Helper()
	sum := sha256.Sum256(body)
	if want := digestField(sum[:]); field != want {
		t.Errorf("%s: got the digest %q, want %q", what, field, want)
	}
}

func unzip(t *testing.T, body []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRequests holds every kind of request to its answer.
func TestRequests(t *testing.T) {
	const path, size = "/flags/br/br.gif", 100_000
	all := readText(t, 418, "BR", size)
	h := NewBodies(418, Fixed(size))
	plain, _ := get(h, http.MethodGet, path)
	zipped, _ := get(h, http.MethodGet, path, "Accept-Encoding", "gzip")
	tag, zippedTag, modified := plain.Header.Get("ETag"), zipped.Header.Get("ETag"), plain.Header.Get("Last-Modified")
	if tag == "" || zippedTag == "" || tag == zippedTag || modified == "" {
		t.Fatalf("got the tags %s and %s, and %q", tag, zippedTag, modified)
	}
	for _, test := range []struct {
		name, method string
		fields       []string
		status       int
		body         []byte // nil for whatever
		length       string
		gzip         bool
	}{
		{"GET", "GET", nil, 200, all, "100000", false},
		{"HEAD", "HEAD", nil, 200, []byte{}, "100000", false},
		{"POST", "POST", nil, 405, nil, "", false},
		{"range", "GET", []string{"Range", "bytes=10-19"}, 206, all[10:20], "10", false},
		{"range across blocks", "GET", []string{"Range", "bytes=4000-9000"}, 206, all[4000:9001], "5001", false},
		{"rest", "GET", []string{"Range", "bytes=99990-"}, 206, all[99_990:], "10", false},
		{"suffix", "GET", []string{"Range", "bytes=-7"}, 206, all[size-7:], "7", false},
		{"HEAD of a range", "HEAD", []string{"Range", "bytes=10-19"}, 206, []byte{}, "10", false},
		{"range beyond the end", "GET", []string{"Range", "bytes=100000-"}, 416, nil, "", false},
		{"range of nonsense", "GET", []string{"Range", "bytes=x-y"}, 416, nil, "", false},
		{"range backwards", "GET", []string{"Range", "bytes=9-3"}, 416, nil, "", false},
		{"huge range", "GET", []string{"Range", "bytes=99999999999999999999-"}, 416, nil, "", false},
		{"other unit", "GET", []string{"Range", "pages=1-2"}, 416, nil, "", false},
		{
			"more ranges than bytes", "GET",
			[]string{"Range", "bytes=" + strings.Repeat("0-,", 3000) + "0-"},
			200, all,
			"100000", false,
		},
		{"range if the same", "GET", []string{"Range", "bytes=10-19", "If-Range", tag}, 206, all[10:20], "10", false},
		{
			"range if not the same", "GET",
			[]string{"Range", "bytes=10-19", "If-Range", `"x"`},
			200, all,
			"100000", false,
		},
		{
			"range and gzip", "GET",
			[]string{"Range", "bytes=10-19", "Accept-Encoding", "gzip"},
			206,
			all[10:20], "10", false,
		},
		{"known", "GET", []string{"If-None-Match", tag}, 304, []byte{}, "", false},
		{"known weakly", "GET", []string{"If-None-Match", `"x", W/` + tag}, 304, []byte{}, "", false},
		{"not known", "GET", []string{"If-None-Match", `"x"`}, 200, all, "100000", false},
		{"not modified", "GET", []string{"If-Modified-Since", modified}, 304, []byte{}, "", false},
		{"modified", "GET", []string{"If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"}, 200, all, "100000", false},
		{"another one", "GET", []string{"If-Match", `"x"`}, 412, []byte{}, "", false},
		{"the same", "GET", []string{"If-Match", tag}, 200, all, "100000", false},
		{"gzip", "GET", []string{"Accept-Encoding", "br, gzip;q=0.5"}, 200, all, "", true},
		{"any coding", "GET", []string{"Accept-Encoding", "*"}, 200, all, "", true},
		{"HEAD of gzip", "HEAD", []string{"Accept-Encoding", "gzip"}, 200, []byte{}, "", true},
		{"no gzip", "GET", []string{"Accept-Encoding", "gzip;q=0, *"}, 200, all, "100000", false},
		{"no coding", "GET", []string{"Accept-Encoding", "identity, *;q=0"}, 200, all, "100000", false},
		{
			"gzip known", "GET",
			[]string{"Accept-Encoding", "gzip", "If-None-Match", zippedTag},
			304,
			[]byte{},
			"", false,
		},
		{"gzip not known", "GET", []string{"Accept-Encoding", "gzip", "If-None-Match", tag}, 200, all, "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, body := get(h, test.method, path, test.fields...)
			if a.StatusCode != test.status || a.Header.Get("Content-Length") != test.length ||
				(a.Header.Get("Content-Encoding") == "gzip") != test.gzip {
				t.Fatalf("got %d and %v, want %d, the length %q and gzip %t", a.StatusCode, a.Header, test.status,
					test.length, test.gzip)
			}
			digest := a.Header.Get("Repr-Digest")
			switch {
			case test.gzip && test.method == "GET":
				verify(t, "trailer", a.Trailer.Get("Repr-Digest"), body)
				body = unzip(t, body)
			case test.gzip, test.status == 416, test.status == 405:
				if digest != "" {
					t.Errorf("got the digest %s of something else", digest)
				}
			case test.status < 300:
				verify(t, "header", digest, all)
			}
			if test.body != nil && !bytes.Equal(body, test.body) {
				t.Errorf("got %d bytes, %.20q, want %d, %.20q", len(body), body, len(test.body), test.body)
			}
			if test.status < 400 && a.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("got Vary %q", a.Header.Get("Vary"))
			}
		})
	}
}

func TestFlags(t *testing.T) {
	h := NewFlags(0, nil)
	for _, code := range append(flags.Top20(), "AA", "ZZ") {
		a, body := get(h, http.MethodGet, FlagPath(code), "Accept-Encoding", "gzip")
		picture, has := flags.GIF(code)
		if !has {
			if a.StatusCode != http.StatusNotFound {
				t.Errorf("%s: got %d, want 404", code, a.StatusCode)
			}
			continue
		}
		verify(t, code, a.Header.Get("Repr-Digest"), picture)
		if a.StatusCode != http.StatusOK || !bytes.Equal(body, picture) ||
			a.Header.Get("Content-Type") != "image/gif" || a.Header.Get("Vary") != "" {
			t.Errorf("%s: got %d, %v and %d bytes", code, a.StatusCode, a.Header, len(body))
		}
	}
}

// TestSizes holds a body to the seed, the key and the size, and to nothing
// else.
func TestSizes(t *testing.T) {
	size, err := ParseSize("uniform(0B, 9KB)")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, code := range flags.Codes() {
		a, body := get(NewFlags(7, size), http.MethodGet, FlagPath(code))
		again, same := get(NewBodies(7, size), http.MethodGet, FlagPath(code))
		if !bytes.Equal(body, same) || a.Header.Get("ETag") != again.Header.Get("ETag") ||
			a.Header.Get("Content-Length") != strconv.Itoa(len(body)) {
			t.Errorf("%s: got %d bytes, and then %d", code, len(body), len(same))
		}
		verify(t, code, a.Header.Get("Repr-Digest"), body)
		seen[len(body)] = true
	}
	if len(seen) < 150 {
		t.Errorf("194 bodies have only %d sizes", len(seen))
	}
	if a, _ := get(NewFlags(7, size), http.MethodGet, FlagPath("ZZ")); a.StatusCode != http.StatusNotFound {
		t.Errorf("no such flag: got %d", a.StatusCode)
	}
	if a, body := get(NewBodies(7, nil), http.MethodGet, "/anything"); a.StatusCode != http.StatusOK || len(body) != 0 {
		t.Errorf("no size: got %d and %d bytes", a.StatusCode, len(body))
	}
}

// TestForgetting asks for more than is remembered.
func TestForgetting(t *testing.T) {
	h := NewBodies(1, Fixed(10)).(*bodies)
	for i := range maxDigests + 10 {
		a, body := get(h, http.MethodGet, "/"+strconv.Itoa(i))
		verify(t, a.Status, a.Header.Get("Repr-Digest"), body)
		if n := len(h.digests.known); n > maxDigests {
			t.Fatalf("%d digests are remembered, more than %d", n, maxDigests)
		}
	}
}
