package content_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
)

// behind starts a server whose content another server answers.
func behind(t *testing.T, h http.Handler, path string) *servers.Server {
	t.Helper()
	other := httptest.NewServer(h)
	t.Cleanup(other.Close)
	u, err := content.NewUpstream(other.URL+path, false)
	if err != nil {
		t.Fatal(err)
	}
	s, err := servers.Start(servers.Config{Content: u})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := u.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestUpstream(t *testing.T) {
	s := behind(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "%s %s %q task %q encoding %q", r.Method, r.URL, body, r.Header.Get("Teapot-Task"),
			r.Header.Get("Accept-Encoding"))
	}), "/api")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL()+"/items/3?full=1", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Teapot-Task", "17")
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	want := `PUT /api/items/3?full=1 "x" task "" encoding ""`
	if resp.StatusCode != http.StatusAccepted || err != nil || string(body) != want {
		t.Errorf("got %d %s, %v, want %s", resp.StatusCode, body, err, want)
	}
}

// TestUpstreamStreams: a part of a body comes before the next is written.
func TestUpstreamStreams(t *testing.T) {
	more := make(chan struct{})
	s := behind(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "first")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-more:
			fmt.Fprint(w, "second")
		case <-r.Context().Done():
		}
	}), "")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, len("first"))
	if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "first" {
		t.Fatalf("got %q, %v", first, err)
	}
	close(more)
	if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != "second" {
		t.Errorf("got %q, %v", rest, err)
	}
}

// TestUpstreamBothWays: a request's body goes on while its answer comes, and an
// answer ends while the body goes on.
func TestUpstreamBothWays(t *testing.T) {
	s := behind(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		_ = c.EnableFullDuplex()
		for lines := bufio.NewScanner(r.Body); lines.Scan() && lines.Text() != "end"; {
			fmt.Fprintln(w, "got", lines.Text())
			_ = c.Flush()
		}
	}), "")
	body, more := io.Pipe()
	defer more.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/", body)
	if err != nil {
		t.Fatal(err)
	}
	go fmt.Fprintln(more, 0)
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer := bufio.NewReader(resp.Body)
	for i := range 5 {
		line, err := answer.ReadString('\n')
		if want := fmt.Sprintln("got", i); line != want || err != nil {
			t.Fatalf("got %q, %v, want %q", line, err, want)
		}
		if i < 4 {
			fmt.Fprintln(more, i+1)
		}
	}
	fmt.Fprintln(more, "end")
	if rest, err := io.ReadAll(answer); len(rest) > 0 || err != nil {
		t.Errorf("got %q, %v, want the end of the answer", rest, err)
	}
}

// TestUpstreamUpgrades: what follows a 101 passes through in both directions.
func TestUpstreamUpgrades(t *testing.T) {
	s := behind(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		line, _ := buffered.ReadString('\n')
		fmt.Fprint(conn, "echo "+line)
	}), "")
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	answer := make([]byte, len("HTTP/1.1 101"))
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "HTTP/1.1 101" {
		t.Fatalf("got %q, %v", answer, err)
	}
	fmt.Fprint(conn, "hello\n")
	rest, err := io.ReadAll(conn)
	if err != nil || !strings.HasSuffix(string(rest), "\r\n\r\necho hello\n") {
		t.Errorf("got %q, %v", rest, err)
	}
}

// TestUpstreamUnavailable: nothing listens, or what does is not this machine.
func TestUpstreamUnavailable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for at, why := range map[string]string{
		"http://" + closed:      "refused",
		"http://192.0.2.1:80":   "not on this machine",
		"https://192.0.2.1":     "not on this machine",
		"http://[2001:db8::1]/": "not on this machine",
	} {
		u, err := content.NewUpstream(at, false)
		if err != nil {
			t.Fatal(err)
		}
		status, body, _ := answered(u, http.MethodGet, "/", "")
		if status != http.StatusBadGateway || !strings.Contains(body, why) {
			t.Errorf("%s: got %d %q, want %s", at, status, body, why)
		}
		if err := u.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestBadUpstreams(t *testing.T) {
	for _, bad := range []string{
		"", "127.0.0.1:3000", "ftp://127.0.0.1", "http://", "http://user:pass@127.0.0.1", "http://127.0.0.1/?x=1",
		"http://127.0.0.1/#a", "http://[::1",
	} {
		if _, err := content.NewUpstream(bad, false); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// TestUpstreamAbandoned: a client that goes away ends its request at the other
// server too.
func TestUpstreamAbandoned(t *testing.T) {
	arrived, gone := make(chan struct{}), make(chan struct{})
	s := behind(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(gone)
	}), "")
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-arrived
		cancel()
	}()
	if resp, err := s.Client().Do(r); err == nil {
		resp.Body.Close()
		t.Error("got an answer")
	}
	<-gone
}
