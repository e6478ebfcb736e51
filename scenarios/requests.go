package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// A RequestFunc sends a request for the flag of a key with the client under
// test, and returns what that client reports in the end. It must return early
// when ctx is done, which is when the workload's timeout is over.
//
// If the workload allows more than one attempt, the timeout is for each attempt
// and ctx does not have it. The client then applies the timeout itself, or
// takes the contexts of its attempts from [Attempts]. The server counts the
// client's requests for a key as its attempts. A client that numbers its
// attempts itself, from 1, passes the number to [servers.Server.URLFor] and in
// the header [servers.AttemptHeader].
type RequestFunc func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen

// RequestWorkload returns a task that calls request for each key. The server's
// plan gives the expected result of each call.
func RequestWorkload(request RequestFunc) WorkloadFunc {
	return func(s *Scenario, server *servers.Server) (*harness.Workload, error) {
		if server == nil {
			return nil, fmt.Errorf("the task %s needs a server", s.Workload.Task)
		}
		plan, timeout := s.plan(), time.Duration(s.Workload.Timeout)
		limits := attemptLimits{s.Workload.attempts(), timeout, s.Workload.policy()}
		h := new(holder)
		return &harness.Workload{
			Oracle: oracle.Oracle{
				Attempts: limits.attempts,
				Retry:    limits.retry,
				Coarse:   s.Expect.Classification == "coarse",
				Exact:    s.Clock == clockVirtual,
				Epoch:    server.Started(),
				Plan: func(key string, occurrence, attempt int) record.Planned {
					fate := plan.FateOf(fault.Request{Key: key, Occurrence: occurrence, Attempt: attempt})
					p := oracle.Truth(fate, timeout)
					if fate.Rule > 0 {
						p.PlannedPause = plan.Faults[fate.Rule-1].RetryAfter
					}
					return p
				},
				Truth: func(e servers.Entry) record.Planned {
					f := e.Planned
					// The journal has no planned status if the content decides
					// it.
					f.Status = plan.FateOf(fault.Request{
						Key: e.Key, Occurrence: e.Occurrence, Attempt: e.Attempt, Since: e.Arrived,
					}).Status
					return oracle.TruthOf(e, f, timeout)
				},
			},
			Do: func(ctx context.Context, key string, attempt int) record.Seen {
				ctx = context.WithValue(ctx, holderKey{}, h)
				ctx, cancel := withAttempts(ctx, limits)
				defer cancel()
				ctx, end := server.BeginTask(ctx, key)
				defer end()
				return request(ctx, server, key, attempt)
			},
			Release: h.release,
		}, nil
	}
}
