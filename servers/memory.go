package servers

import (
	"context"
	"net"
	"sync"
)

// A memoryListener accepts connections that never leave the process, so that a
// server and its clients can live in a testing/synctest bubble, where a
// goroutine that waits for a socket would stop the clock.
type memoryListener struct {
	accept chan net.Conn
	closed chan struct{}
	once   sync.Once
}

var _ net.Listener = (*memoryListener)(nil)

func listenMemory() *memoryListener {
	return &memoryListener{accept: make(chan net.Conn), closed: make(chan struct{})}
}

// dial connects to the listener; net.ErrClosed says that nobody listens any
// more.
func (l *memoryListener) dial(ctx context.Context) (net.Conn, error) {
	client, server := memoryPipe()
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

func (l *memoryListener) Addr() net.Addr { return memoryAddr{} }

// memoryName is what a server in memory is called; the certificates of all
// servers bear it too.
const memoryName = "teapot.invalid"

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return memoryName }
