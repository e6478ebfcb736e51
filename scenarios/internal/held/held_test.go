package held

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// TestWithTimeout wants a context of a run to be like any other with a timeout,
// but for its end.
func TestWithTimeout(t *testing.T) {
	const limit = time.Second
	for _, tt := range []struct {
		name string
		// the context of a client within that of its task
		within func(context.Context) (context.Context, context.CancelFunc)
	}{
		{"itself", func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} }},
		{"a child", context.WithCancel},
		{"a value", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithValue(ctx, other{}, 1), func() {}
		}},
		{"a longer timeout", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Minute)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := new(Contexts)
				outer, stop := context.WithCancel(c.Within(t.Context()))
				defer stop()

				began := time.Now()
				task, end := WithTimeout(outer, limit)
				ctx, cancel := tt.within(task)
				defer cancel()
				if at, ok := ctx.Deadline(); !ok || at != began.Add(limit) {
					t.Errorf("deadline %v, %v", at, ok)
				}
				<-ctx.Done()
				if took := time.Since(began); took != limit {
					t.Errorf("ended after %v, want %v", took, limit)
				}
				if err := ctx.Err(); err != context.DeadlineExceeded {
					t.Errorf("error %v", err)
				}
				if err := context.Cause(ctx); !errors.Is(err, ErrTimeout) || !os.IsTimeout(err) {
					t.Errorf("cause %v", err)
				}
				if n := net.Error(nil); !errors.As(context.Cause(ctx), &n) || !n.Timeout() {
					t.Error("no timeout for package net")
				}
				end()

				task, end = WithTimeout(outer, limit)
				ctx, cancel = tt.within(task)
				defer cancel()
				end()
				time.Sleep(10 * limit)
				if tt.name != "a longer timeout" && ctx.Err() != nil {
					t.Errorf("the context has ended before the release: %v", ctx.Err())
				}
				c.Release()
				synctest.Wait()
				if ctx.Err() == nil {
					t.Error("the context has outlived the release")
				}

				task, end = WithTimeout(outer, limit)
				stop()
				synctest.Wait()
				if err := task.Err(); err != context.Canceled || context.Cause(task) != context.Canceled {
					t.Errorf("after the end of the run: %v", err)
				}
				end()
			})
		})
	}
}

type other struct{}

// TestBounded has more tasks than can be held.
func TestBounded(t *testing.T) {
	c := new(Contexts)
	ctx := c.Within(t.Context())
	for range mostHeld {
		_, end := WithTimeout(ctx, time.Hour)
		end()
	}
	one, end := WithTimeout(ctx, time.Hour)
	end()
	if one.Err() == nil {
		t.Error("one too many is held")
	}
	c.Release()
}
