package fault

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
)

// Nowhere is where requests go whose fate strikes before they can be sent: to
// an address at which nobody listens, and to one that closes every connection
// as soon as it is accepted. The zero value has neither.
type Nowhere struct {
	Refusing, Closing string // the two, as host and port

	memory   bool
	held     []net.Conn // keep the refusing port from being somebody else's
	listener net.Listener
	running  sync.WaitGroup
}

// OpenMemory makes up two addresses below the name of a server in memory.
func (n *Nowhere) OpenMemory(name string) {
	n.memory, n.Refusing, n.Closing = true, "refuse."+name+":80", "close."+name+":80"
}

// Open finds two addresses on loopback.
func (n *Nowhere) Open() error {
	if err := n.hold(); err != nil {
		return errors.Join(err, n.Close())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, n.Close())
	}
	n.listener, n.Closing = l, l.Addr().String()
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

// hold takes a port at which nobody listens, and nobody can: it is the near end
// of a connection.
func (n *Nowhere) hold() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	n.held, n.Refusing = append(n.held, near), near.LocalAddr().String()
	far, err := l.Accept()
	if err != nil {
		return err
	}
	n.held = append(n.held, far)
	return nil
}

// Dial connects to one of the two addresses; ok is false for any other.
func (n *Nowhere) Dial(ctx context.Context, addr string) (c net.Conn, ok bool, err error) {
	if n.Refusing == "" || addr != n.Refusing && addr != n.Closing {
		return nil, false, nil
	}
	if !n.memory {
		c, err = new(net.Dialer).DialContext(ctx, "tcp", addr)
		return c, true, err
	}
	if addr == n.Refusing {
		return nil, true, &net.OpError{Op: "dial", Net: "memory", Err: syscall.ECONNREFUSED}
	}
	client, _ := net.Pipe()
	return &closedConn{Conn: client}, true, nil
}

// A closedConn is a connection in memory that the other end has closed. Of the
// two ways in which a socket may tell it, an end to who reads and a reset to
// who writes, it tells the reset alone, and from then on to both: net/http
// reads and writes at once, and would say sometimes this of it and sometimes
// that, so that equal seeds would not give equal recordings.
type closedConn struct {
	net.Conn
	reset atomic.Bool // it has been told
}

// Read waits until this end is closed.
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

var errReset error = &net.OpError{Op: "write", Net: "memory", Err: syscall.ECONNRESET}

// Close closes the two addresses, and waits.
func (n *Nowhere) Close() error {
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
