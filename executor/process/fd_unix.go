//go:build unix

package process

import "syscall"

// adopt prepares a descriptor that a child has from its parent, and says
// whether a call that must wait is to block its thread.
func inheritFD(fd int, blocks bool) {
	syscall.CloseOnExec(fd)
	syscall.SetNonblock(fd, !blocks)
}
