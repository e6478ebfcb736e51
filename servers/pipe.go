package servers

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
)

// A memoryConn is one end of a pipe that can be reset as a socket can: by SetLinger(0) and Close.
type memoryConn struct {
	net.Conn
	reset, peer *atomic.Bool // whether this end's Close, and the other's, is a reset
}

// memoryPipe makes a connection and returns its ends.
func memoryPipe() (client, server net.Conn) {
	a, b := net.Pipe()
	var x, y atomic.Bool
	return &memoryConn{a, &x, &y}, &memoryConn{b, &y, &x}
}

// SetLinger is as a socket's: from SetLinger(0) on, Close tells the other end of a reset.
func (c *memoryConn) SetLinger(seconds int) error {
	c.reset.Store(seconds == 0)
	return nil
}

func (c *memoryConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, c.told("read", err)
}

func (c *memoryConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, c.told("write", err)
}

// told is what an end hears of the other's Close.
func (c *memoryConn) told(op string, err error) error {
	if (errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe)) && c.peer.Load() {
		return &net.OpError{Op: op, Net: "memory", Addr: memoryAddr{}, Err: syscall.ECONNRESET}
	}
	return err
}
