// Package unreachable opens addresses that no request gets through to.
package unreachable

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Addresses are two addresses: one refuses connections, the other accepts each
// and closes it at once. The zero value has neither.
type Addresses struct {
	Refusing, Closing string // as host and port

	memory   bool
	held     []net.Conn // keep other programs from listening at the refusing port
	listener net.Listener
	running  sync.WaitGroup
}

// OpenMemory names two addresses of this machine at which no program listens. A
// client must dial them with Dial.
func (a *Addresses) OpenMemory() {
	a.memory, a.Refusing, a.Closing = true, "127.0.0.1:2", "127.0.0.1:3"
}

// Open opens the two addresses. It calls listen for a free port of this
// machine.
func (a *Addresses) Open(listen func() (net.Listener, error)) error {
	if err := a.hold(listen); err != nil {
		return errors.Join(err, a.Close())
	}
	l, err := listen()
	if err != nil {
		return errors.Join(err, a.Close())
	}
	a.listener, a.Closing = l, l.Addr().String()
	a.running.Go(func() {
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

// hold takes a port that refuses connections, and at which no other program can
// listen: it is the near end of a connection.
func (a *Addresses) hold(listen func() (net.Listener, error)) error {
	l, err := listen()
	if err != nil {
		return err
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	a.held, a.Refusing = append(a.held, near), near.LocalAddr().String()
	far, err := l.Accept()
	if err != nil {
		return err
	}
	a.held = append(a.held, far)
	return nil
}

// Has reports whether an address is one of the two.
func (a *Addresses) Has(addr string) bool {
	return a.Refusing != "" && (addr == a.Refusing || addr == a.Closing)
}

// Dial connects to one of the two addresses.
func (a *Addresses) Dial(ctx context.Context, addr string) (net.Conn, error) {
	if !a.memory {
		return new(net.Dialer).DialContext(ctx, "tcp", addr)
	}
	if addr == a.Refusing {
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: syscall.ECONNREFUSED}
	}
	client, _ := net.Pipe()
	return &closedConn{Conn: client}, nil
}

// A closedConn is a connection in memory that the other end has closed. A
// socket reports that as the end to a reader, and as a reset to a writer. A
// closedConn reports only the reset, and to both, once a Write has failed.
// net/http reads and writes at once: it would report sometimes the one and
// sometimes the other, and equal seeds would not give equal recordings.
type closedConn struct {
	net.Conn
	reset atomic.Bool // a Write has failed
}

// Read waits until this end is closed, and fails.
func (c *closedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.ErrClosedPipe) {
		if err = errReset; !c.reset.Load() {
			err = &net.OpError{Op: "read", Net: "memory", Err: net.ErrClosed}
		}
	}
	return n, err
}

// Write fails.
func (c *closedConn) Write([]byte) (int, error) {
	c.reset.Store(true)
	return 0, errReset
}

// Close closes this end. A net.Pipe would keep the timers of its deadlines.
func (c *closedConn) Close() error {
	_ = c.SetDeadline(time.Time{}) // fails if it is closed
	return c.Conn.Close()
}

var errReset error = &net.OpError{Op: "write", Net: "memory", Err: syscall.ECONNRESET}

// Close closes the two addresses, and waits for the accept loop, which ends at
// once.
func (a *Addresses) Close() error {
	var errs []error
	if a.listener != nil {
		if err := a.listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	for _, c := range a.held {
		if err := c.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	a.running.Wait()
	return errors.Join(errs...)
}
