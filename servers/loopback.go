package servers

import (
	"errors"
	"net"
)

// loopbacks are the machine's own addresses. The second is for a machine
// without IPv4.
var loopbacks = [...]string{"127.0.0.1", "::1"}

// listenLoopback listens at a free port of the first loopback address that
// works.
func listenLoopback() (net.Listener, error) { return firstLoopback(net.Listen) }

// firstLoopback calls listen for each loopback address, until one works. The
// error has those of all.
func firstLoopback(listen func(network, address string) (net.Listener, error)) (net.Listener, error) {
	var errs []error
	for _, host := range loopbacks {
		l, err := listen("tcp", net.JoinHostPort(host, "0"))
		if err == nil {
			return l, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}
