package scenarios

import (
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/limits"
)

// queue returns the server's capacity where the oracle can tell who waits how
// long, and who is refused: under the virtual clock, where each task makes one
// request, whatever that meets. It is nil elsewhere.
func (s *Scenario) queue() *oracle.Queue {
	w := s.Workload
	own := s.Server != nil && s.Server.Capacity != nil && s.Server.RateLimit == nil && !s.Server.Content.foreign()
	if !own || s.Clock != clockVirtual || w.Users != nil || w.Batch != (batchRule{}) || w.limits().attempts > 1 {
		return nil
	}
	c := s.Server.Capacity.limits()
	if c.Policy == limits.Refuse || slices.ContainsFunc(s.plan().Faults, unforeseen) {
		return nil
	}
	return &oracle.Queue{Capacity: c, Timeout: time.Duration(w.Timeout)}
}

// unforeseen reports whether a fault strikes by when a request comes, or may
// have the client, or its transport, send another request, or keep its place
// when the client has its answer.
func unforeseen(f fault.Fault) bool {
	return f.Timed() || f.Kind.Chain() || f.Kind.Unprocessed() || f.Kind == fault.SlowClose ||
		f.Kind == fault.HalfOpen || f.Kind.End() == fault.EndReset
}

// foreseen reports whether the ideal schedule models the server's capacity: the
// built-in client makes one request for each task.
func (s *Scenario) foreseen() bool { return s.queue() != nil && s.Workload.Task.Name == "download" }
