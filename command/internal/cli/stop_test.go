package cli

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// TestUntilDone wants the end of an interrupted command as soon as its work has
// ended, and at the latest after the grace.
func TestUntilDone(t *testing.T) {
	from, to := io.Pipe()
	defer from.Close()
	forever := make(chan struct{})
	for name, tt := range map[string]struct {
		work func(*Console) error
		want time.Duration
	}{
		"a read":  {func(c *Console) error { _, err := io.ReadAll(c.Stdin); return err }, 0},
		"a write": {func(c *Console) error { _, err := io.WriteString(c.Stdout, "tea"); return err }, 0},
		"a clean-up": {func(c *Console) error {
			_, err := io.ReadAll(c.Stdin)
			time.Sleep(grace / 5)
			return err
		}, grace / 5},
		"a hang": {func(*Console) error { <-forever; return nil }, grace},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				forever = make(chan struct{})
				defer close(forever)
				from, to = io.Pipe()
				defer from.Close()
				ctx, cancel := context.WithCancel(t.Context())
				began := time.Now()
				ended := make(chan error)
				go func() { ended <- UntilDone(ctx, &Console{Stdin: from, Stdout: to, Stderr: io.Discard}, tt.work) }()
				synctest.Wait() // until the work waits
				cancel()
				err := <-ended
				if took := time.Since(began); took != tt.want || !errors.Is(err, Verdict(StatusInterrupted)) {
					t.Errorf("%v after %v, want the end after %v", err, took, tt.want)
				}
			})
		})
	}
}
