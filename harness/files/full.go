package files

import (
	"fmt"
	"syscall"
)

// A full is a reason why there is no room for a file.
type full struct {
	err     syscall.Errno
	numbers func(dir string) string // what there is of it
	remedy  string
}

// fulls are the reasons that systems tell apart: write(2) of Linux names
// ENOSPC, EDQUOT and EFBIG.
var fulls = []full{
	{diskFull, room, "make room, or write to another disk"},
	{syscall.EDQUOT, quota, "make room, or write to another disk"},
	{syscall.EFBIG, fileLimit, "raise the limit, such as with ulimit -f"},
}

func quota(string) string { return "this user may keep no more on the disk" }

// amount writes a number of bytes in the unit that leaves at most four digits.
func amount(bytes uint64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB"}
	for bytes >= 10_000 && len(units) > 1 {
		bytes, units = bytes/1000, units[1:]
	}
	return fmt.Sprintf("%d %s", bytes, units[0])
}
