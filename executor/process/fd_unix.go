//go:build unix

package process

import "syscall"

// adopt prepares a descriptor that a child has from its parent. A goroutine that blocks in a system call would keep the one that
// it has just made ready from running.
func adopt(fd int) {
	syscall.CloseOnExec(fd)
	syscall.SetNonblock(fd, true)
}
