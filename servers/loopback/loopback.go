// Package loopback listens at this machine's loopback, and tells its names and
// addresses from all others, so that a server that listens there is not reached
// under a foreign name.
//
// A page that a browser has loaded may have a host name of its own resolve to
// 127.0.0.1, which is called DNS rebinding. Its requests then reach a server of
// this machine, and the page may read the answers. They name the page's host,
// by which [Only] refuses them.
package loopback

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// addresses are the machine's own. The second is for a machine without IPv4.
var addresses = [...]string{"127.0.0.1", "::1"}

// Listen listens at a free port of the first loopback address that works.
func Listen() (net.Listener, error) { return first(net.Listen) }

// Host returns the first loopback address that works, and 127.0.0.1 if none
// does.
func Host() string {
	l, err := Listen()
	if err != nil {
		return addresses[0]
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).IP.String()
}

// Dial returns a function that dials as d does, and for localhost or a name
// below it each loopback address until one answers, whatever the machine's
// table of hosts has.
func Dial(d *net.Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil || net.ParseIP(host) != nil || !Name(host) {
			return d.DialContext(ctx, network, address)
		}
		first := error(nil)
		for _, at := range addresses {
			conn, err := d.DialContext(ctx, network, net.JoinHostPort(at, port))
			if err == nil {
				return conn, nil
			}
			if first == nil || !errors.Is(first, syscall.ECONNREFUSED) {
				first = err // a machine without the address says less
			}
		}
		return nil, first
	}
}

// first calls listen for each loopback address, until one works. The error has
// those of all.
func first(listen func(network, address string) (net.Listener, error)) (net.Listener, error) {
	var errs []error
	for _, host := range addresses {
		l, err := listen("tcp", net.JoinHostPort(host, "0"))
		if err == nil {
			return l, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// Reachable returns an address at which a client on this machine reaches a
// listener. The address of all interfaces is not one.
func Reachable(listener net.Addr) string {
	if tcp, ok := listener.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort(addresses[0], strconv.Itoa(tcp.Port))
	}
	return listener.String()
}

// Within returns a control function for a [net.Dialer]: it refuses all
// addresses but those of loopback, whatever a name resolves to, with the error
// elsewhere.
func Within(elsewhere error) func(network, address string, c syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().Unmap().IsLoopback() {
			return elsewhere
		}
		return nil
	}
}

// Name reports whether a host, as a request names it, is a name of loopback:
// localhost, a name below it (RFC 6761, 6.3), or a loopback address, each with
// a port or without. Names differ in case only, and may end with a dot.
func Name(host string) bool {
	host = bare(host)
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// bare is a host without its port, in lower case.
func bare(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// Only answers a request for a name of loopback, or for one of further hosts,
// with next, and refuses one for any other host with status 403 and the text
// refusal. A request of HTTP/1.0 need not name a host: browsers always do.
func Only(next http.Handler, refusal string, further ...string) http.Handler {
	hosts := make([]string, len(further))
	for i, h := range further {
		hosts[i] = bare(h)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "" && !Name(r.Host) && !slices.Contains(hosts, bare(r.Host)) {
			http.Error(w, refusal, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
