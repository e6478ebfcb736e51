package servers

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/teapot-go/teapot/servers/fault"
)

// nowhere is where requests go whose fate strikes before they can be sent: to an address at which nobody listens, and to one that closes
// every connection as soon as it is accepted. The zero value has neither.
type nowhere struct {
	memory          bool
	refuse, closing string     // host and port
	held            []net.Conn // keep the refusing port from being somebody else's
	listener        net.Listener
	running         sync.WaitGroup
}

// open finds the two addresses.
func (n *nowhere) open(memory bool) error {
	if memory {
		n.memory, n.refuse, n.closing = true, "refuse."+memoryAddr{}.String()+":80", "close."+memoryAddr{}.String()+":80"
		return nil
	}
	if err := n.hold(); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		n.close()
		return err
	}
	n.listener, n.closing = l, l.Addr().String()
	n.running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	})
	return nil
}

// hold takes a port at which nobody listens, and nobody can: it is the near end of a connection.
func (n *nowhere) hold() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	n.held, n.refuse = append(n.held, near), near.LocalAddr().String()
	far, err := l.Accept()
	if err != nil {
		return err
	}
	n.held = append(n.held, far)
	return nil
}

// dial connects to one of the two addresses; ok is false for any other.
func (n *nowhere) dial(ctx context.Context, addr string) (c net.Conn, err error, ok bool) {
	if n.refuse == "" || addr != n.refuse && addr != n.closing {
		return nil, nil, false
	}
	if !n.memory {
		c, err = new(net.Dialer).DialContext(ctx, "tcp", addr)
		return c, err, true
	}
	if addr == n.refuse {
		return nil, &net.OpError{Op: "dial", Net: "memory", Addr: memoryAddr{}, Err: syscall.ECONNREFUSED}, true
	}
	client, server := net.Pipe()
	server.Close()
	return client, nil, true
}

func (n *nowhere) close() error {
	var errs []error
	if n.listener != nil {
		if err := n.listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	for _, c := range n.held {
		if err := c.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	n.running.Wait()
	return errors.Join(errs...)
}

// openNowhere gives the requests that the plan does not let arrive a place to go, and the server's client the way to it.
func (s *Server) openNowhere(memory bool) error {
	if !slices.ContainsFunc(s.plan.Faults, func(f Fault) bool { return f.Kind.Unserved() }) {
		return nil
	}
	if err := s.nowhere.open(memory); err != nil {
		return err
	}
	t := s.client.Transport.(*http.Transport)
	dial := t.DialContext
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if c, err, ok := s.nowhere.dial(ctx, addr); ok {
			return c, err
		}
		return dial(ctx, network, addr)
	}
	return nil
}

// URLFor is the server's base URL for a client that is about to ask for a key, for the given attempt (from 1). It is [Server.URL], unless
// the plan has the attempt refused, or its connection closed as soon as it is accepted: then it names an address where that happens, and
// the journal has it, as nobody else could tell. A client that does not ask for it meets an empty answer instead.
func (s *Server) URLFor(key string, attempt int) string {
	now := time.Since(s.started)
	fate := s.plan.FateAt(key, attempt, now)
	if !fate.Fault.Unserved() {
		return s.url
	}
	s.journal.add(Entry{Key: strings.Clone(key), Attempt: attempt, Arrived: now, Planned: fate, Met: fate.Fault})
	scheme, _, _ := strings.Cut(s.url, "://")
	if fate.Fault == fault.Refuse {
		return scheme + "://" + s.nowhere.refuse
	}
	return scheme + "://" + s.nowhere.closing
}
