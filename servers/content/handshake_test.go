package content_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/fault"
)

// TestHandshakeStruck: a handshake meets every fault as another request does. A
// fault of the body strikes right behind the head, and one that leaves the
// answer whole leaves the other protocol alone.
func TestHandshakeStruck(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(echo))
	defer other.Close()
	for _, kind := range fault.Kinds() {
		if kind.BeforeRequest() || !kind.HTTP1() || kind.Chain() {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			u, err := content.NewUpstream(other.URL, false)
			if err != nil {
				t.Fatal(err)
			}
			defer u.Close()
			f := servers.Fault{Kind: kind, Rate: 1}
			if kind == fault.Status {
				f.Status = 503
			}
			s, err := servers.Start(servers.Config{Content: u, Plan: servers.Plan{Faults: []servers.Fault{f}}})
			if err != nil {
				t.Fatal(err)
			}
			got, err := shaken(t, s.URL())
			if closing := s.Close(); closing != nil {
				t.Error(closing)
			}
			head, rest, _ := strings.Cut(got, "\r\n\r\n")
			wholly := kind.Body() == fault.WholeBody || kind.Body() == fault.WrongBody
			switch e := s.Journal()[0]; {
			case strings.Contains(head, " 502 "):
				t.Errorf("got %q", got)
			case (wholly || kind.Body() == fault.PartialBody) && !strings.Contains(got, "HTTP/1.1 101 "):
				t.Errorf("got %q, want a 101", got)
			case wholly && !strings.HasSuffix(rest, "echo hello\n"):
				t.Errorf("got %q, want what follows the handshake", got)
			case kind.Body() == fault.PartialBody && e.Status != http.StatusSwitchingProtocols:
				t.Errorf("the journal has status %d", e.Status)
			case kind.Body() == fault.PartialBody && strings.Contains(rest, "echo"):
				t.Errorf("got %q, want an end", got)
			}
			ends := map[fault.End]error{
				fault.EndTruncated: nil, fault.EndReset: syscall.ECONNRESET, fault.EndTimeout: os.ErrDeadlineExceeded,
			}
			if want, is := ends[kind.End()]; is && kind.Body() == fault.PartialBody && !errors.Is(err, want) {
				t.Errorf("ends with %v, want %v", err, want)
			}
		})
	}
}

// TestHandshakeRefused: a request that asks for another protocol, and is
// answered as any other, meets a fault as any other.
func TestHandshakeRefused(t *testing.T) {
	body := strings.Repeat("tea", 1<<20)
	for kind, want := range map[fault.Kind]int{fault.Surplus: len(body), fault.Truncate: 1 << 19} {
		s, err := servers.Start(servers.Config{
			Content: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }),
			Plan:    servers.Plan{Faults: []servers.Fault{{Kind: kind, Rate: 1}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "h2c")
		resp, err := s.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if len(got) != want {
			t.Errorf("%s: got %d bytes, want %d", kind, len(got), want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// echo answers a handshake, and repeats a line.
func echo(w http.ResponseWriter, _ *http.Request) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	if line, err := buffered.ReadString('\n'); err == nil {
		fmt.Fprint(conn, "echo "+line)
	}
}

// shaken sends a handshake and a line, and returns all that comes back.
func shaken(t *testing.T, url string) (string, error) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: echo\r\n\r\n")
	var first []byte
	for one := make([]byte, 1); !strings.Contains(string(first), " 101 ") ||
		!strings.HasSuffix(string(first), "\r\n\r\n"); {
		n, err := conn.Read(one)
		first = append(first, one[:n]...)
		if err != nil {
			return string(first), err
		}
	}
	_, sending := fmt.Fprint(conn, "hello\n") // which may be told of a reset before the reading is
	rest, err := io.ReadAll(conn)
	if errors.Is(sending, syscall.ECONNRESET) || errors.Is(sending, syscall.EPIPE) {
		err = syscall.ECONNRESET
	}
	return string(first) + string(rest), err
}
