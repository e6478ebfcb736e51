package scenarios_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// TestTimeoutIsRecognised has clients that each know a timeout by another of
// the usual ways, before the head and within the body.
func TestTimeoutIsRecognised(t *testing.T) {
	ways := map[string]func(error) bool{
		"errors.Is": func(err error) bool { return errors.Is(err, context.DeadlineExceeded) },
		"net.Error": func(err error) bool { n, ok := errors.AsType[net.Error](err); return ok && n.Timeout() },
		"os":        os.IsTimeout,
	}
	for way, is := range ways {
		for _, faults := range []string{
			"[{kind: hang, rate: 1}]", "[{kind: hang_body, rate: 1}]", "[], latency: 1m",
			"[], latency: 1m, spend: before_body",
		} {
			for _, protocol := range new(scenarios.Server).Protocol.Values() {
				v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(
					func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
						return fetched(ctx, server, server.URLFor(key, attempt)+servers.FlagPath(key), is)
					})}}
				s := parsed(t, v, `name: slow
clock: virtual
server: {protocol: `+protocol+`, faults: `+faults+`}
workload: {task: fetch, flags: [BR, CN], timeout: 2s}
executors: [{kind: sequential}]
`)
				if got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s); got != "sequential" {
					t.Errorf("%s, %s over %s: %s %v", way, faults, protocol, got, recs[0].Violations)
				}
			}
		}
	}
}

// fetched gets a page in the plainest way there is; is says of an error whether
// it is a timeout.
func fetched(ctx context.Context, server *servers.Server, url string, is func(error) bool) record.Seen {
	failed := func(err error) record.Seen {
		if is(err) {
			return record.Seen{Class: record.Timeout, Error: err.Error()}
		}
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return failed(err)
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		return failed(err)
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil {
		return failed(err)
	}
	return record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode, Bytes: n}
}
