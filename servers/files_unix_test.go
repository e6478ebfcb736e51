//go:build unix

package servers_test

import (
	"syscall"
	"testing"
)

// mayOpen is how many files this process may have open, and every one that it
// starts.
func mayOpen(t *testing.T) int {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	return int(min(limit.Cur, 1<<20))
}
