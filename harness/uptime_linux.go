package harness

import (
	"time"

	"golang.org/x/sys/unix"
)

// uptime returns the time since the machine started, by a clock that all its
// processes share and nothing sets. The clock of package time is the same.
func uptime() time.Duration {
	var at unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &at) != nil {
		return 0
	}
	return time.Duration(at.Nano())
}
