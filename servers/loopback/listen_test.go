package loopback

import (
	"context"
	"errors"
	"net"
	"slices"
	"syscall"
	"testing"
)

// TestFirst wants ::1 only where 127.0.0.1 does not work, and all
// errors where none does.
func TestFirst(t *testing.T) {
	cut := errors.New("no such address")
	for _, tt := range []struct {
		broken, want []string // addresses that fail, and those that are tried
	}{
		{nil, []string{"127.0.0.1:0"}},
		{[]string{"127.0.0.1:0"}, []string{"127.0.0.1:0", "[::1]:0"}},
		{[]string{"127.0.0.1:0", "[::1]:0"}, []string{"127.0.0.1:0", "[::1]:0"}},
	} {
		var tried []string
		l, err := first(func(network, address string) (net.Listener, error) {
			tried = append(tried, address)
			if slices.Contains(tt.broken, address) {
				return nil, &net.OpError{Op: "listen", Net: network, Err: cut}
			}
			return &net.TCPListener{}, nil
		})
		failed := len(tt.broken) == len(addresses)
		if !slices.Equal(tried, tt.want) || (l == nil) != failed || errors.Is(err, cut) != failed {
			t.Errorf("%v broken: tried %v, %v and %v", tt.broken, tried, l, err)
		}
	}
}

func TestWithin(t *testing.T) {
	elsewhere := errors.New("elsewhere")
	for address, want := range map[string]error{
		"127.0.0.1:80": nil, "[::1]:80": nil, "[::ffff:127.0.0.1]:1": nil, "127.9.9.9:0": nil,
		"192.0.2.1:80": elsewhere, "[fd00::1]:80": elsewhere, "localhost:80": elsewhere, "127.0.0.1": elsewhere,
		"": elsewhere,
	} {
		if got := Within(elsewhere)("tcp", address, nil); got != want {
			t.Errorf("%q: got %v, want %v", address, got, want)
		}
	}
}

func TestReachable(t *testing.T) {
	for _, tt := range []struct {
		listener net.Addr
		want     string
	}{
		{&net.TCPAddr{IP: net.IPv4zero, Port: 80}, "127.0.0.1:80"},
		{&net.TCPAddr{IP: net.IPv6unspecified, Port: 80}, "127.0.0.1:80"},
		{&net.TCPAddr{IP: net.IPv6loopback, Port: 80}, "[::1]:80"},
		{&net.UnixAddr{Name: "/tea", Net: "unix"}, "/tea"},
	} {
		if got := Reachable(tt.listener); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.listener, got, tt.want)
		}
	}
}

// TestDial has a server at one loopback address alone: localhost reaches it,
// whatever the machine's table of hosts has.
func TestDial(t *testing.T) {
	for _, host := range addresses {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Logf("this machine has no %s", host)
			continue
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		dial := Dial(&net.Dialer{Control: Within(errors.New("elsewhere"))})
		for _, name := range []string{"localhost", "shop.localhost", host} {
			conn, err := dial(context.Background(), "tcp", net.JoinHostPort(name, port))
			if err != nil {
				t.Errorf("%s at %s: %v", name, host, err)
				continue
			}
			if at := conn.RemoteAddr().String(); at != l.Addr().String() {
				t.Errorf("%s is %s, want %s", name, at, l.Addr())
			}
			conn.Close()
		}
		l.Close()
		if _, err := dial(context.Background(), "tcp", "localhost:"+port); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("nothing listens: %v", err)
		}
	}
}

func TestHost(t *testing.T) {
	l, err := net.Listen("tcp", net.JoinHostPort(Host(), "0"))
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}
