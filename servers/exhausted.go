package servers

import (
	"context"
	"errors"
	"net"
	"slices"
	"syscall"
)

// ofMachine are the errors of a machine that has no more of something to give.
var ofMachine = []error{
	syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.ENOBUFS, syscall.ENOMEM,
}

// Exhausted returns a channel with the first error by which the machine refused
// the server, or its client, another connection: too many open files, no free
// port, no memory. Neither the plan nor the client has caused such an error.
func (s *Server) Exhausted() <-chan error { return s.exhausted }

// exhaust notes an error if it is one of the machine.
func (s *Server) exhaust(err error) {
	if err == nil || !slices.ContainsFunc(ofMachine, func(of error) bool { return errors.Is(err, of) }) {
		return
	}
	select {
	case s.exhausted <- err:
	default: // an earlier one is there
	}
}

// A watchedListener notes the errors of the machine. net/http tries again after
// them, and reports none.
type watchedListener struct {
	net.Listener
	server *Server
	frame  func(net.Conn) *framedConn // frames a connection; nil if none is framed
}

var _ net.Listener = watchedListener{}

// Accept implements [net.Listener].
func (l watchedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	l.server.exhaust(err)
	if err == nil && l.frame != nil {
		c = l.frame(c)
	}
	return c, err
}

// watched returns a dial that notes the errors of the machine.
func (s *Server) watched(dial func(context.Context) (net.Conn, error)) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		c, err := dial(ctx)
		s.exhaust(err)
		return c, err
	}
}
