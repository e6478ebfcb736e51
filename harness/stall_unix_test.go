//go:build unix

package harness_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
)

// compute takes this much CPU time. Its clock is the only one that a bubble
// does not stop.
func compute(t *testing.T, d time.Duration) {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Error(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	for end := used() + d; used() < end && !t.Failed(); {
	}
}

// TestStallOfWork computes for longer than the virtual clock may stand still,
// before the first task and within one: nothing is stuck.
func TestStallOfWork(t *testing.T) {
	const stall = time.Second
	tr := trial(record.Virtual)
	tr.Stall = stall
	slow := sleeper(constant(time.Second), func(_ context.Context, key string) {
		if key == "3" {
			compute(t, 2*stall)
		}
	})
	tr.Workload = func() (*harness.Workload, error) { compute(t, 2*stall); return slow() }
	rec, got := caught(t, tr)
	if got != "" || rec.Classes[record.OK] != 8 {
		t.Errorf("caught by %q with %v", got, rec.Classes)
	}
}
