//go:build unix

package process

import "syscall"

// inheritFD prepares a descriptor that a child has from its parent. If blocks
// is true, a call that waits blocks its thread.
func inheritFD(fd int, blocks bool) {
	syscall.CloseOnExec(fd)
	syscall.SetNonblock(fd, !blocks)
}
