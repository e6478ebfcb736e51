package scenarios_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// without is a scenario whose requests go over no connection.
const without = `name: one
clock: CLOCK
server: {transport: handler, latency: 2ms}
workload: {task: fetch, flags: [BR, CN, DE]}
executors: [{kind: pool, workers: 2}]
`

// askFor asks for a flag, and returns the response with its body open.
func askFor(ctx context.Context, c *http.Client, s *servers.Server, key string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+servers.FlagPath(key), nil)
	if err != nil {
		return nil, err
	}
	return c.Do(r)
}

// TestHandlerMistaken has clients that go wrong in a way that a connection
// would show, and says what is said of them without one.
func TestHandlerMistaken(t *testing.T) {
	for name, tt := range map[string]struct {
		request scenarios.RequestFunc
		want    func(*record.Recording) string
	}{
		"leaves bodies open": {
			func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				resp, err := askFor(ctx, s.Client(), s, key)
				return record.Seen{Class: classify.Class(resp, err)}
			},
			func(r *record.Recording) string { return strings.Join(r.Held, "; ") },
		},
		"has a client of its own": {
			func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				resp, err := askFor(ctx, &http.Client{Transport: &http.Transport{}}, s, key)
				if err == nil {
					resp.Body.Close()
				}
				return record.Seen{Class: classify.Class(resp, err)}
			},
			func(r *record.Recording) string { return r.Limit },
		},
	} {
		for _, clock := range []string{"virtual", "real"} {
			t.Run(name+"/"+clock, func(t *testing.T) {
				v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
					"fetch": scenarios.RequestWorkload(tt.request),
				}}
				s := parsed(t, v, without, "CLOCK", clock)
				rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
				if err != nil {
					t.Fatal(err)
				}
				want := map[string]string{
					"leaves bodies open":      "3 response bodies not closed",
					"has a client of its own": "server.Client()",
				}[name]
				if got := tt.want(rec); !strings.Contains(got, want) {
					t.Errorf("got %q, want %q: %v", got, want, rec.Violations)
				}
			})
		}
	}
}
