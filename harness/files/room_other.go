//go:build !linux && !darwin && !freebsd

package files

import "syscall"

// diskFull is ERROR_DISK_FULL of Windows.
const diskFull = syscall.Errno(112)

func room(string) string { return "its disk is full" }

func fileLimit(string) string { return "its disk takes no file as long as this" }
