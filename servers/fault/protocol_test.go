package fault_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/servers/fault"
)

// served starts a server that answers with a fault, over HTTP/1.1 or HTTP/2.
func served(t *testing.T, http2 bool, f fault.Fault, next http.HandlerFunc) *httptest.Server {
	t.Helper()
	f.Rate = 1
	if err := f.Check(); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(f.Wrap(next))
	if s.EnableHTTP2 = http2; http2 {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// tea is content of 1000 bytes.
func tea(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("t", 1000)) }

// TestHints has a client see the informational response before the answer.
func TestHints(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		s := served(t, http2, fault.Fault{Kind: fault.EarlyHints}, tea)
		var hints []int
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
				hints = append(hints, code)
				if h.Get("Link") == "" {
					t.Error("103 without a Link")
				}
				return nil
			},
		})
		resp, body := got(ctx, t, s, http.MethodGet, "")
		if !slices.Equal(hints, []int{103}) || resp.StatusCode != 200 || len(body) != 1000 ||
			resp.Header.Get("Link") != "" {
			t.Errorf("HTTP/2 %v: got %v, %d, %d bytes and %v", http2, hints, resp.StatusCode, len(body), resp.Header)
		}
	}
}

func TestTrailers(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		s := served(t, http2, fault.Fault{Kind: fault.Trailers}, tea)
		resp, body := got(t.Context(), t, s, http.MethodGet, "")
		if resp.Trailer.Get("Teapot-Trailer") != "short and stout" || len(body) != 1000 {
			t.Errorf("HTTP/2 %v: got %d bytes and %v", http2, len(body), resp.Trailer)
		}
	}
}

// TestGoAway has each answer end the use of its connection.
func TestGoAway(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		s := served(t, http2, fault.Fault{Kind: fault.GoAway}, tea)
		for range 3 {
			var reused bool
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
				GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused },
			})
			if resp, body := got(ctx, t, s, http.MethodGet, ""); resp.StatusCode != 200 || len(body) != 1000 {
				t.Errorf("HTTP/2 %v: got %d and %d bytes", http2, resp.StatusCode, len(body))
			}
			if reused && !http2 { // over HTTP/2 the client may not have read the GOAWAY yet
				t.Error("the connection was used again")
			}
		}
	}
}

// TestRedirects has every status of a redirect lead a client to the answer, as
// RFC 9110 (15.4) says: with which method, with the body or without, and with
// its credentials or without.
func TestRedirects(t *testing.T) {
	for status, method := range map[int]string{0: "GET", 301: "GET", 302: "GET", 303: "GET", 307: "POST", 308: "POST"} {
		for _, other := range []bool{false, true} {
			var last *http.Request
			var body []byte
			f := fault.Fault{Kind: fault.Redirect, Status: status, Hops: 3, OtherHost: other}
			s := served(t, false, f, func(w http.ResponseWriter, r *http.Request) {
				last = r
				body, _ = io.ReadAll(r.Body)
			})
			resp, _ := got(t.Context(), t, s, http.MethodPost, "green")
			want := ""
			if method == "POST" {
				want = "green"
			}
			if resp.StatusCode != 200 || last.Method != method || string(body) != want || fault.Hop(last) != 3 {
				t.Errorf("%d: got %d by %s with %q after %d hops", status, resp.StatusCode, last.Method, body,
					fault.Hop(last))
			}
			if secret := last.Header.Get("Authorization"); other != (secret == "") ||
				other != strings.HasPrefix(last.Host, "localhost:") {
				t.Errorf("%d, other host %v: %s got %q", status, other, last.Host, secret)
			}
		}
	}
}

// TestAfter has the work done and its answer lost.
func TestAfter(t *testing.T) {
	for _, kind := range fault.Kinds() {
		takes := slices.ContainsFunc(kind.Parameters(), func(p fault.Parameter) bool { return p.Name == "after" })
		for _, after := range []bool{true, false} {
			if !takes {
				continue
			}
			f := fault.Fault{Kind: kind, After: after}
			if kind == fault.Status {
				f.Status = 503
			}
			done := make(chan bool, 10)
			s := served(t, false, f, func(http.ResponseWriter, *http.Request) { done <- true })
			ctx, cancel := context.WithCancel(t.Context())
			if kind == fault.Hang {
				if !after {
					cancel()
				} else {
					go func() { <-done; done <- true; cancel() }()
				}
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			if resp, err := s.Client().Do(req); err == nil {
				resp.Body.Close()
			}
			cancel()
			s.Close()
			if worked := len(done) > 0; worked != after {
				t.Errorf("%s, after %v: the work was done: %v", kind, after, worked)
			}
		}
	}
}

// TestStatusHeaders has a status with header fields, and one without a body.
func TestStatusHeaders(t *testing.T) {
	s := served(t, false, fault.Fault{Kind: fault.Status, Status: 503, Headers: []string{
		"Set-Cookie: a=b", "Set-Cookie: c=d", "X-Empty:",
	}}, tea)
	resp, _ := got(t.Context(), t, s, http.MethodGet, "")
	if resp.StatusCode != 503 || len(resp.Cookies()) != 2 || resp.Header.Values("X-Empty") == nil {
		t.Errorf("got %d and %v", resp.StatusCode, resp.Header)
	}
	for _, status := range []int{204, 304} {
		s := served(t, false, fault.Fault{Kind: fault.Status, Status: status, Reason: "No Tea"}, tea)
		if resp, body := got(t.Context(), t, s, http.MethodGet, ""); resp.StatusCode != status || len(body) > 0 {
			t.Errorf("got %d and %q", resp.StatusCode, body)
		}
	}
}

// got sends a request with credentials and returns the answer.
func got(ctx context.Context, t *testing.T, s *httptest.Server, method, text string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, s.URL, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer tea")
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}
