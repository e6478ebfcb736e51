package scenarios

import (
	"context"
	"fmt"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios/internal/held"
	"github.com/teapot-go/teapot/servers"
)

// A RequestFunc sends a request for the flag of a key with the client under
// test, and returns what that client reports in the end. It must return early
// when ctx is done, which is when the workload's timeout is over.
//
// If the workload allows more than one attempt, the timeout is for each attempt
// and ctx does not have it, unless workload.retry has timeout: whole. The
// client then applies the timeout itself, or takes the contexts of its attempts
// from [Attempts]. The server counts the client's requests for a key as its
// attempts. A client that numbers its attempts itself, from 1, passes the
// number to [servers.Server.URLFor] and in the header [servers.AttemptHeader].
type RequestFunc func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen

// RequestWorkload returns a task that calls request for each key. The server's
// plan gives the expected result of each call.
func RequestWorkload(request RequestFunc) WorkloadFunc {
	return func(s *Scenario, server *servers.Server) (*harness.Workload, error) {
		if server == nil {
			return nil, fmt.Errorf("the task %s needs a server", s.Workload.Task.Name)
		}
		limits, h, o, success := s.Workload.limits(), new(held.Contexts), s.oracle(), s.success()
		o.Epoch = server.Started()
		return &harness.Workload{
			Oracle: o,
			Do: func(ctx context.Context, key string, attempt int) record.Seen {
				if ctx = h.Within(ctx); success != nil {
					ctx = context.WithValue(ctx, successKey{}, success)
				}
				ctx, cancel := withAttempts(ctx, limits)
				defer cancel()
				ctx, end := server.BeginTask(ctx, key)
				defer end()
				return request(ctx, server, key, attempt)
			},
			Release: h.Release,
		}, nil
	}
}

// oracle returns what the plan of the scenario's server says of its tasks.
func (s *Scenario) oracle() oracle.Oracle {
	limits := s.Workload.limits()
	o := oracle.Of(s.plan(), limits.timeout)
	o.Attempts, o.Retry, o.Whole = limits.attempts, limits.retry, limits.whole
	o.Coarse, o.Plain = s.Expect.Classification == "coarse", s.Expect.Classification == "plain"
	o.Success, o.Part = s.success(), s.Workload.Reads == readsPart
	switch u := s.Workload.Unasked; {
	case s.Workload.Task.Name == "download":
		o.Unasked = oracle.Always
	case u != unaskedUnknown:
		o.Unasked = oracle.Unasked(u)
	}
	o.Queue = s.queue()
	o.Exact = s.Clock == clockVirtual
	return o
}
