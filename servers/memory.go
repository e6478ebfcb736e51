package servers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A memoryListener accepts connections that never leave the process, so that a
// server and its clients work in a testing/synctest bubble, whose clock would
// stop while a goroutine waits for a socket.
type memoryListener struct {
	accept  chan net.Conn
	closed  chan struct{}
	once    sync.Once
	dialled atomic.Uint32
}

var _ net.Listener = (*memoryListener)(nil)

func listenMemory() *memoryListener {
	return &memoryListener{accept: make(chan net.Conn), closed: make(chan struct{})}
}

// dial connects to the listener. It fails with net.ErrClosed if the listener is
// closed.
func (l *memoryListener) dial(ctx context.Context) (net.Conn, error) {
	client, server := memoryPipe(memoryAddr(1024 + l.dialled.Add(1)%60000))
	var err error
	select {
	case l.accept <- server:
		return client, nil
	case <-l.closed:
		err = net.ErrClosed
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	client.Close()
	server.Close()
	return nil, &net.OpError{Op: "dial", Net: "memory", Addr: l.Addr(), Err: err}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: "memory", Addr: l.Addr(), Err: net.ErrClosed}
	}
}

func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *memoryListener) Addr() net.Addr { return memoryListens }

// memoryName is the name in the certificate of every server, whatever its
// address.
const memoryName = "teapot.invalid"

// MemoryAddress is the address of every server in memory, as host and port. No
// program listens there: a client that is not the server's own is refused at
// once, without a look-up of a name, a proxy, or a packet that leaves the
// machine.
const MemoryAddress = "127.0.0.1:1"

// A memoryAddr is the port of one end of a connection.
type memoryAddr uint16

const memoryListens memoryAddr = 1

func (memoryAddr) Network() string  { return "memory" }
func (a memoryAddr) String() string { return fmt.Sprintf("127.0.0.1:%d", uint16(a)) }

// A memoryConn is one end of a pipe. Like a socket it can be reset, with
// SetLinger(0) and Close. A Write fails with a reset if the other end is
// closed.
type memoryConn struct {
	net.Conn
	local, remote memoryAddr
	reset, peer   *atomic.Bool // whether Close of this end, and of the other, is a reset
	closed        atomic.Bool  // this end is closed
	ended         atomic.Bool  // a Read has returned the reset; like a socket, the next returns io.EOF
	deadlines     *deadlines
}

// deadlines are those of both ends of a pipe. A net.Pipe keeps the timers of
// its deadlines when it is closed, which looks as if something was left to do.
type deadlines struct {
	mu   sync.Mutex
	ends [2]net.Conn
	over bool // an end is closed
}

// set sets a deadline, unless an end is closed.
func (d *deadlines) set(set func(time.Time) error, t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return io.ErrClosedPipe
	}
	return set(t)
}

// stop removes all deadlines for good.
func (d *deadlines) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	for _, end := range d.ends {
		_ = end.SetDeadline(time.Time{}) // fails if the end is closed, after an earlier stop
	}
}

// memoryPipe makes a connection from a port and returns its ends.
func memoryPipe(from memoryAddr) (client, server net.Conn) {
	a, b := net.Pipe()
	var x, y atomic.Bool
	d := &deadlines{ends: [2]net.Conn{a, b}}
	return &memoryConn{Conn: a, local: from, remote: memoryListens, reset: &x, peer: &y, deadlines: d},
		&memoryConn{Conn: b, local: memoryListens, remote: from, reset: &y, peer: &x, deadlines: d}
}

func (c *memoryConn) LocalAddr() net.Addr  { return c.local }
func (c *memoryConn) RemoteAddr() net.Addr { return c.remote }

// SetLinger makes Close a reset if seconds is 0, like that of a TCP connection.
func (c *memoryConn) SetLinger(seconds int) error {
	c.reset.Store(seconds == 0)
	return nil
}

// Close closes this end.
func (c *memoryConn) Close() error {
	c.closed.Store(true)
	c.deadlines.stop()
	return c.Conn.Close()
}

func (c *memoryConn) SetDeadline(t time.Time) error { return c.deadlines.set(c.Conn.SetDeadline, t) }

func (c *memoryConn) SetReadDeadline(t time.Time) error {
	return c.deadlines.set(c.Conn.SetReadDeadline, t)
}

func (c *memoryConn) SetWriteDeadline(t time.Time) error {
	return c.deadlines.set(c.Conn.SetWriteDeadline, t)
}

func (c *memoryConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err = c.asSocket("read", err); errors.Is(err, syscall.ECONNRESET) && c.ended.Swap(true) {
		err = io.EOF
	}
	return n, err
}

func (c *memoryConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, c.asSocket("write", err)
}

// asSocket returns the error that a socket would return instead of err.
func (c *memoryConn) asSocket(op string, err error) error {
	over := errors.Is(err, io.ErrClosedPipe)
	switch {
	case (errors.Is(err, io.EOF) || over) && c.peer.Load(), over && !c.closed.Load():
		err = syscall.ECONNRESET
	case over:
		err = net.ErrClosed
	default:
		return err
	}
	return &net.OpError{Op: op, Net: "memory", Addr: memoryListens, Err: err}
}
