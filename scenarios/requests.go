package scenarios

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// A RequestFunc asks the server for the flag of a key with the client under
// test, and says what that client reports in the end. It returns early when ctx
// is done, which it is when the workload's timeout is over.
//
// Where the workload allows more than one attempt, ctx does not have the
// timeout, which is for each attempt: a client keeps it, or takes it from
// [Attempts]. The server counts a client's requests for a key as its attempts,
// unless the client numbers them, from 1, in [servers.Server.URLFor] and the
// header [servers.AttemptHeader].
type RequestFunc func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen

// RequestWorkload makes a task of a request: the server's plan says what each
// should meet, and the workload's timeout bounds it.
func RequestWorkload(request RequestFunc) WorkloadFunc {
	return func(s *Scenario, server *servers.Server) (*harness.Workload, error) {
		if server == nil {
			return nil, fmt.Errorf("the task %s needs a server", s.Workload.Task)
		}
		plan, timeout := s.plan(), time.Duration(s.Workload.Timeout)
		return &harness.Workload{
			Oracle: oracle.Oracle{
				Attempts: int(s.Workload.Attempts),
				Epoch:    server.Started(),
				Plan: func(key string, attempt int) record.Planned {
					return oracle.Truth(plan.Fate(key, attempt), timeout)
				},
				Truth: func(e servers.Entry) record.Planned {
					f := e.Planned
					f.Status = plan.FateAt(e.Key, e.Attempt, e.Arrived).Status // which the journal leaves open where the content decides
					p := oracle.TruthOf(e, f, timeout)
					if e.Status == http.StatusOK && e.Met.Body() != fault.PartialBody { // of a part, and of what is behind an end, a client may read less
						p.PlannedBytes, p.Inflates = e.Bytes, s.Server.Body.Size != nil
					}
					return p
				},
			},
			Do: func(ctx context.Context, key string, attempt int) record.Seen {
				ctx, cancel := allow(ctx, int(s.Workload.Attempts), timeout)
				defer cancel()
				return request(ctx, server, key, attempt)
			},
		}, nil
	}
}
