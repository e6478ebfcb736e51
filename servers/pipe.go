package servers

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
)

// A memoryConn is one end of a pipe that can be reset as a socket can: by
// SetLinger(0) and Close. What is written to one whose other end is closed is
// answered with a reset too.
type memoryConn struct {
	net.Conn
	reset, peer *atomic.Bool // whether this end's Close, and the other's, is a reset
	closed      atomic.Bool  // this end is
	over        atomic.Bool  // a read has heard of the reset, which a socket tells once: whoever reads again is at the end
}

// memoryPipe makes a connection and returns its ends.
func memoryPipe() (client, server net.Conn) {
	a, b := net.Pipe()
	var x, y atomic.Bool
	return &memoryConn{Conn: a, reset: &x, peer: &y}, &memoryConn{Conn: b, reset: &y, peer: &x}
}

// SetLinger is as a socket's: from SetLinger(0) on, Close tells the other end
// of a reset.
func (c *memoryConn) SetLinger(seconds int) error {
	c.reset.Store(seconds == 0)
	return nil
}

// Close closes this end.
func (c *memoryConn) Close() error {
	c.closed.Store(true)
	return c.Conn.Close()
}

func (c *memoryConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err = c.told("read", err); errors.Is(err, syscall.ECONNRESET) && c.over.Swap(true) {
		err = io.EOF
	}
	return n, err
}

func (c *memoryConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, c.told("write", err)
}

// told is what an end hears of the other's Close, or of its own.
func (c *memoryConn) told(op string, err error) error {
	over := errors.Is(err, io.ErrClosedPipe)
	switch {
	case (errors.Is(err, io.EOF) || over) && c.peer.Load(), over && !c.closed.Load():
		err = syscall.ECONNRESET
	case over:
		err = net.ErrClosed
	default:
		return err
	}
	return &net.OpError{Op: op, Net: "memory", Addr: memoryAddr{}, Err: err}
}
