package servers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/teapot-go/teapot/servers/interleave"
)

// A memoryListener accepts connections that never leave the process, so that a
// server and its clients work in a testing/synctest bubble, whose clock would
// stop while a goroutine waits for a socket.
type memoryListener struct {
	accept  chan net.Conn
	closed  chan struct{}
	once    sync.Once
	dialled atomic.Uint32
	turns   *atomic.Pointer[interleave.Turns] // of its connections; may be nil
}

var _ net.Listener = (*memoryListener)(nil)

func listenMemory() *memoryListener {
	return &memoryListener{accept: make(chan net.Conn), closed: make(chan struct{})}
}

// dial connects to the listener. It fails with net.ErrClosed if the listener is
// closed.
func (l *memoryListener) dial(ctx context.Context) (net.Conn, error) {
	client, server := memoryPipe(memoryAddr(1024 + l.dialled.Add(1)%60000))
	client.turns, server.turns = l.turns, l.turns
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
func (a memoryAddr) String() string { return "127.0.0.1:" + strconv.Itoa(int(a)) }

// A memoryConn is one end of a connection: it reads from one stream and writes
// to the other. Like a socket it can be reset, with SetLinger(0) and Close. A
// Write fails with a reset if the other end is closed.
type memoryConn struct {
	local, remote memoryAddr
	in, out       *stream
	reset         atomic.Bool // Close is a reset
	turns         *atomic.Pointer[interleave.Turns]
}

var _ net.Conn = (*memoryConn)(nil)

// memoryPipe makes a connection from a port and returns its ends.
func memoryPipe(from memoryAddr) (client, server *memoryConn) {
	up, down := newStream(), newStream()
	return &memoryConn{local: from, remote: memoryListens, in: down, out: up},
		&memoryConn{local: memoryListens, remote: from, in: up, out: down}
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
	c.in.deafen()
	c.out.end(c.reset.Load())
	return nil
}

func (c *memoryConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *memoryConn) SetReadDeadline(t time.Time) error {
	return c.failed("set", c.in.setReading(t))
}

func (c *memoryConn) SetWriteDeadline(t time.Time) error {
	return c.failed("set", c.out.setWriting(t))
}

func (c *memoryConn) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	if n > 0 || err == io.EOF || errors.Is(err, syscall.ECONNRESET) {
		c.yield()
	}
	return n, c.failed("read", err)
}

func (c *memoryConn) Write(p []byte) (int, error) {
	n, err := c.out.Write(p)
	return n, c.failed("write", err)
}

// yield lets others go on first, now that something has arrived. A reader holds
// no lock that it may not hold while it waits for the other end. A writer may.
func (c *memoryConn) yield() {
	if c.turns == nil {
		return
	}
	if turns := c.turns.Load(); turns != nil {
		turns.Yield(fmt.Sprintf("connection %d at %d", max(c.local, c.remote), c.local))
	}
}

// failed returns err as package net does.
func (c *memoryConn) failed(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "memory", Addr: memoryListens, Err: err}
}
