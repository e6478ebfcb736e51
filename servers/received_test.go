package servers_test

import (
	"hash/fnv"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
)

// TestReceived has the journal say what a request was: its method, whether it
// may be sent again, what was read of its body, and what it was told.
func TestReceived(t *testing.T) {
	const body = "one lump or two"
	h := fnv.New64a()
	io.WriteString(h, body)
	digest := h.Sum64()
	reading := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Retry-After", r.Header.Get("Ask-Retry-After"))
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	for _, test := range []struct {
		method, body string
		header       []string
		want         servers.Entry
	}{
		{"GET", "", nil, servers.Entry{Method: "GET", Idempotent: true}},
		{"GET", "", []string{"Range", "bytes=1-2"}, servers.Entry{Method: "GET", Idempotent: true, Partial: true}},
		{"HEAD", "", []string{"If-None-Match", `"x"`}, servers.Entry{Method: "HEAD", Idempotent: true, Partial: true}},
		{"POST", body, nil, servers.Entry{Method: "POST", Received: int64(len(body)), Digest: digest}},
		{
			"POST", body,
			[]string{"Idempotency-Key", "7"},
			servers.Entry{Method: "POST", Idempotent: true, Received: int64(len(body)), Digest: digest},
		},
		{"PUT", body, nil, servers.Entry{Method: "PUT", Idempotent: true, Received: int64(len(body)), Digest: digest}},
		{"PATCH", "", nil, servers.Entry{Method: "PATCH"}},
		{
			"GET", "",
			[]string{"Ask-Retry-After", "3"},
			servers.Entry{Method: "GET", Idempotent: true, RetryAfter: 3 * time.Second},
		},
		{
			"GET", "", []string{"Ask-Retry-After", "Sat, 01 Jan 2000 00:00:10 GMT"}, // 10 s from now
			servers.Entry{Method: "GET", Idempotent: true, RetryAfter: 10 * time.Second},
		},
		{"GET", "", []string{"Ask-Retry-After", "soon"}, servers.Entry{Method: "GET", Idempotent: true}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, servers.Config{Memory: true, Content: reading})
			r, err := http.NewRequest(test.method, s.URL()+"/", strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i+1 < len(test.header); i += 2 {
				r.Header.Set(test.header[i], test.header[i+1])
			}
			resp, err := s.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			mustClose(t, s)
			e := s.Journal()[0]
			got := servers.Entry{
				Method: e.Method, Idempotent: e.Idempotent, Partial: e.Partial, Received: e.Received,
				Digest: e.Digest, RetryAfter: e.RetryAfter,
			}
			if got != test.want {
				t.Errorf("%s %v: got %+v, want %+v", test.method, test.header, got, test.want)
			}
		})
	}
}
