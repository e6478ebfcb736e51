package chapter

import (
	"context"
	"testing"
	"time"
)

// TestCourtesy wants a pause between any two.
func TestCourtesy(t *testing.T) {
	c := &courtesy{pause: time.Hour}
	c.wait(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c.wait(ctx) // its turn would be in an hour
	if left := time.Until(c.next); left < time.Hour {
		t.Errorf("the third may go in %v, want 2h", left)
	}
}
