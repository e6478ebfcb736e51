package servers

import (
	"context"
	"sync/atomic"
	"time"
)

// An instant counts the requests that come while no time passes.
type instant struct{ at, n atomic.Int64 }

// comes counts a request that comes at a time, or a dial that is refused, and
// holds it up if the server is braked.
func (s *Server) comes(ctx context.Context, at time.Duration) {
	if s.instant.at.Swap(int64(at)) != int64(at) {
		s.instant.n.Store(0)
	}
	if s.instant.n.Add(1); !s.braked.Load() {
		return
	}
	timer := time.NewTimer(10 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Instant returns how many requests have come at the very instant of the
// latest, as they do under a virtual clock until it moves on.
func (s *Server) Instant() int { return int(s.instant.n.Load()) }

// Brake has every further request take ten milliseconds more, beyond its plan,
// so that a virtual clock moves on although a client tries again at once for as
// long as it fails. It is for a run that is given up.
func (s *Server) Brake() { s.braked.Store(true) }
