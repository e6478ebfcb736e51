package servers

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryListener(t *testing.T) {
	t.Run("connects", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := listenMemory()
			defer l.Close()
			go func() {
				c, err := l.Accept()
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				c.Write([]byte("tea"))
			}()
			c, err := l.dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			got := make([]byte, 3)
			if n, err := c.Read(got); string(got[:n]) != "tea" {
				t.Errorf("got %q, %v", got[:n], err)
			}
		})
	})
	t.Run("does not let a dial wait beyond its context", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := listenMemory()
			defer l.Close()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if c, err := l.dial(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, %v where no listener accepts", c, err)
			}
		})
	})
	t.Run("ends every wait with Close", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			accepting, dialled := listenMemory(), listenMemory()
			errs := make(chan error, 2)
			go func() {
				_, err := accepting.Accept()
				errs <- err
			}()
			go func() {
				_, err := dialled.dial(t.Context())
				errs <- err
			}()
			synctest.Wait()
			for _, l := range []net.Listener{accepting, dialled, accepting, dialled} {
				if err := l.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}
			for range 2 {
				if err := <-errs; !errors.Is(err, net.ErrClosed) {
					t.Errorf("got %v, want %v", err, net.ErrClosed)
				}
			}
			if _, err := accepting.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("accept after Close: got %v", err)
			}
			if _, err := accepting.dial(t.Context()); !errors.Is(err, net.ErrClosed) {
				t.Errorf("dial after Close: got %v", err)
			}
		})
	})
}
