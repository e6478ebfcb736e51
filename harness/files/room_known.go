//go:build linux || darwin || freebsd

package files

import (
	"fmt"
	"syscall"
)

const diskFull = syscall.ENOSPC

// room describes the disk of a folder. It says the same of each file that
// there is no room for, so that equal errors can be counted.
func room(dir string) string {
	var disk syscall.Statfs_t
	switch {
	case syscall.Statfs(dir, &disk) != nil:
		return "its disk is full"
	case disk.Files > 0 && disk.Ffree == 0: // there is room for bytes, but not for names
		return fmt.Sprintf("its disk may have %d files, and has them", disk.Files)
	}
	return fmt.Sprintf("its disk has %s, and no room for this", amount(disk.Blocks*uint64(disk.Bsize)))
}

// fileLimit describes how long a file of this process may be.
func fileLimit(string) string {
	var length syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_FSIZE, &length) != nil || int64(length.Cur) < 0 {
		return "its disk takes no file as long as this"
	}
	return fmt.Sprintf("a file of this process may have at most %s", amount(uint64(length.Cur)))
}
