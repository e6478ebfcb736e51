package servers_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// TestFramedTLS holds a server of HTTP/2 over TLS to the same answers whether
// or not it frames its connections.
func TestFramedTLS(t *testing.T) {
	clients := []struct {
		name string
		set  func(*http.Transport)
		want string
	}{
		{"HTTP/2", func(*http.Transport) {}, `HTTP/2.0 over 0x304, true, "h2"; https`},
		{"HTTP/1.1", func(c *http.Transport) {
			c.Protocols = only1()
			c.TLSClientConfig.NextProtos = []string{"http/1.1"}
		}, `HTTP/1.1 over 0x304, true, "http/1.1"; https`},
		{"no ALPN", func(c *http.Transport) {
			c.Protocols = only1()
			c.TLSClientConfig.NextProtos = nil
		}, `HTTP/1.1 over 0x304, true, ""; https`},
		{
			"no TLS", func(c *http.Transport) { c.Protocols = only1() },
			"400 Bad Request: Client sent an HTTP request to an HTTPS server.",
		},
	}
	over(t, func(t *testing.T, c servers.Config) {
		if !c.TLS || !c.HTTP2 {
			return
		}
		c.Content = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, r.Proto)
			if r.TLS != nil {
				fmt.Fprintf(w, " over %#x, %t, %q", r.TLS.Version, r.TLS.HandshakeComplete, r.TLS.NegotiatedProtocol)
			}
		})
		moved := servers.Fault{Kind: fault.Redirect, Keys: []string{"/moved"}, Hops: 1, OtherHost: true}
		refused := servers.Fault{Kind: fault.RefusedStream, Keys: []string{"/refused"}}
		for _, faults := range [][]servers.Fault{{moved}, {moved, refused}} {
			c.Plan.Faults = faults
			s := open(t, c)
			silent := dial(t, s) // begins no handshake, and holds up none
			for _, client := range clients {
				transport := s.Client().Transport.(*http.Transport).Clone()
				url := s.URL()
				if client.set(transport); client.name == "no TLS" {
					url = strings.Replace(url, "https", "http", 1)
				}
				if got := saidOf(t, transport, url); got != client.want {
					t.Errorf("%s, %d faults: got %s, want %s", client.name, len(faults), got, client.want)
				}
				transport.CloseIdleConnections()
			}
			mustClose(t, s)
			silent.Close()
		}
	})
}

func only1() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	return p
}

// saidOf returns what a server says of a request, and with which scheme it
// redirects another.
func saidOf(t *testing.T, transport *http.Transport, url string) string {
	t.Helper()
	var got []string
	for _, path := range []string{"/tea", "/moved"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Error(err)
		}
		switch resp.StatusCode {
		case http.StatusOK:
			got = append(got, string(body))
		case http.StatusBadRequest:
			return resp.Status + ": " + strings.TrimSpace(string(body))
		default:
			scheme, _, _ := strings.Cut(resp.Header.Get("Location"), ":")
			got = append(got, scheme)
		}
	}
	return strings.Join(got, "; ")
}
