package servers

import (
	"errors"
	"net"
	"slices"
	"syscall"
	"testing"
)

// TestFirstLoopback wants ::1 only where 127.0.0.1 does not work, and all
// errors where none does.
func TestFirstLoopback(t *testing.T) {
	cut := errors.New("no such address")
	for _, tt := range []struct {
		broken, want []string // addresses that fail, and those that are tried
	}{
		{nil, []string{"127.0.0.1:0"}},
		{[]string{"127.0.0.1:0"}, []string{"127.0.0.1:0", "[::1]:0"}},
		{[]string{"127.0.0.1:0", "[::1]:0"}, []string{"127.0.0.1:0", "[::1]:0"}},
	} {
		var tried []string
		l, err := firstLoopback(func(network, address string) (net.Listener, error) {
			tried = append(tried, address)
			if slices.Contains(tt.broken, address) {
				return nil, &net.OpError{Op: "listen", Net: network, Err: cut}
			}
			return &net.TCPListener{}, nil
		})
		failed := len(tt.broken) == len(loopbacks)
		if !slices.Equal(tried, tt.want) || (l == nil) != failed || errors.Is(err, cut) != failed {
			t.Errorf("%v broken: tried %v, %v and %v", tt.broken, tried, l, err)
		}
	}
}

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
