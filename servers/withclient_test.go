package servers_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// TestWithClient has three clients of one server. None uses a connection of
// another, the end of one leaves the others as they are, and each meets the
// addresses at which the plan refuses connections.
func TestWithClient(t *testing.T) {
	for name, c := range map[string]servers.Config{
		"loopback": {}, "TLS": {TLS: true, HTTP2: true}, "h2c": {HTTP2: true}, "in memory": {Memory: true},
		"refused": {Plan: servers.Plan{Faults: []servers.Fault{{Kind: fault.Refuse, Keys: []string{"BR"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := servers.Start(c)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			one, other := s.WithClient(), s.WithClient()
			ask := func(of *servers.Server, key string) error {
				resp, err := of.Client().Get(of.URLFor(key, 1) + servers.FlagPath(key))
				if err == nil {
					_, err = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					if resp.StatusCode != http.StatusOK {
						t.Errorf("status %d", resp.StatusCode)
					}
				}
				return err
			}
			for range 3 {
				for _, of := range []*servers.Server{s, one, other} {
					if err := ask(of, "CN"); err != nil {
						t.Fatal(err)
					}
				}
			}
			// Without TLS, net/http gives a connection of HTTP/2 to the request
			// first and to its pool after, where the next may come before it.
			if n := s.Connections().Opened; n < 3 || n > 3 && name != "h2c" {
				t.Errorf("3 clients have opened %d connections", n)
			}
			if err := one.Close(); err != nil {
				t.Error(err)
			}
			if err := ask(other, "CN"); err != nil {
				t.Errorf("after the end of another: %v", err)
			}
			if err := ask(other, "BR"); (err != nil) != (name == "refused") {
				t.Errorf("where the plan refuses connections: %v", err)
			}
			if n := len(s.Journal()); n < 11 || len(other.Journal()) != n {
				t.Errorf("the journal has %d entries, and that of another %d", n, len(other.Journal()))
			}
		})
	}
}
