//go:build unix

package harness

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestLateness has another program stop this one for a while.
func TestLateness(t *testing.T) {
	late := watchLateness()
	stop := fmt.Sprintf("kill -STOP %d; sleep 0.3; kill -CONT %d", os.Getpid(), os.Getpid())
	if out, err := exec.Command("sh", "-c", stop).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got := late.end(); got < 300*time.Millisecond-2*lateLook {
		t.Errorf("stopped for 0.3 s, got %v", got)
	}
}
