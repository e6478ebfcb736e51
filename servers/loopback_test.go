package servers

import (
	"errors"
	"syscall"
	"testing"
)

// TestLoopback wants a client to reach a server at every loopback address.
func TestLoopback(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:0", "[::1]:0"} {
		for _, tls := range []bool{false, true} {
			s, err := Start(Config{Address: address, TLS: tls})
			if address != "" && errors.Is(err, syscall.EADDRNOTAVAIL) {
				continue // this machine does not have it
			}
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.Client().Get(s.URL())
			if err != nil {
				t.Errorf("%q: %v", address, err)
			} else {
				r.Body.Close()
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
