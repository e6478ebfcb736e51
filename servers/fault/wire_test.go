package fault_test

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/teapot-go/teapot/servers/fault"
)

// TestWire reads what each fault puts on the wire, byte by byte but for the
// Date.
func TestWire(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\n"
	tea := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/gif")
		w.Write([]byte("short and stout"))
	})
	for _, tt := range []struct {
		kind  fault.Kind
		want  string
		reset bool // and not an end in order
	}{
		{fault.Empty, "", false},
		{fault.Reset, "", true},
		{fault.ResetHead, head + "Content-Type: image/gif\r\nConnection: cl", true},
		{
			fault.ResetBody, head + "Content-Length: 15\r\nContent-Type: image/gif\r\nConnection: close\r\n\r\nshort a",
			true,
		},
		{fault.Truncate, head + "Content-Length: 15\r\nContent-Type: image/gif\r\n\r\nshort a", false},
		{
			fault.TruncateChunked,
			head + "Content-Type: image/gif\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nshort a\r\n",
			false,
		},
		{fault.Garbage, "\x16\x03short and stout\x00: here is my handle\r\nhere is my spout\r\n\r\n", false},
		{fault.BadChunk, head +
			"Content-Type: image/gif\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n7\r\nshort " +
			"a\r\nteapot\r\nnd stout\r\n0\r\n\r\n", false},
		{fault.BadLength, head +
			"Content-Type: image/gif\r\nContent-Length: 15\r\nContent-Length: 16\r\nConnection: close\r\n\r\nshort " +
			"and stout", false},
		{
			fault.WrongType,
			head + "Content-Type: text/html; charset=utf-8\r\nContent-Length: 15\r\n\r\nshort and stout",
			false,
		},
		{fault.Surplus, head + "Content-Length: 15\r\nContent-Type: image/gif\r\nConnection: close\r\n\r\nshort and " +
			"stoutHTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n", false},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			s := httptest.NewServer(fault.Fault{Kind: tt.kind}.Wrap(tea))
			defer s.Close()
			c, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			io.WriteString(c, "GET / HTTP/1.1\r\nHost: tea\r\n\r\n")
			if tt.kind == fault.WrongType {
				c.(*net.TCPConn).CloseWrite() // the connection is good for another request, and none comes
			}
			got, err := io.ReadAll(c)
			text := string(got)
			if at := strings.Index(text, "Date: "); at >= 0 {
				text = text[:at] + text[at+len("Date: Mon, 02 Jan 2006 15:04:05 GMT\r\n"):]
			}
			if text != tt.want || errors.Is(err, syscall.ECONNRESET) != tt.reset || err != nil && !tt.reset {
				t.Errorf("got %q, %v\nwant %q, reset: %v", text, err, tt.want, tt.reset)
			}
		})
	}
}

// TestReason has a reason phrase of the fault's own.
func TestReason(t *testing.T) {
	f := fault.Fault{Kind: fault.Status, Status: 499, Reason: "Tip Me Over", Body: "pour me out"}
	s := httptest.NewServer(f.Wrap(nil))
	defer s.Close()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if want := map[string]string{"GET": "pour me out\n"}[method]; resp.Status != "499 Tip Me Over" ||
			string(body) != want || err != nil {
			t.Errorf("%s: got %q %q, %v", method, resp.Status, body, err)
		}
	}
}

// TestHugeHead reads a head to its end, with the patience that clients do not
// have: it is one, of the size that was asked for, and behind it comes the
// body. A client of net/http, which has less, gives it up.
func TestHugeHead(t *testing.T) {
	tea := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/tea")
		w.WriteHeader(http.StatusTeapot)
		w.Write([]byte("tea"))
	})
	const line = 1<<16 + len("Teapot-Padding: \r\n")
	for _, size := range []int{
		0, fault.MinHugeHead, 160*line + 100, 161*line + 101, 161*line + 117, 161*line + 118,
		161*line + 119,
	} {
		f := fault.Fault{Kind: fault.HugeHead, Size: size, Rate: 1}
		if err := f.Check(); err != nil {
			t.Fatal(err)
		}
		s := httptest.NewServer(f.Wrap(tea))
		c, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: tea\r\n\r\n")
		all, err := io.ReadAll(c)
		head, body, _ := strings.Cut(string(all), "\r\n\r\n")
		if n := len(head) + len("\r\n\r\n"); n != cmp.Or(size, 11<<20) || err != nil {
			t.Errorf("size %d: got %d, %v", size, n, err)
		}
		if n := strings.Count(head, "HTTP/1.1"); n != 1 || !strings.HasPrefix(head, "HTTP/1.1 418 ") || body != "tea" {
			t.Errorf("size %d: got %d status lines, %.20q and %.40q", size, n, head, body)
		}
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(all)), nil)
		if err != nil {
			t.Errorf("size %d: it is no head: %v", size, err)
		} else if resp.Header.Get("Content-Type") != "text/tea" {
			t.Errorf("size %d: got the type %q", size, resp.Header.Get("Content-Type"))
		}
		if resp, err := s.Client().Get(s.URL); err == nil {
			t.Errorf("size %d: net/http has read it, %s", size, resp.Status)
		}
		c.Close()
		s.Close()
	}
}
