//go:build unix

package lean

import (
	"crypto/tls"
	"net"
	"syscall"
)

// alive reports whether a connection that waits for no answer may be used: the
// server has not closed it, nor sent what it was not asked for. Over TLS it may
// have sent tickets.
func alive(c net.Conn) bool {
	secure, isTLS := c.(*tls.Conn)
	if isTLS {
		c = secure.NetConn()
	}
	of, ok := c.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := of.SyscallConn()
	if err != nil {
		return false
	}
	var n int
	var wrong error
	err = raw.Read(func(fd uintptr) bool {
		var one [1]byte
		n, _, wrong = syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true // whatever it was: do not wait
	})
	return err == nil && (wrong == syscall.EAGAIN || wrong == syscall.EWOULDBLOCK || isTLS && n > 0)
}
