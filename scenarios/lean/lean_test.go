package lean

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// answering is the URL of a server that answers the requests on each of its
// connections with one text after another, and closes the connection after an
// empty one, and after one that says so.
func answering(t *testing.T, texts ...string) (url string, opened *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	opened = new(atomic.Int64)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			opened.Add(1)
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				for _, text := range texts {
					if _, err := http.ReadRequest(r); err != nil || text == "" {
						return
					}
					_, _ = io.WriteString(c, text)
					if strings.Contains(text, "Connection: close") {
						return
					}
				}
				_, _ = io.Copy(io.Discard, r) // until the client leaves
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/", opened
}

const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"

const two = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nhi"

// TestAnswers wants each answer as net/http has it, and a connection that is at
// its end to be used again, and no other.
func TestAnswers(t *testing.T) {
	for _, tt := range []struct {
		name, answer string
		body, status string
		fails        bool
		again        bool // whether the connection is used again
	}{
		{"a length", two, "hi", "200 OK", false, true},
		{"chunks", chunked, "hi", "200 OK", false, true},
		{"the end of the connection", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi", "hi", "200 OK", false, false},
		{"hints before", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + two, "hi", "200 OK", false, true},
		{"no body", "HTTP/1.1 204 No Content\r\n\r\n", "", "204 No Content", false, true},
		{"not modified", "HTTP/1.1 304 Not Modified\r\n\r\n", "", "304 Not Modified", false, true},
		{"no reason", "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", "", "404 Not Found", false, true},
		{"closes", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", "hi", "200 OK", false, false},
		{"more than it said", two + "there", "hi", "200 OK", false, false},
		{"no HTTP", "hello\r\n\r\n", "", "", true, false},
		{"a long head", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", headSize) + "\r\n\r\n", "", "", true, false},
		{"nothing", "", "", "", true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url, opened := answering(t, tt.answer, two)
			p := newPool(nil)
			defer p.close()
			var body strings.Builder
			resp, err := p.get(t.Context(), url, 1, &body)
			if (err != nil) != tt.fails {
				t.Fatalf("got %v, %v", resp, err)
			}
			if err == nil && (resp.Status != tt.status || resp.ContentLength != int64(len(tt.body))) {
				t.Errorf("got %s of %d bytes, want %s of %q", resp.Status, resp.ContentLength, tt.status, tt.body)
			}
			if !tt.fails && body.String() != tt.body {
				t.Errorf("got %q, want %q", body.String(), tt.body)
			}
			want := int64(2)
			if tt.again {
				want = 1
			}
			_, _ = p.get(t.Context(), url, 1, io.Discard)
			if got := opened.Load(); got != want {
				t.Errorf("two requests took %d connections, want %d", got, want)
			}
		})
	}
}

// TestRedirects wants ten followed, and no more, each by a request that names
// the attempt.
func TestRedirects(t *testing.T) {
	most, asked := 0, 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Teapot-Attempt"); got != "3" {
			t.Errorf("got attempt %q, want 3", got)
		}
		if asked++; asked > most {
			_, _ = io.WriteString(w, "there")
			return
		}
		w.Header().Set("Location", "../further?n=1")
		w.WriteHeader(http.StatusFound)
		_, _ = io.WriteString(w, "elsewhere")
	}))
	defer s.Close()
	for _, tt := range []struct {
		hops int
		want string
	}{{0, ""}, {1, ""}, {9, ""}, {10, "stopped after 10 redirects"}} {
		p := newPool(nil)
		most, asked = tt.hops, 0
		var body strings.Builder
		resp, err := p.get(t.Context(), s.URL+"/a/b", 3, &body)
		switch {
		case tt.want == "" && (err != nil || resp.StatusCode != 200 || body.String() != "there"):
			t.Errorf("%d redirects: got %v, %v and %q", tt.hops, resp, err, body.String())
		case tt.want != "" && (err == nil || err.Error() != tt.want):
			t.Errorf("%d redirects: got error %v, want %s", tt.hops, err, tt.want)
		}
		p.close()
	}
	for _, location := range []string{"", "http://[::1"} {
		if to, err := next("http://localhost/", location); err == nil {
			t.Errorf("a redirect to %q leads to %s", location, to)
		}
	}
}

// TestEnd wants the end of a context to end what waits for an answer, and its
// connection.
func TestEnd(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel(errors.New("over"))
		<-r.Context().Done() // which the end of the connection ends
	}))
	defer s.Close()
	p := newPool(nil)
	defer p.close()
	if resp, err := p.get(ctx, s.URL, 1, io.Discard); err == nil {
		t.Errorf("got %v, want an error", resp)
	}
	if _, err := p.get(ctx, s.URL, 1, io.Discard); err == nil {
		t.Error("a request after the end")
	}
}

// TestClosedWhileIdle wants no request on a connection that the server has
// closed.
func TestClosedWhileIdle(t *testing.T) {
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer s.Close()
	p := newPool(nil)
	defer p.close()
	for range 20 {
		if _, err := p.get(t.Context(), s.URL, 1, io.Discard); err != nil {
			t.Fatal(err)
		}
		s.CloseClientConnections()
	}
	if asked.Load() != 20 {
		t.Errorf("the server was asked %d times, want 20", asked.Load())
	}
}
