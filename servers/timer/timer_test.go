package timer

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestTimer has a crowd wait for times that come in any order; a third of them
// gives up before. No waiter is woken too early, none is forgotten, and nothing
// is left.
func TestTimer(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for name, timer := range map[string]*Timer{"the system's": New(), "the runtime's": nil} {
		t.Run(name, func(t *testing.T) {
			hopeless, cancel := context.WithCancel(t.Context())
			var wg, gone sync.WaitGroup
			for i := range 300 {
				if i%3 == 0 {
					gone.Go(func() {
						if err := timer.Wait(hopeless, time.Now().Add(time.Hour)); err != context.Canceled {
							t.Errorf("got %v, want that it was cancelled", err)
						}
					})
					continue
				}
				wg.Go(func() {
					at := time.Now().Add(time.Duration(i*7919%20000) * time.Microsecond)
					if err := timer.Wait(t.Context(), at); err != nil {
						t.Error(err)
					}
					if early := time.Until(at); early > 0 {
						t.Errorf("%v too early", early)
					}
				})
			}
			wg.Wait()
			cancel()
			gone.Wait()
			past := time.Now().Add(-time.Hour)
			if err := timer.Wait(t.Context(), past); err != nil {
				t.Error(err)
			}
			if err := timer.Wait(hopeless, past); err == nil {
				t.Error("no error of a context that is done")
			}
			for range 2 {
				if err := timer.Close(); err != nil {
					t.Error(err)
				}
			}
			if timer != nil && len(timer.waiters) > 0 {
				t.Errorf("%d still wait", len(timer.waiters))
			}
		})
	}
}
