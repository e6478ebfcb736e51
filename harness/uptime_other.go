//go:build !linux

package harness

import "time"

// uptime returns 0: there is no clock that all processes of the machine share
// and nothing sets.
func uptime() time.Duration { return 0 }
