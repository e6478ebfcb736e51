// Package held makes contexts with a timeout that live on until the end of a
// run. The end of its context closes a response body that a client has
// forgotten: a context that ended with its task would hide that leak.
package held

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Contexts keeps the contexts of tasks alive that have ended. The zero value is
// ready to use, and all methods may be called concurrently.
type Contexts struct {
	mu       sync.Mutex
	held     []context.CancelFunc
	released bool
}

// mostHeld bounds what a run keeps in memory. The contexts of later tasks end
// with their tasks: a client that forgets bodies forgets early ones too.
const mostHeld = 10_000

type key struct{}

// Within returns a context in which c holds the contexts of [WithTimeout].
func (c *Contexts) Within(ctx context.Context) context.Context {
	return context.WithValue(ctx, key{}, c)
}

// WithTimeout returns a context that ends after timeout, with the cause
// [ErrTimeout]. A timeout of 0 means no limit. Within [Contexts], a context
// that has not ended when the function is called lives on until the release.
func WithTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout == 0 {
		return ctx, func() {}
	}
	if c, ok := ctx.Value(key{}).(*Contexts); ok {
		return c.timeout(ctx, timeout)
	}
	return context.WithTimeoutCause(ctx, timeout, ErrTimeout)
}

// keep calls cancel at the release, or at once if too much is held already.
func (c *Contexts) keep(cancel context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.released || len(c.held) >= mostHeld {
		cancel()
		return
	}
	c.held = append(c.held, cancel)
}

// Release ends every context, and later ones end with their tasks.
func (c *Contexts) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.released = true
	for _, cancel := range c.held {
		cancel()
	}
	c.held = nil
}

// timeout returns a context that ends after d. end stops the time: the context
// then lives on until the release.
func (c *Contexts) timeout(parent context.Context, d time.Duration) (ctx context.Context, end func()) {
	inner, cancel := context.WithCancelCause(parent)
	t := &timed{Context: inner, done: make(chan struct{}), deadline: time.Now().Add(d)}
	if earlier, ok := parent.Deadline(); ok && earlier.Before(t.deadline) {
		t.deadline = earlier
	}
	timer := time.AfterFunc(d, func() {
		t.over.Store(true)
		cancel(ErrTimeout)
	})
	// package context hands down the error and the cause of a context that has
	// an AfterFunc
	ctx, release := context.WithCancel(t)
	release = sync.OnceFunc(both(release, func() { cancel(context.Canceled) }))
	return ctx, func() {
		if timer.Stop() {
			t.stopped.Store(true)
			c.keep(release)
		} else {
			release()
		}
	}
}

func both(f, g func()) func() {
	return func() { f(); g() }
}

// A timed is a context with a deadline whose time can be stopped without an end
// of the context. Only its children are handed out.
type timed struct {
	context.Context               // ends at the deadline, with the cause
	done            chan struct{} // never closed: makes package context call AfterFunc
	deadline        time.Time
	over            atomic.Bool // the deadline has passed
	stopped         atomic.Bool // it never will
}

var _ context.Context = (*timed)(nil)

func (t *timed) Deadline() (time.Time, bool) {
	if t.stopped.Load() {
		return t.Context.Deadline()
	}
	return t.deadline, true
}

func (t *timed) Done() <-chan struct{} { return t.done }

func (t *timed) Err() error {
	err := t.Context.Err()
	if err != nil && t.over.Load() {
		return context.DeadlineExceeded
	}
	return err
}

// AfterFunc is what package context calls to follow a context of a foreign
// type.
func (t *timed) AfterFunc(f func()) (stop func() bool) { return context.AfterFunc(t.Context, f) }
